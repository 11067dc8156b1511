"""Unified diffs that `git apply` and `patch` take; of a notebook, one for each cell that changes."""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Iterator

from assistants_codemods.lines import split_lines
from assistants_codemods.running import Edit
from assistants_codemods.tree import Tree


def unified(edit: Edit, tree: Tree) -> str:
    """The diff of one edit."""
    return "".join("".join(_lines(before, after, old, new)) for before, after, old, new in _pairs(edit, tree))


def _pairs(edit: Edit, tree: Tree) -> Iterator[tuple[str, str, str, str]]:
    """What is compared, and the names of the two sides."""
    before, after = edit.change.before, edit.change.after
    if before is None:
        yield "", after, "/dev/null", f"b/{edit.path}"
        return
    document = tree.document(edit.path) if edit.path.endswith(".ipynb") else None
    if document is not None:
        from assistants_codemods.notebooks import NotebookDocument, changed_cells

        if isinstance(document, NotebookDocument):
            for number, old, new in changed_cells(document, after):
                yield old, new, f"a/{edit.path}:cell {number}", f"b/{edit.path}:cell {number}"
            return
    bom = "\ufeff" if edit.before is not None and edit.before.startswith(codecs.BOM_UTF8) else ""
    yield bom + before, bom + after, f"a/{edit.path}", f"b/{edit.path}"


def _lines(before: str, after: str, old: str, new: str) -> Iterator[str]:
    for line in difflib.unified_diff(split_lines(before), split_lines(after), old, new):
        if line.endswith(("\n", "\r")):
            yield line
        else:
            yield f"{line}\n\\ No newline at end of file\n"
