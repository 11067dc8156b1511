"""Objects of the API in whatever was saved of it: pages of lists, arrays, lines, export files, cassettes, and what people made of them.

The form is not asked for: wherever an object of the API stands, it is found, and the innermost list that it stands in tells of its order.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from assistants_compat.cassettes import CassetteError, Exchange, NotACassette, read
from assistants_compat.cassettes.forms import FormError, exchange_of, is_interaction
from assistants_compat.transfer import schemas
from assistants_compat.transfer.checks import Refused
from assistants_compat.transfer.given import given
from assistants_compat.transfer.json_values import FILE, Gap, Piece, Values
from assistants_compat.transfer.kinds import DELETED, Kind, KindName, kind_of
from assistants_compat.transfer.sources import Source, is_own_file
from assistants_compat.transfer.staging import Direction, Staging

Json = dict[str, Any]

_PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
_LOOKED_AT = 65536
_HINT = re.compile(rb"thread|asst_|assistant|msg_|run_|step_")
_JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
_JSON_BEGINS = (b"{", b"[", b'"')
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class _Order:
    """Which way lists seem to go: the API's pages begin with the newest, unless asked otherwise."""

    pages: Direction = "backward"
    others: Direction = "forward"

    def of(self, path: str) -> Direction:
        """Of the list at a path, or of the one that a path is a member of."""
        name = path.rpartition("[")[0] if path.endswith("]") else path
        return self.pages if name.rpartition(".")[2] == "data" else self.others


class Finder:
    """Lays out what it finds in one file after the other."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._numbers = count(1)
        self.kinds: Counter[KindName] = Counter()
        self.empty: list[str] = []
        """Files of a tree in which there was nothing."""

    def file(self, source: Source, stream: io.BufferedReader) -> None:
        """Find all there is in a file. What is wrong in it becomes a remark. Raises OSError."""
        reading = _Reading(self, self._staging, source, next(self._numbers))
        reading.all_of(stream)
        if reading.is_empty:
            if source.named:
                self._staging.remark("bad", source.name, "there is nothing of the Assistants API in it")
            else:
                self.empty.append(source.name)


class _Reading:
    """One file that is being read."""

    def __init__(self, finder: Finder, staging: Staging, source: Source, number: int) -> None:
        self._finder = finder
        self._staging = staging
        self._source = source
        self._number = number
        self._lists: dict[int, int] = {}
        """The lists of this file that are not held whole, by their numbers in it."""
        self.is_empty = True
        self._concerns = source.named
        """Whether it looks as if the API were in it."""

    def all_of(self, stream: io.BufferedReader) -> None:
        head = stream.peek(_LOOKED_AT)[:_LOOKED_AT]
        self._concerns = self._source.named or head.startswith(_MARKS) or _HINT.search(head) is not None
        packed = next((name for mark, name in _PACKED.items() if head.startswith(mark)), None)
        if packed is not None:
            self._bad(self._source.name, f"it is compressed ({packed}): unpack it, or let a program do so and read '-'")
        elif head.startswith(_MARKS) or head.lstrip()[:1] in _JSON_BEGINS or (head and self._is_named_json()):
            self._json(stream)
        elif b"\0" in head or _is_binary(head):
            self._no_form()
        elif head.strip():
            self._cassette(stream)

    def _is_named_json(self) -> bool:
        return self._source.path is not None and self._source.path.suffix.lower() in _JSON_SUFFIXES

    def _json(self, stream: io.BufferedReader) -> None:
        for found in Values(stream):
            if isinstance(found, Gap):
                self._bad(_lines(self._source.name, found.first, found.last), found.what)
            else:
                self._piece(found)

    def _piece(self, piece: Piece) -> None:
        place = f"{self._source.name}, line {piece.line}"
        number = self._list_of(piece)
        if not piece.rest:
            self._value(piece.value, place, piece.path, number, _Order())
            return
        if piece.value.get("export_schema") == schemas.THREAD:
            for list in self._lists.values():
                self._staging.set_direction(list, "exact")
        kind = kind_of(piece.value)
        if kind is None or kind.name == "thread":
            self._value(piece.value, place, piece.path, number, _Order())
        else:
            self._bad(_at(place, piece.path), f"this {kind.title} is larger than one can be")

    def _list_of(self, piece: Piece) -> int:
        number = FILE if piece.list is None else piece.list
        if number not in self._lists:
            self._lists[number] = self._staging.new_list(self._number, _Order().of(piece.path))
        return self._lists[number]

    def _cassette(self, stream: io.BufferedReader) -> None:
        list = self._staging.new_list(self._number, "forward")
        try:
            for exchange in read(stream, self._source.name):
                self._exchange(exchange, f"{self._source.name}, {exchange.place}", list)
        except NotACassette:
            self._no_form()
        except CassetteError as error:
            what = str(error).removeprefix(self._source.name).lstrip(",: ").removesuffix(".")
            self._bad(self._source.name, f"it could not be read further: {what}")

    def _exchange(self, exchange: Exchange, place: str, list: int) -> None:
        """What the API replied. What it was asked names no ids."""
        if not 200 <= exchange.status < 300 or not {"threads", "assistants"} & set(exchange.path.split("/")):
            return
        if exchange.is_stream:
            for event in exchange.response_events():
                if isinstance(event.data, dict):
                    self._value(event.data, place, event.name, list, _Order())
            return
        try:
            reply = exchange.response_json()
        except ValueError:
            self._bad(place, "its reply is no JSON")
            return
        self._value(reply, place, "", list, _Order("forward" if parse_qs(exchange.query).get("order") == ["asc"] else "backward"))

    def _value(self, value: Any, place: str, path: str, list: int, order: _Order) -> None:
        """Whatever a value is, or has in it.

        Args:
            list: the innermost one that it is in.
            order: of the lists in it.
        """
        if isinstance(value, dict):
            self._object(value, place, path, list, order)
        elif _is_list(value):
            inner = self._staging.new_list(self._number, order.of(path))
            for index, each in enumerate(value):
                self._value(each, place, f"{path}[{index}]", inner, order)

    def _object(self, value: Json, place: str, path: str, list: int, order: _Order) -> None:
        kind = kind_of(value)
        if kind is not None:
            self._add(kind, value, _at(place, path), list)
            members: Iterator[tuple[str, Any]] = ((name, value.get(name)) for name in kind.members)
        elif value.get("object") in DELETED:
            self._add_deleted(value, _at(place, path), list)
            return
        elif is_interaction(value):
            try:
                self._exchange(exchange_of(value, place), _at(place, path), list)
            except FormError as error:
                self._bad(_at(place, path), str(error))
            return
        else:
            schema = value.get("export_schema")
            if schema == schemas.LINES:
                self.is_empty = False
                self._staging.set_direction(list, "exact")
            if schema == schemas.THREAD:
                order = _Order("exact", "exact")
            self._tell_of_failures(value, place, path)
            members = iter(value.items())
        for name, each in members:
            self._value(each, place, f"{path}.{name}" if path else str(name), list, order)

    def _add(self, kind: Kind, value: Json, place: str, list: int) -> None:
        if kind.name == "file" and schemas.OWN not in value:
            return  # an upload: it is where it always was
        self.is_empty = False
        name = f"{kind.title} {str(value.get('id'))[: schemas.MOST_ID]!r}"
        try:
            found = given(kind, value)
        except Refused as error:
            self._staging.remark("bad", place, f"{name}: {error}")
            return
        for note in found.notes:
            self._staging.remark("note", place, f"{name}: {note}")
        self._staging.add(kind.name, found.body, found.extra, list, place)
        self._finder.kinds[kind.name] += 1
        if kind.name == "file" and (path := self._bytes_of(found.id)) is not None:
            self._staging.add_bytes(found.id, path)

    def _add_deleted(self, value: Json, place: str, list: int) -> None:
        self.is_empty = False
        if value.get("deleted") is True and schemas.is_id(value.get("id")):
            self._staging.add_deleted(DELETED[value["object"]].name, value["id"], list, place)

    def _bytes_of(self, id: str) -> Path | None:
        """The bytes of a generated file, in an export's folder."""
        path = self._source.path
        if path is None or path.parent.name != "threads":
            return None
        found = path.parent.parent / "files" / id
        return found if is_own_file(found) else None

    def _tell_of_failures(self, value: Json, place: str, path: str) -> None:
        """What the export already knew to be missing."""
        if value.get("export_schema") == schemas.THREAD and value.get("errors"):
            self._staging.remark("note", _at(place, path), f"{value.get('thread_id')}: the export had errors: {str(value['errors'])[:300]}")
        elif value.get("threads_failed") and "threads_exported" in value:
            self.is_empty = False
            self._staging.remark("note", _at(place, path), f"threads that the export did not get: {str(value['threads_failed'])[:300]}")
        elif "threads_exported" in value:
            self.is_empty = False

    def _no_form(self) -> None:
        if self._source.named:
            self._bad(self._source.name, "it is neither JSON nor a cassette")

    def _bad(self, place: str, what: str) -> None:
        """Say what is wrong, unless it is with a file that has nothing to do with this and only lies in the same tree."""
        if self._concerns or not self.is_empty:
            self.is_empty = False
            self._staging.remark("bad", place, what)


def _is_binary(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return True
    return False


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _at(place: str, path: str) -> str:
    return f"{place}, {path}" if path else place


def _lines(name: str, first: int, last: int) -> str:
    return f"{name}, line {first}" if first >= last else f"{name}, lines {first} to {last}"
