"""The import swap: clients that reach the Assistants API come from assistants_compat.

    from openai import NotFoundError, OpenAI

becomes

    from assistants_compat import OpenAI
    from openai import NotFoundError

Wherever the client is made: in another module, a factory, a `try`. What only chats keeps its import.
Guide: README.md, "Four ways in"
"""

from __future__ import annotations

from collections import defaultdict

import libcst as cst

from assistants_codemods.flow.module import Module
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shim._clients import SHIM, supplies


@fixer("shim", "calls")
def fix(plan: Plan) -> None:
    """Split the imports that clients of the Assistants API come by."""
    wanted: dict[cst.ImportFrom, set[cst.ImportAlias]] = defaultdict(set)
    for supply in supplies(plan):
        if not isinstance(supply.source, cst.ImportAlias):
            continue
        statement = supply.module.parents.get(supply.source)
        if not isinstance(statement, cst.ImportFrom):
            continue
        plan.claim(supply.site.node)
        if statement not in wanted:
            _split(plan, supply.module, statement, wanted[statement], plan.group(supply.site))
        wanted[statement].add(supply.source)


def _split(plan: Plan, module: Module, statement: cst.ImportFrom, moved: set[cst.ImportAlias], group: int) -> None:
    line = module.statement_of(statement)
    assert isinstance(line, cst.SimpleStatementLine)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.SimpleStatementLine)
        place = next(number for number, small in enumerate(line.body) if small is statement)
        small = updated.body[place]
        assert isinstance(small, cst.ImportFrom)
        assert not isinstance(small.names, cst.ImportStar)
        assert not isinstance(statement.names, cst.ImportStar)
        pairs = list(zip(statement.names, small.names, strict=True))
        kept = [new for old, new in pairs if old not in moved]
        if not kept:
            body = [*updated.body[:place], small.with_changes(module=cst.Name(SHIM)), *updated.body[place + 1 :]]
            return updated.with_changes(body=body)
        last = statement.names[-1].comma if small.lpar is not None else cst.MaybeSentinel.DEFAULT
        kept[-1] = kept[-1].with_changes(comma=last if isinstance(last, cst.Comma) else cst.MaybeSentinel.DEFAULT)
        body = [*updated.body[:place], small.with_changes(names=kept), *updated.body[place + 1 :]]
        names = sorted(rewriter.code(new.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for old, new in pairs if old in moved)
        remaining = updated.with_changes(body=body)
        comments = "".join(f"  {comment}" for old, _ in pairs if old in moved and (comment := _comment(old)))
        return rewriter.before(remaining, f"from {SHIM} import {', '.join(names)}{comments}\n")

    plan.edit(module, line, build, group)


def _comment(alias: cst.ImportAlias) -> str:
    """The comment at the end of the line that an imported name has to itself."""
    space = alias.comma.whitespace_after if isinstance(alias.comma, cst.Comma) else None
    comment = space.first_line.comment if isinstance(space, cst.ParenthesizedWhitespace) else None
    return comment.value if comment is not None else ""
