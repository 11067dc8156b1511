"""A notebook's code cells as one module, and back: of the JSON only the `source` of cells that changed is another afterwards."""

from __future__ import annotations

import bisect
import codecs
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assistants_codemods import json_spans
from assistants_codemods.dependencies.pip_commands import adapt
from assistants_codemods.documents import UnreadableDocument
from assistants_codemods.json_spans import Span
from assistants_codemods.lines import split_lines
from assistants_codemods.magics import Masks
from assistants_codemods.words import may_use_assistants

_MARKER = "assistants-compat: cell"
_MARKED = re.compile(rf'^"{_MARKER} (\d+)"\n', re.MULTILINE)
_SHIM = re.compile(r"\bassistants_compat\b")


@dataclass(frozen=True)
class Cell:
    """One code cell."""

    number: int
    """Its place among all cells, from 1."""
    source: str
    masked: str
    is_python: bool
    span: Span
    """Its `source` (or `input`, in format 3) in the JSON."""


@dataclass(frozen=True)
class NotebookDocument:
    """A notebook whose language is Python."""

    json_text: str
    bom: bytes
    cells: tuple[Cell, ...]
    masks: Masks

    @property
    def encoding(self) -> str:
        """Notebooks are UTF-8."""
        return "utf-8"

    @cached_property
    def text(self) -> str:
        """The module: before each cell a string that names it, for magics a string as well."""
        return "".join(f'"{_MARKER} {cell.number}"\n{cell.masked}\n' for cell in self.cells)

    def rewritten(self, text: str) -> bytes:
        """The notebook with `text` as its module. Raises UnreadableDocument (AC009) where its cells cannot be told apart any more."""
        replaced = []
        for cell, source in zip(self.cells, self.sources(text), strict=True):
            if source != cell.source:
                replaced.append((cell.span, _as_json(source, cell.span, self.json_text)))
        pieces, position = [], 0
        for span, new in replaced:
            pieces += [self.json_text[position : span.start], new]
            position = span.end
        return self.bom + "".join([*pieces, self.json_text[position:]]).encode("utf-8", "surrogatepass")

    def sources(self, text: str) -> list[str]:
        """The source of each cell where the module is `text`. Raises UnreadableDocument (AC009) as above."""
        needs_shim = _SHIM.search(text) is not None
        originals = [adapt(piece, needs_shim) if text != self.text else piece for piece in self.masks.originals]
        unmasked = self.masks.unmask(text, originals)
        marks = [] if unmasked is None else list(_MARKED.finditer(unmasked))
        if unmasked is None or [int(mark[1]) for mark in marks] != [cell.number for cell in self.cells]:
            raise UnreadableDocument("AC009", "The rewritten notebook has lost a cell or a magic; it stays as it is.")
        if not marks:
            return []
        ends = [mark.start() for mark in marks[1:]] + [len(unmasked)]
        sources = [unmasked[mark.end() : end].removesuffix("\n") for mark, end in zip(marks, ends, strict=True)]
        if marks[0].start():
            sources[0] = unmasked[: marks[0].start()] + sources[0]
        return sources

    def cell(self, line: int) -> tuple[int, int]:
        """The cell that a line of the module is in, and the line there, both from 1."""
        index = max(0, bisect.bisect_right(self._starts, line) - 1)
        return self.cells[index].number, max(1, line - self._starts[index])

    @cached_property
    def _starts(self) -> list[int]:
        starts, line = [], 1
        for cell in self.cells:
            starts.append(line)
            line += cell.masked.count("\n") + 2
        return starts

    def notes(self) -> Iterator[tuple[int, str]]:
        """Cells that are not rewritten though they have the words: the line of the module, and a sentence."""
        for cell, start in zip(self.cells, self._starts, strict=True):
            if not cell.is_python and may_use_assistants(cell.source.encode("utf-8", "replace")):
                magic = cell.source.lstrip().split("\n", 1)[0] if cell.source.lstrip().startswith("%%") else ""
                yield start + 1, f"The cell is under {magic[:60]}: it is not looked at." if magic else "The cell is not Python on its own."


def read_notebook(content: bytes) -> NotebookDocument | None:
    """The notebook in `content`; None where its language is not Python. Raises UnreadableDocument (AC006)."""
    bom = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    try:
        text = content[len(bom) :].decode("utf-8")
        top = json_spans.document(text)
        spans = list(_cells(text, top))
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument("AC006", f"The file is not a notebook: {error}.") from None
    if not _is_python(top.value):
        return None
    masks = Masks()
    cells = []
    for number, source, span in spans:
        masked, is_python = masks.mask(source)
        cells.append(Cell(number, source, masked, is_python, span))
    return NotebookDocument(text, bom, tuple(cells), masks)


def changed_cells(document: NotebookDocument, after: str) -> Iterator[tuple[int, str, str]]:
    """The number, the old source and the new source of every cell that is another when the module is `after`."""
    for cell, source in zip(document.cells, document.sources(after), strict=True):
        if source != cell.source:
            yield cell.number, cell.source, source


def _cells(text: str, top: Span) -> Iterator[tuple[int, str, Span]]:
    """The number, the source and its place of every code cell."""
    if not isinstance(top.value, dict) or top.value.get("nbformat") not in (3, 4):
        raise ValueError("no nbformat 3 or 4")
    parts = dict(json_spans.members(text, top.start))
    arrays = [parts["cells"]] if "cells" in parts else []
    if "worksheets" in parts and isinstance(parts["worksheets"].value, list):
        sheets = [dict(json_spans.members(text, sheet.start)) for sheet in json_spans.elements(text, parts["worksheets"].start)]
        arrays += [sheet["cells"] for sheet in sheets if "cells" in sheet]
    number = 0
    for array in arrays:
        for cell in json_spans.elements(text, array.start):
            number += 1
            if isinstance(cell.value, dict) and cell.value.get("cell_type") == "code":
                fields = dict(json_spans.members(text, cell.start))
                span = fields.get("source") or fields.get("input")
                if span is None:
                    raise ValueError(f"cell {number} has no source")
                yield number, _joined(span.value, number), span


def _joined(value: Any, number: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    raise ValueError(f"the source of cell {number} is not text")


def _is_python(notebook: dict[str, Any]) -> bool:
    metadata = notebook.get("metadata")
    if not isinstance(metadata, dict):
        return True
    info, kernel = metadata.get("language_info"), metadata.get("kernelspec")
    names = [info.get("name") if isinstance(info, dict) else None]
    names += [kernel.get("language"), kernel.get("name")] if isinstance(kernel, dict) else []
    known = [name for name in names if isinstance(name, str) and name]
    return not known or any("python" in name.lower() for name in known[:1]) or (len(known) > 1 and "python" in known[1].lower())


def _as_json(source: str, span: Span, text: str) -> str:
    """`source` in the form that the cell has: one string, or an array of lines with its separators and its way of escaping."""
    ascii_only = "\\u" in text and text.isascii()
    if isinstance(span.value, str):
        return json.dumps(source, ensure_ascii=ascii_only)
    old = list(json_spans.elements(text, span.start))
    kept = {line.value: text[line.start : line.end] for line in old}
    lines = [kept.get(line) or json.dumps(line, ensure_ascii=ascii_only) for line in split_lines(source)]
    opening, between, closing = _separators(old, span, text)
    return f"[{opening}{between.join(lines)}{closing}]" if lines else "[]"


def _separators(old: Sequence[Span], span: Span, text: str) -> tuple[str, str, str]:
    """What stands before, between and after the lines of a source."""
    if not old:
        return "", ", ", ""
    opening = text[span.start + 1 : old[0].start]
    between = text[old[0].end : old[1].start] if len(old) > 1 else f",{opening}" if opening else ", "
    return opening, between, text[old[-1].end : span.end - 1]
