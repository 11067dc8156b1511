"""Clients made as `openai.OpenAI(…)` are made as `assistants_compat.OpenAI(…)`.

    import openai
    client = openai.OpenAI(timeout=30)

becomes

    import assistants_compat
    client = assistants_compat.OpenAI(timeout=30)

`import openai` stays where anything else of it is used.
Guide: README.md, "Four ways in"
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shim._clients import SHIM, supplies


@fixer("shim", "calls")
def fix(plan: Plan) -> None:
    """Read the class of the shim's module instead of the SDK's."""
    done: set[cst.CSTNode] = set()
    for supply in supplies(plan):
        if not isinstance(supply.source, cst.Attribute):
            continue
        plan.claim(supply.site.node)
        if supply.source not in done:
            done.add(supply.source)
            group = plan.group(supply.site)
            plan.edit(supply.module, supply.source, _of_the_shim, group)
            plan.want_import(supply.module, SHIM, None, group)


def _of_the_shim(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    assert isinstance(updated, cst.Attribute)
    return updated.with_changes(value=cst.Name(SHIM))
