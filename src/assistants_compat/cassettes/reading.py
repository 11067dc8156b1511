"""A file or a stream, in whatever format it is, as exchanges."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from assistants_compat.cassettes.errors import CassetteError, NotACassette
from assistants_compat.cassettes.exchange import Exchange
from assistants_compat.cassettes.forms import INTERACTIONS, FormError, exchange_of, is_interaction
from assistants_compat.cassettes.yaml_stream import interactions_in

LARGEST = 256 * 1024 * 1024
"""Bytes of a line of JSON Lines, and of a cassette that is one JSON document, which cannot be read in parts."""


def read(source: Path | BinaryIO, name: str | None = None) -> Iterator[Exchange]:
    """The exchanges of a cassette, in the order of the file, each read when it is asked for (but for a JSON document, read at once).

    The format is told by the content: YAML or JSON as vcrpy, pytest-recording and VCR for Ruby write it, or JSON Lines.

    Args:
        source: a path, or an open binary stream, which stays open.
        name: what messages call it; the path by default.
    Raises:
        CassetteError: from any step of the iteration; the message names the file and the place in it.
        NotACassette: there is no recorded traffic in it.
    """
    if not isinstance(source, Path):
        yield from _exchanges(source, name or str(getattr(source, "name", "the stream")))
        return
    try:
        with source.open("rb") as stream:
            yield from _exchanges(stream, name or str(source))
    except OSError as error:
        raise CassetteError(f"{name or source}: {error.strerror or error}.") from None


def _exchanges(stream: BinaryIO, name: str) -> Iterator[Exchange]:
    for place, value in _interactions(stream, name):
        try:
            yield exchange_of(value, place)
        except FormError as error:
            raise CassetteError(f"{name}, {place}: {error}.") from None


def _interactions(stream: BinaryIO, name: str) -> Iterator[tuple[str, Any]]:
    before = 0
    while (first := _line(stream, name)) and not first.strip():
        before += 1
    if first.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] not in (b"{", b"["):
        return _numbered(interactions_in(_Resumed(b"\n" * before + first, stream), name))
    try:
        is_lines = is_interaction(_parsed(first))
    except ValueError:
        is_lines = False  # a document on several lines
    return _lines(first, before + 1, stream, name) if is_lines else _numbered(_in_document(first, stream, name))


def _numbered(values: Iterator[Any]) -> Iterator[tuple[str, Any]]:
    for number, value in enumerate(values, 1):
        yield f"interaction {number}", value


def _lines(line: bytes, number: int, stream: BinaryIO, name: str) -> Iterator[tuple[str, Any]]:
    while line:
        if line.strip():
            try:
                yield f"line {number}", _parsed(line)
            except ValueError as error:
                raise CassetteError(f"{name}, line {number}: not JSON ({error}).") from None
        line, number = _line(stream, name), number + 1


def _in_document(first: bytes, stream: BinaryIO, name: str) -> Iterator[Any]:
    text = first + stream.read(LARGEST + 1 - len(first))
    if len(text) > LARGEST:
        raise CassetteError(f"{name} is larger than {LARGEST} bytes. Write it as JSON Lines, one exchange a line, or as YAML.")
    try:
        document = _parsed(text)
    except ValueError as error:
        raise CassetteError(f"{name}: not JSON ({error}).") from None
    found = [document[key] for key in INTERACTIONS if key in document] if isinstance(document, dict) else [document]
    if not found or not isinstance(found[0], list) or not (isinstance(document, dict) or all(map(is_interaction, document))):
        raise NotACassette(f"{name} has no list of interactions.")
    yield from found[0]


def _parsed(text: bytes) -> Any:
    """Raises ValueError if it is not JSON in UTF-8."""
    try:
        return json.loads(text.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _line(stream: BinaryIO, name: str) -> bytes:
    line = stream.readline(LARGEST + 1)
    if len(line) > LARGEST:
        raise CassetteError(f"{name} has a line of more than {LARGEST} bytes.")
    return line


class _Resumed:
    """A stream with what has been read of it in front again."""

    def __init__(self, begin: bytes, stream: BinaryIO) -> None:
        self._begin = begin
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if self._begin:
            begin, self._begin = (self._begin, b"") if size < 0 else (self._begin[:size], self._begin[size:])
            return begin
        return self._stream.read(size)
