"""The tree that a run is about: its files by path, read on demand, and searched for words as bytes."""

from __future__ import annotations

import re

from assistants_codemods.discovery import Listing
from assistants_codemods.documents import Document, UnreadableDocument, read_python
from assistants_codemods.findings import Finding, Place
from assistants_codemods.source import Source
from assistants_codemods.words import may_use_assistants

LARGEST = 2_000_000
"""Bytes of Python above which a file is not parsed."""
_WORD = re.compile(rb"[0-9A-Za-z_]")
_KEPT = 128_000_000  # bytes of content held in memory: what is above is read again when it is wanted again


class Tree:
    """The Python files and notebooks of one tree."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self.root = listing.root
        self.files = listing.files
        """The paths of all Python files and notebooks, relative to the root: what imports are resolved against."""
        self.selected = frozenset(listing.selected)
        """Those that may change."""
        self.failures: dict[str, Finding] = {note.place.path: note for note in listing.notes}
        """What could not be read or understood, by path."""
        self.notes: list[Finding] = []
        """What is in the files that were read and is not looked at: cells of notebooks."""
        self._listed = frozenset(listing.files)
        self._contents: dict[str, bytes] = {}
        self._held = 0
        self._documents: dict[str, Document] = {}
        self._containing: dict[str, frozenset[str]] = {}

    def __reduce__(self) -> tuple[type[Tree], tuple[Listing]]:
        """Another process reads the files itself."""
        return Tree, (self._listing,)

    def content(self, path: str) -> bytes | None:
        """The bytes of a file of the tree; None where they cannot be read, which is then among the failures."""
        if path in self._contents:
            return self._contents[path]
        if path not in self._listed:
            return None
        try:
            content = (self.root / path).read_bytes()
        except OSError as error:
            self._fail(path, "AC002", f"The file cannot be read: {error.strerror}.")
            return None
        if self._held + len(content) <= _KEPT:
            self._contents[path] = content
            self._held += len(content)
        return content

    def document(self, path: str) -> Document | None:
        """A file of the tree, decoded; None where that is impossible, which is then among the failures."""
        if path in self._documents:
            return self._documents[path]
        content = self.content(path)
        if content is None:
            return None
        try:
            document = _read(path, content)
        except UnreadableDocument as error:
            self._fail(path, error.code, str(error), error.line)
            return None
        if document is not None:
            self._documents[path] = document
            self.notes += [Finding("AC007", Place(path, line, 1), sentence, "warning") for line, sentence in document.notes()]
        return document

    def source(self, path: str) -> Source | None:
        """A file of the tree as the codemods see it; None where it cannot be read or decoded."""
        document = self.document(path)
        return None if document is None else Source(path, document.text)

    def text(self, path: str) -> str | None:
        """The module in a file of the tree; None where it cannot be read or decoded."""
        document = self.document(path)
        return None if document is None else document.text

    def hits(self) -> list[Source]:
        """The files that may change and may use the API."""
        found = []
        for path in sorted(self.selected):
            content = self.content(path)
            if content is None or not may_use_assistants(content):
                continue
            source = self.source(path)
            if source is not None and (not path.endswith(".ipynb") or may_use_assistants(source.text.encode())):
                found.append(source)
        return found

    def containing(self, identifier: str) -> frozenset[str]:
        """The paths of the files that have `identifier` as a word, in strings and comments as well."""
        if identifier not in self._containing:
            word = identifier.encode()
            self._containing[identifier] = frozenset(
                path for path in self.files if (content := self.content(path)) is not None and _has_word(content, word)
            )
        return self._containing[identifier]

    def where(self, place: Place) -> str:
        """A place in people's words: `app.py:3`, `notebook.ipynb: cell 2, line 1`."""
        cell = self.cell(place)
        return str(place) if cell is None else f"{place.path}: cell {cell[0]}, line {cell[1]}"

    def cell(self, place: Place) -> tuple[int, int] | None:
        """The number of the notebook cell that a place is in, and the line there; None for a place in a Python file."""
        document = self._documents.get(place.path)
        return None if document is None else document.cell(place.line)

    def _fail(self, path: str, code: str, message: str, line: int = 1) -> None:
        self.failures.setdefault(path, Finding(code, Place(path, line, 1), message, "warning" if code == "AC004" else "error"))


def _has_word(content: bytes, word: bytes) -> bool:
    """Whether `word` stands in `content` by itself: a search for a plain text is many times as quick as one for a pattern."""
    at = content.find(word)
    while at >= 0:
        end = at + len(word)
        if not (at and _WORD.match(content, at - 1)) and not _WORD.match(content, end):
            return True
        at = content.find(word, end)
    return False


def _read(path: str, content: bytes) -> Document | None:
    if path.endswith(".ipynb"):
        from assistants_codemods.notebooks import read_notebook

        notebook = read_notebook(content)
        if notebook is not None and len(notebook.text) > LARGEST:
            raise UnreadableDocument("AC004", f"The cells have more than {LARGEST:,} characters of code: skipped.")
        return notebook
    if len(content) > LARGEST:
        raise UnreadableDocument("AC004", f"The file has {len(content):,} bytes, more than {LARGEST:,}: skipped.")
    return read_python(content)
