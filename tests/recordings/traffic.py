"""Recorded traffic of the original, and the form in which ours is comparable to it: ids numbered by kind, seconds taken out."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"
needs_recordings = pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings are not part of the project")

_ID = re.compile(r"\b(asst|thread|msg|run|step|call)_[A-Za-z0-9]{20,}\b")


@cache
def recordings(name: str) -> list[Json]:
    """The exchanges of a file, none where the recordings are not at hand."""
    path = RECORDINGS / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def second_version() -> list[Json]:
    """What was said to and by the Assistants API in its second version."""
    return [exchange for exchange in recordings("assistants.jsonl") if exchange["beta"] == "assistants=v2"]


@cache
def conversations() -> dict[str, list[Json]]:
    """The exchanges of one recorded file each, in their order."""
    found: dict[str, list[Json]] = defaultdict(list)
    for exchange in second_version():
        found[exchange["source"]].append(exchange)
    return {source: sorted(exchanges, key=lambda exchange: exchange["index"]) for source, exchanges in found.items()}


def path_of(exchange: Json) -> str:
    """The path below the base URL, with its query."""
    return str(exchange["url"]).partition("/v1")[2]


def events_of(exchange: Json) -> list[tuple[str, Any]]:
    """The events of a streamed reply; empty where it is none."""
    response = exchange["response"]
    if not isinstance(response, dict):
        return []
    return [(name, data) for name, data in response.get("__sse__", ())]


def sse(content: bytes) -> list[tuple[str, Any]]:
    """The events of a stream of ours, which has to be framed exactly as recorded."""
    events = []
    blocks = content.decode().split("\n\n")
    assert blocks.pop() == ""
    for block in blocks:
        first, second = block.split("\n")
        name, data = first.removeprefix("event: "), second.removeprefix("data: ")
        events.append((name, data if data == "[DONE]" else json.loads(data)))
    return events


class Normal:
    """Replaces ids by their kind and number of appearance, and points in time by their being one."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = defaultdict(int)

    def __call__(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._text(key): "<time>" if _is_time(key, item) else self(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        return _ID.sub(lambda match: self._name(match[0], match[1]), text)

    def _name(self, id: str, kind: str) -> str:
        if id not in self._names:
            self._counts[kind] += 1
            self._names[id] = f"{kind}#{self._counts[kind]}"
        return self._names[id]


def _is_time(key: str, value: Any) -> bool:
    return key.endswith("_at") and isinstance(value, int)


def merged(events: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The events with deltas of the same thing in a row made one: how a text is cut in pieces is up to the model."""
    last: tuple[str, Any] | None = None
    for name, data in events:
        if last is not None and name == last[0] and name.endswith(".delta") and (joined := _joined(last[1], data)):
            last = (name, joined)
            continue
        if last is not None:
            yield last
        last = (name, deepcopy(data))
    if last is not None:
        yield last


def _joined(one: Json, other: Json) -> Json | None:
    """`one` with what `other` adds to it; None where `other` is about something else or says more than a further piece."""
    if one["id"] != other["id"]:
        return None
    for content in ("content", "step_details"):
        if content not in one["delta"]:
            continue
        before, more = one["delta"][content], other["delta"][content]
        if content == "step_details":
            before, more = before["tool_calls"], more["tool_calls"]
        if len(before) == len(more) == 1 and before[0]["index"] == more[0]["index"]:
            return _with_piece(one, before[0], more[0])
    return None


def _with_piece(one: Json, before: Json, more: Json) -> Json | None:
    if set(more) == {"index", "type", "text"} and set(more["text"]) == {"value"}:
        before["text"]["value"] += more["text"]["value"]
        return one
    if set(more) == {"index", "type", "function"} and set(more["function"]) == {"arguments"} and "id" not in before:
        before["function"]["arguments"] += more["function"]["arguments"]
        return one
    return None


def ordered(value: Any) -> str:
    """A text that differs where keys, their order or values differ."""
    return json.dumps(value, indent=1, ensure_ascii=False)
