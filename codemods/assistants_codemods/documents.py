"""A Python file's bytes as text and back, with its encoding, BOM and line ends kept."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")
_LINE_END = re.compile(rb"\r\n|\r|\n")


class UnreadableDocument(Exception):
    """A file that cannot be understood as what its name says. `code` is one of `codes`, `line` counts from 1."""

    def __init__(self, code: str, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.code = code
        self.line = line


class Document(Protocol):
    """A file that has a Python module in it."""

    @property
    def text(self) -> str:
        """The module."""

    @property
    def encoding(self) -> str:
        """The codec of the file."""

    def rewritten(self, text: str) -> bytes:
        """The file's bytes with `text` as its module. Raises UnreadableDocument where that cannot be written."""

    def cell(self, line: int) -> tuple[int, int] | None:
        """The cell of a notebook that a line of the module is in, and the line there; None where there are no cells."""

    def notes(self) -> Iterable[tuple[int, str]]:
        """What is in the file and not in the module: a line of the module, and a sentence."""


@dataclass(frozen=True)
class PythonDocument:
    """A Python module as a file of its own."""

    text: str
    encoding: str
    bom: bytes

    def rewritten(self, text: str) -> bytes:
        """The bytes of `text` in the encoding of the file. Raises UnreadableDocument (AC018) for characters it does not have."""
        try:
            return self.bom + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            line = text.count("\n", 0, error.start) + 1
            raise UnreadableDocument(
                "AC018", f"{text[error.start : error.end]!r} cannot be written in {self.encoding}, the encoding of the file.", line
            ) from error

    def cell(self, line: int) -> None:
        """There are none."""

    def notes(self) -> Iterable[tuple[int, str]]:
        """Nothing: the file is the module."""
        return ()


def read_python(content: bytes) -> PythonDocument:
    """The module in `content`, decoded as PEP 263 says. Raises UnreadableDocument (AC003)."""
    bom = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    body = content[len(bom) :]
    if b"\0" in body:
        raise UnreadableDocument("AC003", "The file has nul bytes: it is not Python source.", body.count(b"\n", 0, body.index(b"\0")) + 1)
    encoding = _declared(body) or "utf-8"
    try:
        text = body.decode(encoding)
        faithful = text.encode(encoding) == body
    except LookupError:
        raise UnreadableDocument("AC003", f"The file names an encoding that does not exist: {encoding}.") from None
    except UnicodeError as error:
        line = body.count(b"\n", 0, error.start) + 1 if isinstance(error, UnicodeDecodeError) else 1
        raise UnreadableDocument(
            "AC003", f"The file is not {encoding}, the encoding that it says or that is taken without a word.", line
        ) from error
    if not faithful:
        raise UnreadableDocument("AC003", f"Text in {encoding} cannot be written back byte for byte.")
    return PythonDocument(text, encoding, bom)


def _declared(body: bytes) -> str | None:
    """What a coding comment in one of the first two lines names."""
    for line in _LINE_END.split(body[:4096], maxsplit=2)[:2]:
        if match := _COOKIE.match(line):
            return match[1].decode("ascii", "replace")
        if not _BLANK.match(line):
            return None
    return None
