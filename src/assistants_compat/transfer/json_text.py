"""The text of a JSON file of any size: a value is parsed where it stands, and what has been read is let go.

The standard library's parser is what parses. Streaming ones lose what has to be kept: ijson's makes a question mark of half a surrogate
pair, which models do emit, and it cannot say what line it has come to.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any, BinaryIO

MOST_OF_AN_OBJECT = 32 * 1024 * 1024
"""Characters that one object may have: as much as a request to the server may."""

MOST_DEPTH = 64
"""Levels of nesting, as in the bodies of requests."""

_PIECE = 256 * 1024
_SLACK = 12  # an error so near to the end of what has been read may be one of the cut: -Infinity, \ud83d
_SPACE = re.compile(r"[ \t\r\n\ufeff]*")
_STRUCTURE = re.compile(r"[\s\[\]{},]*")
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class NotJson(Exception):
    """What is wrong. Nothing was read past the begin of the value."""


class TooLarge(Exception):
    """A value has more characters than one may have. Nothing was read past its begin."""


class Unusable(Exception):
    """A value that is JSON, but not for here, for the reason told. It has been read past."""


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


_decode = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite).raw_decode


class Text:
    """What a file has from some place on.

    Args:
        file: bytes of UTF-8; or of UTF-16, as PowerShell writes, with a mark at their begin.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._all = False
        """Whether all of the file has been read."""
        self._clean = True
        """Whether all bytes so far were such of UTF-8."""
        self._decoder: Any = None
        self.line = 1
        """Of the place that has been come to."""

    def skip_space(self) -> bool:
        """Go to what is not white space. Returns whether there is anything."""
        while True:
            found = _SPACE.match(self._text, self._at)
            assert found is not None
            self._go(found.end())
            if self._at < len(self._text):
                return True
            if self._all:
                return False
            self._read_on()

    def peek(self) -> str:
        """The next character; none at the end."""
        if self._at == len(self._text) and not self._all:
            self._read_on()
        return self._text[self._at : self._at + 1]

    def take(self, character: str) -> bool:
        """Go past a character, and white space before it, if it is the next one."""
        if not self.skip_space() or self._text[self._at] != character:
            return False
        self._go(self._at + 1)
        return True

    def value(self, most: int = MOST_OF_AN_OBJECT) -> Any:
        """The value that begins here.

        Raises:
            NotJson, TooLarge, Unusable
        """
        while True:
            try:
                value, end = _decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._all or not (error.msg.startswith("Unterminated") or error.pos >= len(self._text) - _SLACK):
                    raise NotJson(self._what(error)) from None
            except RecursionError:
                raise NotJson("it is nested too deeply") from None
            except ValueError as error:
                raise NotJson(str(error).partition(";")[0]) from None
            else:
                if self._all or end < len(self._text) or not isinstance(value, (int, float)):
                    if end - self._at > most:
                        raise TooLarge
                    return self._past(value, end)
            held = len(self._text) - self._at
            if held > most:
                raise TooLarge
            self._read_on(most - held)

    def beginning_of_line(self) -> str:
        """How the line begins that this place is on: its white space, and the bracket after it. Known for what is still held."""
        start = self._text.rfind("\n", 0, self._at) + 1
        found = _SPACE.match(self._text, start)
        assert found is not None
        bracket = self._text[found.end() : found.end() + 1]
        return found[0] + (bracket if bracket in ("{", "[") else "{")

    def begins_with(self, beginning: str) -> bool:
        while len(self._text) - self._at < len(beginning) and not self._all:
            self._read_on()
        return self._text.startswith(beginning, self._at)

    def skip_line(self) -> bool:
        """Go to the begin of the next line. Returns whether more than brackets, commas and white space was skipped."""
        is_more = False
        while True:
            found = self._text.find("\n", self._at) + 1
            end = found or len(self._text)
            is_more = is_more or _STRUCTURE.fullmatch(self._text, self._at, end) is None
            self._go(end)
            if found or self._all:
                return is_more
            self._read_on()

    def _past(self, value: Any, end: int) -> Any:
        begin = self._at
        unclean = not self._clean and _NOT_UTF8.search(self._text, begin, end)
        deep = self._text.count("{", begin, end) + self._text.count("[", begin, end) > MOST_DEPTH and _depth(value) > MOST_DEPTH
        self._go(end)
        if unclean:
            raise Unusable("it has bytes that are not UTF-8")
        if deep:
            raise Unusable(f"it is nested more than {MOST_DEPTH} levels deep")
        return value

    def _go(self, place: int) -> None:
        self.line += self._text.count("\n", self._at, place)
        self._at = place

    def _read_on(self, most: int = 0) -> None:
        """Read as much again as is held, so that a long value is not parsed from its begin too often; but not much more than `most`."""
        start = self._text.rfind("\n", 0, self._at) + 1 if self._at < 2 * _PIECE else self._at  # see beginning_of_line
        held = self._text[start:]
        more = self._decoded(self._file.read(max(_PIECE, min(len(held), most + _PIECE))))
        self._text, self._at = held + more, self._at - start

    def _decoded(self, piece: bytes) -> str:
        self._all = not piece
        if self._decoder is None:
            encoding = _MARKS.get(piece[:2], "utf-8")
            self._decoder = codecs.getincrementaldecoder(encoding)("surrogateescape" if encoding == "utf-8" else "replace")
        text: str = self._decoder.decode(piece, final=self._all)
        if self._clean and not text.isascii():
            self._clean = _NOT_UTF8.search(text) is None
        return text

    def _what(self, error: json.JSONDecodeError) -> str:
        line = self.line + self._text.count("\n", self._at, error.pos)
        if error.pos >= len(self._text.rstrip()):
            return "the file ends in the middle of it"
        if error.msg.startswith("Invalid control character") and self._text[error.pos : error.pos + 1] in ("\r", "\n"):
            return "the line ends in the middle of a text"
        if error.msg.startswith("Unterminated"):
            return f"a text in it does not end, from {self._text[error.pos : error.pos + 20]!r} on"
        where = "" if line == self.line else f" on line {line}"
        return f"{error.msg[0].lower()}{error.msg[1:]}{where}, before {self._text[error.pos : error.pos + 20]!r}"


def _depth(value: Any) -> int:
    """Levels of nesting. With a stack of its own, so that depth costs no recursion."""
    deepest = 0
    pending = [(value, 1)]
    while pending:
        value, depth = pending.pop()
        deepest = max(deepest, depth)
        if isinstance(value, (dict, list)):
            pending.extend((each, depth + 1) for each in (value.values() if isinstance(value, dict) else value))
    return deepest - 1 if deepest else 0
