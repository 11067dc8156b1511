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

from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.shim._clients import SHIM, supplies
from assistants_codemods.shim._moving import moved_to


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
            line = supply.module.statement_of(statement)
            assert isinstance(line, cst.SimpleStatementLine)
            plan.edit(supply.module, line, moved_to(SHIM, line, statement, wanted[statement]), plan.group(supply.site))
        wanted[statement].add(supply.source)
