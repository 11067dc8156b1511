"""What an edit changes: as unified diffs that `git apply` takes, and as rows for a page. Of a notebook, cell by cell."""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from assistants_codemods.lines import split_lines
from assistants_codemods.running import Edit
from assistants_codemods.tree import Tree


@dataclass(frozen=True)
class Side:
    """Two texts that are compared, and what they are called."""

    before: str
    after: str
    old: str
    new: str
    cell: int | None = None


@dataclass(frozen=True)
class Row:
    """A line of a diff; the numbers are those of the old and the new line."""

    kind: Literal["same", "old", "new", "gap"]
    old: int | None
    new: int | None
    text: str


def unified(edit: Edit, tree: Tree) -> str:
    """The diff of one edit."""
    return "".join("".join(_lines(side)) for side in sides(edit, tree))


def sides(edit: Edit, tree: Tree) -> Iterator[Side]:
    """What is compared: a file, or the cells of a notebook that change."""
    before, after = edit.change.before, edit.change.after
    if before is None:
        yield Side("", after, "/dev/null", f"b/{edit.path}")
        return
    document = tree.document(edit.path) if edit.path.endswith(".ipynb") else None
    if document is not None:
        from assistants_codemods.notebooks import NotebookDocument, changed_cells

        if isinstance(document, NotebookDocument):
            for number, old, new in changed_cells(document, after):
                yield Side(old, new, f"a/{edit.path}:cell {number}", f"b/{edit.path}:cell {number}", number)
            return
    bom = "\ufeff" if edit.before is not None and edit.before.startswith(codecs.BOM_UTF8) else ""
    yield Side(bom + before, bom + after, f"a/{edit.path}", f"b/{edit.path}")


def rows(side: Side, context: int = 3) -> Iterator[Row]:
    """The diff as rows, with a gap where lines are left out."""
    old, new = split_lines(side.before), split_lines(side.after)
    end = 0
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(context):
        if group[0][1] > end:
            yield Row("gap", None, None, "")
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (Row("same", i1 + n + 1, j1 + n + 1, old[i1 + n]) for n in range(i2 - i1))
            else:
                yield from (Row("old", n + 1, None, old[n]) for n in range(i1, i2))
                yield from (Row("new", None, n + 1, new[n]) for n in range(j1, j2))
        end = group[-1][2]
    if end < len(old):
        yield Row("gap", None, None, "")


def _lines(side: Side) -> Iterator[str]:
    for line in difflib.unified_diff(split_lines(side.before), split_lines(side.after), side.old, side.new):
        if line.endswith(("\n", "\r")):
            yield line
        else:
            yield f"{line}\n\\ No newline at end of file\n"
