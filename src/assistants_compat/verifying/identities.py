"""Which id of ours stands for which recorded one. Pure."""

from __future__ import annotations

import re

_PREFIXES = ("asst", "thread", "msg", "run", "step", "file", "assistant", "vs", "call")
_ID = re.compile(rf"(?P<kind>{'|'.join(_PREFIXES)})[_-]\w+")
_SAME = {"assistant": "file"}
"""Azure's files have the prefix `assistant-`."""

_KEYS = re.compile(r"(?:.+_)?ids?")


class Identities:
    """A table of two columns, one to one, that grows as replies are compared."""

    def __init__(self) -> None:
        self._ours: dict[str, str] = {}
        self._theirs: dict[str, str] = {}
        self._words: re.Pattern[str] | None = None

    def ours(self, id: str) -> str | None:
        """Our id for a recorded one."""
        return self._ours.get(id)

    def theirs(self, id: str) -> str | None:
        return self._theirs.get(id)

    def is_place_of_id(self, key: str) -> bool:
        """Whether a value is an id, by the key it stands at."""
        return _KEYS.fullmatch(key) is not None

    def match(self, recorded: str, ours: str) -> bool:
        """Whether they stand for the same thing, which is noted if neither has been seen before."""
        if recorded in self._ours or ours in self._theirs:
            return self._ours.get(recorded) == ours
        if not _same_kind(recorded, ours):
            return False
        self._ours[recorded] = ours
        self._theirs[ours] = recorded
        self._words = None
        return True

    def translated(self, text: str) -> str:
        """A text with our ids in the place of recorded ones."""
        if self._words is None:
            ids = sorted(self._ours, key=len, reverse=True)
            self._words = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, ids)) or '(?!)'})(?![\w-])")
        return self._words.sub(lambda found: self._ours[found[0]], text)


def _same_kind(recorded: str, ours: str) -> bool:
    if recorded == ours:
        return True
    theirs, own = (_ID.fullmatch(id) for id in (recorded, ours))
    if theirs is None:
        return True  # as somebody who took the ids out of a recording has named it
    return own is not None and _SAME.get(theirs["kind"], theirs["kind"]) == _SAME.get(own["kind"], own["kind"])
