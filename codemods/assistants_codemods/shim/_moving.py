"""Names of one `from … import` that another module has from now on."""

from __future__ import annotations

from collections.abc import Collection

import libcst as cst

from assistants_codemods.plan import Build
from assistants_codemods.rewriting import Rewriter


def moved_to(module: str, line: cst.SimpleStatementLine, statement: cst.ImportFrom, moved: Collection[cst.ImportAlias]) -> Build:
    """Makes of `line`, in which `statement` is, one that imports the names `moved` from `module`; what stays has a line of its own.

    `moved` is read when the line is built, and may grow until then.
    """

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.SimpleStatementLine)
        if len(moved) == len(_names(statement)):
            place, small = _found(line, statement, updated)
            return _with(updated, place, small.with_changes(module=cst.Name(module)))
        remaining = _shorter(line, statement, moved, updated)
        names = sorted(rewriter.code(alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for alias in moved)
        comments = "".join(f"  {comment}" for alias in _names(statement) if alias in moved and (comment := comment_of(alias)))
        return rewriter.before(remaining, f"from {module} import {', '.join(names)}{comments}\n")

    return build


def taken_out(line: cst.SimpleStatementLine, statement: cst.ImportFrom, moved: Collection[cst.ImportAlias]) -> Build:
    """Makes of `line` one without the names `moved`, or nothing if it has no others."""

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.SimpleStatementLine)
        if len(moved) < len(_names(statement)):
            return _shorter(line, statement, moved, updated)
        place, _ = _found(line, statement, updated)
        rest = [*updated.body[:place], *updated.body[place + 1 :]]
        return updated.with_changes(body=rest) if rest else rewriter.remove(updated)

    return build


def comment_of(alias: cst.ImportAlias) -> str:
    """The comment at the end of the line that an imported name has to itself."""
    space = alias.comma.whitespace_after if isinstance(alias.comma, cst.Comma) else None
    comment = space.first_line.comment if isinstance(space, cst.ParenthesizedWhitespace) else None
    return comment.value if comment is not None else ""


def _shorter(
    line: cst.SimpleStatementLine, statement: cst.ImportFrom, moved: Collection[cst.ImportAlias], updated: cst.SimpleStatementLine
) -> cst.SimpleStatementLine:
    place, small = _found(line, statement, updated)
    kept = [new for old, new in zip(_names(statement), _names(small), strict=True) if old not in moved]
    last = _names(statement)[-1].comma if small.lpar is not None else cst.MaybeSentinel.DEFAULT
    kept[-1] = kept[-1].with_changes(comma=last if isinstance(last, cst.Comma) else cst.MaybeSentinel.DEFAULT)
    return _with(updated, place, small.with_changes(names=kept))


def _found(line: cst.SimpleStatementLine, statement: cst.ImportFrom, updated: cst.SimpleStatementLine) -> tuple[int, cst.ImportFrom]:
    """Where `statement` is in the line, and what it has become."""
    place = next(number for number, small in enumerate(line.body) if small is statement)
    small = updated.body[place]
    assert isinstance(small, cst.ImportFrom)
    return place, small


def _names(statement: cst.ImportFrom) -> list[cst.ImportAlias]:
    assert not isinstance(statement.names, cst.ImportStar)
    return list(statement.names)


def _with(line: cst.SimpleStatementLine, place: int, small: cst.BaseSmallStatement) -> cst.SimpleStatementLine:
    return line.with_changes(body=[*line.body[:place], small, *line.body[place + 1 :]])
