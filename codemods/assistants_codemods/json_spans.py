"""Where the values of a JSON text are, so that one can be replaced and every other byte stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True)
class Span:
    """A value, and where its text begins and ends."""

    value: Any
    start: int
    end: int


def members(text: str, start: int) -> Iterator[tuple[str, Span]]:
    """The members of the object that begins at `start`. Raises ValueError where it is not JSON."""
    position = _past(text, _expect(text, start, "{"))
    while text[position : position + 1] != "}":
        key = _value(text, position)
        position = _past(text, _expect(text, _past(text, key.end), ":"))
        value = _value(text, position)
        yield str(key.value), value
        position = _next(text, value.end, "}")


def elements(text: str, start: int) -> Iterator[Span]:
    """The elements of the array that begins at `start`. Raises ValueError where it is not JSON."""
    position = _past(text, _expect(text, start, "["))
    while text[position : position + 1] != "]":
        value = _value(text, position)
        yield value
        position = _next(text, value.end, "]")


def document(text: str) -> Span:
    """The one value of a whole text. Raises ValueError where it is not JSON."""
    value = _value(text, _past(text, 0))
    if _past(text, value.end) != len(text):
        raise ValueError(f"Extra data: char {value.end}")
    return value


def _value(text: str, position: int) -> Span:
    value, end = _DECODER.raw_decode(text, position)
    return Span(value, position, end)


def _next(text: str, position: int, closing: str) -> int:
    position = _past(text, position)
    if text[position : position + 1] == closing:
        return position
    return _past(text, _expect(text, position, ","))


def _past(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _expect(text: str, position: int, character: str) -> int:
    if text[position : position + 1] != character:
        raise ValueError(f"Expecting {character!r}: char {position}")
    return position + 1
