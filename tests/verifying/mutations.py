"""Small changes to a recorded reply, each of which makes it another one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from .recorder import Json

Path = tuple[str | int, ...]

STATUS: Path = ("HTTP status",)
_OTHER_STATUS = {200: 400, 400: 404, 404: 400}

Change = Callable[[Any, str | int], None]
"""Changes what a container has at a key or index."""


@dataclass(frozen=True)
class Mutation:
    """A change at a place of the `number`-th reply. The place begins with the number of an event in a stream."""

    number: int
    path: Path
    name: str
    change: Change

    def __str__(self) -> str:
        return f"{self.name} at {'.'.join(map(str, self.path))} of reply {self.number}"

    def of(self, interactions: list[Json]) -> list[Json]:
        """The cassette with this change."""
        changed = deepcopy(interactions)
        response = changed[self.number]["response"]
        if self.path == STATUS:
            self.change(response["status"], "code")
            return changed
        whole = [_parsed(response["body"]["string"])]
        container: Any = whole
        path: Path = (0, *self.path)
        for key in path[:-1]:
            container = container[key]
        self.change(container, path[-1])
        response["body"]["string"] = _written(whole[0])
        return changed


def mutations(interactions: list[Json]) -> Iterator[Mutation]:
    """All there are, of replies of the Assistants API."""
    for number, interaction in enumerate(interactions):
        if "/files/" in interaction["request"]["uri"]:
            continue
        yield Mutation(number, STATUS, "another status", lambda at, key: at.update({key: _OTHER_STATUS[at[key]]}))
        reply = _parsed(interaction["response"]["body"]["string"])
        for path, value in _places(reply, ()):
            for name, change in _changes(path, value):
                yield Mutation(number, path, name, change)


def _parsed(body: str) -> Any:
    """The JSON of a reply; of a stream a list of pairs of a name and data."""
    if not body.startswith("event:"):
        return json.loads(body)
    events = [block.split("\n") for block in body.strip().split("\n\n")]
    return [[name[7:], data[6:] if data.endswith("[DONE]") else json.loads(data[6:])] for name, data in events]


def _written(reply: Any) -> str:
    if isinstance(reply, list):
        return "".join(f"event: {name}\ndata: {data if isinstance(data, str) else json.dumps(data)}\n\n" for name, data in reply)
    return json.dumps(reply)


def _places(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from _places(each, (*path, key))


def _changes(path: Path, value: Any) -> Iterator[tuple[str, Change]]:
    if path and isinstance(path[-1], str):
        yield "no such key", lambda at, key: at.pop(key)
    if isinstance(value, dict):
        yield "one more key", lambda at, key: at[key].update(unheard_of=1)
        if len(value) > 1:
            yield "another order of keys", _reversed
        return
    if isinstance(value, list):
        is_event = len(path) == 1
        if value and not is_event:
            yield "an item less", lambda at, key: at[key].pop()
            yield "an item twice", lambda at, key: at[key].append(deepcopy(at[key][-1]))
        if len(value) > 1 and value[0] != value[-1] and not is_event:
            yield "another order", lambda at, key: at[key].reverse()
        return
    other = _other(value)
    yield f"{value!r:.20} is {other!r:.20}", lambda at, key: at.__setitem__(key, other)
    if value is not None:
        yield "null", lambda at, key: at.__setitem__(key, None)


def _reversed(at: Any, key: str | int) -> None:
    at[key] = dict(reversed(at[key].items()))


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    return "unheard of" if value is None else f"{value}~"


_WORDS = re.compile(
    r"(\.content\.\d+\.text|\.code_interpreter|\.file_search\.results|\.function|\.usage|\.last_error|\.incomplete_details|"
    r"\.required_action|\.delta)(\.|$)"
)
"""Where a reply has what the model has said, used up or refused."""


def is_beyond_comparison(mutation: Mutation, interactions: list[Json]) -> bool:
    """Whether nothing can tell: a point in time, the id that something was given, or words of the model that stand nowhere else."""
    if mutation.path == STATUS:
        return False
    value: Any = _parsed(interactions[mutation.number]["response"]["body"]["string"])
    for key in mutation.path:
        value = value[key]
    key = mutation.path[-1] if mutation.path else ""
    if " is " in mutation.name and (key == "id" or (str(key).endswith("_at") and isinstance(value, int))):
        return True
    where = f".{'.'.join(map(str, mutation.path))}"
    if ".usage." in where and isinstance(value, int):
        return True  # one number is as good as another; see the test of tokens
    return _WORDS.search(where) is not None and _times(value, interactions) < 2


def _times(value: Any, interactions: list[Json]) -> int:
    """How often replies have this value."""
    replies = [_parsed(each["response"]["body"]["string"]) for each in interactions if "/files/" not in each["request"]["uri"]]
    return [found for _, found in _places(replies, ())].count(value)
