"""The values of a JSON file of any size, one in memory at a time: JSON Lines, a document over many lines, several of them, or a broken one.

An array is never held whole, only the value of it that is being looked at. An object is, unless it is larger than any object of the API:
then it is walked through likewise. After a place that is no JSON, reading goes on with the next line that begins like that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, BinaryIO

from assistants_compat.transfer.json_text import NotJson, Text, TooLarge, Unusable

MOST_LEVELS = 16
"""Of nesting between the top of a file and what is held whole."""

MOST_KEPT = 1000
"""Members of an object that is walked through that are kept to its end."""

FILE = 0
"""The list that the values at the top of a file are."""


@dataclass(frozen=True)
class Piece:
    """A value that was parsed.

    Attributes:
        line: where it begins.
        path: where it is in its document; empty at the top of a file.
        list: the number, in its file, of the list that it is a member of; None for a member of an object.
        rest: whether this is what was left of an object that was walked through: its texts, numbers and the like.
    """

    value: Any
    line: int
    path: str
    list: int | None
    rest: bool = False


@dataclass(frozen=True)
class Gap:
    """Lines that could not be read: what is wrong with the first of them."""

    what: str
    first: int
    last: int


@dataclass
class Values:
    """The values of a file. What is asked for is read; nothing is read twice.

    Args:
        file: bytes of UTF-8, or with a mark at their begin of UTF-16.
    """

    file: BinaryIO
    _numbers: Iterator[int] = field(default_factory=lambda: count(FILE + 1))

    def __iter__(self) -> Iterator[Piece | Gap]:
        text = Text(self.file)
        try:
            while text.skip_space():
                yield from self._value(text, "", FILE, 0)
        except NotJson as error:
            yield from self._resumed(text, error)

    def _value(self, text: Text, path: str, list: int | None, levels: int) -> Iterator[Piece | Gap]:
        line = text.line
        if text.peek() == "[" and levels < MOST_LEVELS and (list == FILE or list is None):
            yield from self._array(text, path, levels)
            return
        try:
            yield Piece(text.value(), line, path, list)
        except Unusable as error:
            yield Gap(str(error), line, text.line)
        except TooLarge:
            if text.peek() not in ("[", "{") or levels >= MOST_LEVELS:
                raise NotJson("it is too large") from None
            walk = self._array if text.peek() == "[" else self._object
            yield from walk(text, path, levels)

    def _array(self, text: Text, path: str, levels: int) -> Iterator[Piece | Gap]:
        number = next(self._numbers)
        text.take("[")
        if text.take("]"):
            return
        for index in count():
            text.skip_space()
            yield from self._value(text, f"{path}[{index}]", number, levels + 1)
            if text.take("]"):
                return
            if not text.take(","):
                raise _missing(text, "a comma or a ']'")

    def _object(self, text: Text, path: str, levels: int) -> Iterator[Piece | Gap]:
        line = text.line
        rest: dict[str, Any] = {}
        text.take("{")
        more = not text.take("}")
        while more:
            text.skip_space()
            name = text.value() if text.peek() == '"' else None
            if not isinstance(name, str) or not text.take(":"):
                raise _missing(text, "a name or a ':'")
            text.skip_space()
            for found in self._value(text, f"{path}.{name}" if path else name, None, levels + 1):
                if isinstance(found, Piece) and found.list is None and not found.rest and _is_small(name, found.value):
                    if len(rest) < MOST_KEPT:
                        rest[name] = found.value
                else:
                    yield found
            more = text.take(",")
            if not more and not text.take("}"):
                raise _missing(text, "a comma or a '}'")
        yield Piece(rest, line, path, None, rest=True)

    def _resumed(self, text: Text, error: NotJson) -> Iterator[Piece | Gap]:
        """From a place on that is no JSON: each value that begins as the line with that place did."""
        beginning = text.beginning_of_line()
        gap: Gap | None = Gap(str(error), text.line, text.line)
        while True:
            line = text.line
            if text.skip_line() and gap is None:
                gap = Gap(f"it does not begin with {beginning.strip()!r}, as others here do", line, line)
            elif gap is not None:
                gap = Gap(gap.what, gap.first, line)
            if not text.peek():
                break
            if not text.begins_with(beginning):
                continue
            line = text.line
            text.skip_space()
            try:
                value = text.value()
            except (NotJson, TooLarge, Unusable) as again:
                gap = gap or Gap(str(again), line, line)
                continue
            if gap is not None:
                yield gap
                gap = None
            yield Piece(value, line, "", FILE)
        if gap is not None:
            yield gap


def _is_small(name: str, value: Any) -> bool:
    """Whether a member tells of the object that it is in, which is larger than one of the API's, so that it can only be a thread."""
    return not isinstance(value, (list, dict)) or name in ("metadata", "tool_resources")


def _missing(text: Text, what: str) -> NotJson:
    return NotJson(f"{what} is missing" if text.skip_space() else "the file ends in the middle of it")
