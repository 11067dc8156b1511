"""Two replies side by side: the recorded one and ours, with ids matched and times taken for what they are. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from assistants_compat.verifying.deltas import merged
from assistants_compat.verifying.differences import Found, Kind
from assistants_compat.verifying.identities import Identities

Json = dict[str, Any]
Event = tuple[str, Any]

ABSENT = "(absent)"

_TIME = re.compile(r".+_at")
_LIFE = ("created_at", "expires_at")


class Comparison:
    """Compares the replies of one replay, in their order: what an id stands for is learnt from the first reply that shows it."""

    def __init__(self, identities: Identities, *, ordered_keys: bool = True) -> None:
        self._identities = identities
        self._ordered_keys = ordered_keys

    def replies(self, recorded: Any, ours: Any) -> list[Found]:
        """The differences of two JSON replies."""
        return list(self._values("", "", "", recorded, ours))

    def streams(self, recorded: Sequence[Event], ours: Sequence[Event]) -> list[Found]:
        """The differences of two streams. How arguments and code are cut into pieces is up to the model, and not compared."""
        theirs, own = list(merged(recorded)), list(merged(ours))
        return list(self._streams(theirs, own))

    def _streams(self, theirs: list[Event], own: list[Event]) -> Iterator[Found]:
        names, own_names = [name for name, _ in theirs], [name for name, _ in own]
        matcher = SequenceMatcher(None, names, own_names, autojunk=False)
        for kind, start, end, own_start, own_end in matcher.get_opcodes():
            if kind == "equal":
                for index, (name, data), (_, said) in zip(range(start, end), theirs[start:end], own[own_start:own_end], strict=True):
                    yield from (replace(found, event=name, at=f"event {index + 1}: {found.at}".strip(": ")) for found in self._events(data, said))
                continue
            missing, extra = names[start:end], own_names[own_start:own_end]
            moved = kind == "replace" and sorted(missing) == sorted(extra)
            if moved:
                yield Found(Kind.EVENT_ORDER, "", missing, extra, f"event {start + 1}", missing[0])
                continue
            for index, name in enumerate(missing, start + 1):
                yield Found(Kind.MISSING_EVENT, "", theirs[index - 1][1], ABSENT, f"event {index}", name)
            for index, name in enumerate(extra, own_start):
                yield Found(Kind.EXTRA_EVENT, "", ABSENT, own[index][1], f"event {start + 1}", name)

    def _events(self, recorded: Any, ours: Any) -> Iterator[Found]:
        return self._values("", "", "", recorded, ours)

    def _values(self, key: str, where: str, at: str, recorded: Any, ours: Any) -> Iterator[Found]:
        if isinstance(recorded, dict) and isinstance(ours, dict):
            yield from self._objects(where, at, recorded, ours)
        elif isinstance(recorded, list) and isinstance(ours, list):
            yield from self._lists(key, where, at, recorded, ours)
        elif isinstance(recorded, str) and isinstance(ours, str):
            yield from self._texts(key, where, at, recorded, ours)
        elif _TIME.fullmatch(key) and _is_number(recorded) and _is_number(ours):
            return
        elif type(recorded) is not type(ours) and not (_is_number(recorded) and _is_number(ours)):
            yield Found(Kind.VALUE, where, recorded, ours, at)
        elif recorded != ours or (isinstance(recorded, float) is not isinstance(ours, float)):
            yield Found(Kind.VALUE, where, recorded, ours, at)

    def _objects(self, where: str, at: str, recorded: Json, ours: Json) -> Iterator[Found]:
        for key, value in recorded.items():
            inner, inner_at = _below(where, key), _below(at, key)
            if key not in ours:
                yield Found(Kind.MISSING_KEY, inner, value, ABSENT, inner_at)
            else:
                yield from self._values(key, inner, inner_at, value, ours[key])
        for key in ours:
            if key not in recorded:
                yield Found(Kind.EXTRA_KEY, _below(where, key), ABSENT, ours[key], _below(at, key))
        theirs, own = [key for key in recorded if key in ours], [key for key in ours if key in recorded]
        if theirs != own and self._ordered_keys:
            yield Found(Kind.KEY_ORDER, where, theirs, own, at)
        if all(_is_number(each.get(name)) for each in (recorded, ours) for name in _LIFE):
            lives = [each["expires_at"] - each["created_at"] for each in (recorded, ours)]
            if recorded.get("object") == "thread.run" and lives[0] != lives[1]:
                yield Found(Kind.VALUE, _below(where, "expires_at"), f"created_at + {lives[0]}", f"created_at + {lives[1]}", at)

    def _lists(self, key: str, where: str, at: str, recorded: list[Any], ours: list[Any]) -> Iterator[Found]:
        inner = f"{where}[]"
        places = self._places(recorded, ours)
        matched = [place for place in places if place is not None]
        if matched != sorted(matched):
            yield Found(Kind.LIST_ORDER, where, _briefly(recorded), _briefly([ours[place] for place in sorted(matched)]), at)
        for index, (value, place) in enumerate(zip(recorded, places, strict=True)):
            if place is None:
                yield Found(Kind.MISSING_ITEM, inner, value, ABSENT, f"{at}[{index}]")
            else:
                yield from self._values(key, inner, f"{at}[{index}]", value, ours[place])
        for place in sorted(set(range(len(ours))) - set(matched)):
            yield Found(Kind.EXTRA_ITEM, inner, ABSENT, ours[place], f"{at}[{place}]")

    def _places(self, recorded: list[Any], ours: list[Any]) -> list[int | None]:
        """Where among ours each of the recorded ones is: by its identity, where that is known, the rest in their order."""
        own_ids = {_id_of(each): place for place, each in enumerate(ours) if _id_of(each)}
        places: list[int | None] = []
        for value in recorded:
            id = _id_of(value)
            ours_id = self._identities.ours(id) if id else None
            places.append(own_ids.get(ours_id) if ours_id else None)
        taken = {place for place in places if place is not None}
        known = {self._identities.theirs(id) for id in own_ids if self._identities.theirs(id)}
        free = [place for place, each in enumerate(ours) if place not in taken and not self._identities.theirs(_id_of(each) or "")]
        for index, value in enumerate(recorded):
            id = _id_of(value)
            if places[index] is None and free and not (id and self._identities.ours(id)) and id not in known:
                places[index] = free.pop(0)
        return places

    def _texts(self, key: str, where: str, at: str, recorded: str, ours: str) -> Iterator[Found]:
        if recorded == ours:
            if self._identities.is_place_of_id(key, recorded):
                self._identities.match(recorded, ours)
            return
        if self._identities.is_place_of_id(key, recorded):
            if not self._identities.match(recorded, ours):
                yield Found(Kind.IDENTITY, where, recorded, ours, at)
            return
        if self._identities.translated(recorded) != ours:
            yield Found(Kind.TEXT, where, recorded, ours, at)


def _below(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _id_of(value: Any) -> str | None:
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        return str(value["id"])
    return None


def _briefly(values: list[Any]) -> list[Any]:
    return [_id_of(value) or value for value in values]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
