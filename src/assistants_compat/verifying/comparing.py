"""Two replies side by side: the recorded one and ours, with ids matched and times taken for what they are. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any

from assistants_compat.verifying.deltas import merged
from assistants_compat.verifying.differences import OF_CALL, Found, Kind
from assistants_compat.verifying.identities import Identities
from assistants_compat.verifying.words import Usage

Json = dict[str, Any]
Event = tuple[str, Any]

ABSENT = "(absent)"

_TIME = re.compile(r".+_at")


@dataclass(frozen=True)
class _Place:
    where: str = ""
    at: str = ""
    key: str = ""
    beside: tuple[Json, Json] = field(default_factory=lambda: ({}, {}))

    def below(self, key: str, recorded: Json, ours: Json) -> _Place:
        where, at = (f"{path}.{key}" if path else key for path in (self.where, self.at))
        beside = (recorded, ours) if "object" in recorded else self.beside
        return _Place(where, at, key, beside)

    def item(self, index: int) -> _Place:
        return replace(self, where=f"{self.where}[]", at=f"{self.at}[{index}]")

    def found(self, kind: Kind, recorded: Any, ours: Any) -> Found:
        return Found(kind, self.where, recorded, ours, self.at, beside=self.beside)


class Comparison:
    """Compares the replies of one replay, in their order: what an id stands for is learnt from the first reply that shows it.

    Args:
        usages: of recorded steps that share a model call with others, by their ids.
        ordered_keys: whether the order of keys counts.
    """

    def __init__(self, identities: Identities, usages: Mapping[str, Usage], *, ordered_keys: bool = True) -> None:
        self._identities = identities
        self._usages = usages
        self._ordered_keys = ordered_keys

    def replies(self, recorded: Any, ours: Any) -> list[Found]:
        """The differences of two JSON replies."""
        return list(self._values(_Place(), recorded, ours))

    def streams(self, recorded: Sequence[Event], ours: Sequence[Event]) -> list[Found]:
        """The differences of two streams. How a text is cut into pieces is up to the model, and not compared."""
        return list(self._streams(list(merged(recorded)), list(merged(ours))))

    # -- streams

    def _streams(self, theirs: list[Event], own: list[Event]) -> Iterator[Found]:
        names, own_names = [name for name, _ in theirs], [name for name, _ in own]
        for kind, start, end, own_start, own_end in SequenceMatcher(None, names, own_names, autojunk=False).get_opcodes():
            missing, extra = theirs[start:end], own[own_start:own_end]
            if kind == "equal" or self._are_renamed(missing, extra):
                for number, (one, other) in enumerate(zip(missing, extra, strict=True), start + 1):
                    yield from self._event(number, one, other)
            elif sorted(names[start:end]) == sorted(own_names[own_start:own_end]):
                yield Found(Kind.EVENT_ORDER, "", names[start:end], own_names[own_start:own_end], f"event {start + 1}", names[start])
            else:
                for number, (name, data) in enumerate(missing, start + 1):
                    yield Found(Kind.MISSING_EVENT, "", data, ABSENT, f"event {number}", name)
                for name, data in extra:
                    yield Found(Kind.EXTRA_EVENT, "", ABSENT, data, f"event {start + 1}", name)

    def _are_renamed(self, missing: list[Event], extra: list[Event]) -> bool:
        """Whether they are the same events under other names: each tells of the same object."""
        if len(missing) != len(extra) or not missing:
            return False
        pairs = [(one, other) for (_, one), (_, other) in zip(missing, extra, strict=True)]
        return all(
            isinstance(one, dict) and isinstance(other, dict) and self._identities.ours(str(one.get("id"))) == other.get("id")
            for one, other in pairs
        ) and sorted(name for name, _ in missing) != sorted(name for name, _ in extra)

    def _event(self, number: int, recorded: Event, ours: Event) -> Iterator[Found]:
        at = f"event {number}"
        theirs, own = (data if isinstance(data, dict) else {} for _, data in (recorded, ours))
        if recorded[0] != ours[0]:
            yield Found(Kind.EVENT_NAME, "", recorded[0], ours[0], at, recorded[0], (theirs, own))
        for found in self._values(_Place(), recorded[1], ours[1]):
            yield replace(found, event=recorded[0], at=f"{at}: {found.at}" if found.at else at)

    # -- values

    def _values(self, place: _Place, recorded: Any, ours: Any) -> Iterator[Found]:
        if isinstance(recorded, dict) and isinstance(ours, dict):
            if place.key == "usage" and recorded != ours and self._is_as_told(place, recorded, ours):
                yield replace(place.found(Kind.VALUE, recorded, ours), note=OF_CALL)
                recorded = _with_numbers(recorded, ours)
            yield from self._objects(place, recorded, ours)
        elif isinstance(recorded, list) and isinstance(ours, list):
            yield from self._lists(place, recorded, ours)
        elif isinstance(recorded, str) and isinstance(ours, str):
            yield from self._texts(place, recorded, ours)
        elif _TIME.fullmatch(place.key) and _is_number(recorded) and _is_number(ours):
            yield from self._life(place, recorded, ours)
        elif recorded != ours or type(recorded) is not type(ours):
            yield place.found(Kind.VALUE, recorded, ours)

    def _is_as_told(self, place: _Place, recorded: Json, ours: Json) -> bool:
        """Whether a step's tokens are what is to be told of it here, though the recording tells others."""
        usage = self._usages.get(_id_of(place.beside[0]) or "")
        if usage is None or recorded != usage.recorded:
            return False
        return all(ours.get(key) == count for key, count in usage.told.items())

    def _life(self, place: _Place, recorded: Any, ours: Any) -> Iterator[Found]:
        """Points in time are not compared; how long a run may last is."""
        if place.key != "expires_at" or place.beside[0].get("object") != "thread.run":
            return
        begins = [beside.get("created_at") for beside in place.beside]
        lives = [until - begin if _is_number(begin) else None for until, begin in zip((recorded, ours), begins, strict=True)]
        if lives[0] != lives[1] and None not in lives:
            yield place.found(Kind.VALUE, f"created_at + {lives[0]}", f"created_at + {lives[1]}")

    def _objects(self, place: _Place, recorded: Json, ours: Json) -> Iterator[Found]:
        for key, value in recorded.items():
            inner = place.below(key, recorded, ours)
            if key not in ours:
                yield inner.found(Kind.MISSING_KEY, value, ABSENT)
            else:
                yield from self._values(inner, value, ours[key])
        for key in ours:
            if key not in recorded:
                yield place.below(key, recorded, ours).found(Kind.EXTRA_KEY, ABSENT, ours[key])
        theirs, own = [key for key in recorded if key in ours], [key for key in ours if key in recorded]
        if theirs != own and self._ordered_keys:
            yield place.found(Kind.KEY_ORDER, theirs, own)

    def _lists(self, place: _Place, recorded: list[Any], ours: list[Any]) -> Iterator[Found]:
        places = self._places(recorded, ours)
        matched = [number for number in places if number is not None]
        if matched != sorted(matched):
            yield place.found(Kind.LIST_ORDER, _briefly(recorded), [self._named(ours[number]) for number in sorted(matched)])
        for index, (value, number) in enumerate(zip(recorded, places, strict=True)):
            if number is None:
                yield place.item(index).found(Kind.MISSING_ITEM, value, ABSENT)
            else:
                yield from self._values(place.item(index), value, ours[number])
        for number in sorted(set(range(len(ours))) - set(matched)):
            yield place.item(number).found(Kind.EXTRA_ITEM, ABSENT, ours[number])

    def _places(self, recorded: list[Any], ours: list[Any]) -> list[int | None]:
        """Where among ours each of the recorded ones is: by its identity, where that is known, the rest in their order."""
        own_places = {_id_of(value): number for number, value in enumerate(ours)}
        wanted = [self._identities.ours(_id_of(value) or "") for value in recorded]
        places = [own_places.get(id) if id else None for id in wanted]
        free = iter(number for number, value in enumerate(ours) if not self._identities.theirs(_id_of(value) or ""))
        return [next(free, None) if id is None else number for id, number in zip(wanted, places, strict=True)]

    def _named(self, value: Any) -> Any:
        """One of ours by its recorded id."""
        id = _id_of(value)
        return self._identities.theirs(id) or id if id else value

    def _texts(self, place: _Place, recorded: str, ours: str) -> Iterator[Found]:
        if self._identities.is_place_of_id(place.key):
            if not self._identities.match(recorded, ours):
                yield place.found(Kind.IDENTITY, recorded, ours)
        elif recorded != ours and self._identities.translated(recorded) != ours:
            yield place.found(Kind.TEXT, recorded, ours)


def _id_of(value: Any) -> str | None:
    return value["id"] if isinstance(value, dict) and isinstance(value.get("id"), str) else None


def _with_numbers(recorded: Any, ours: Any) -> Any:
    """The recorded value with our numbers in it."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        return {key: _with_numbers(value, ours.get(key)) for key, value in recorded.items()}
    return ours if _is_number(recorded) and _is_number(ours) else recorded


def _briefly(values: list[Any]) -> list[Any]:
    return [_id_of(value) or value for value in values]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
