"""Tests that put something in the place of `openai.OpenAI` put it where the program has the class from now.

    with patch("openai.OpenAI") as client: …      →  with patch("assistants_compat.OpenAI") as client: …

`patch("app.service.OpenAI")` stays: the name in that module is still the one that is used.
Guide: docs/codemods.md
"""

from __future__ import annotations

import re

import libcst as cst

from assistants_codemods.building import quoted
from assistants_codemods.plan import Build, Plan
from assistants_codemods.registry import fixer
from assistants_codemods.shim._clients import SHIM, supplies

_PATCHES = re.compile(r"(^|\.)(patch|setattr)$")


@fixer("shim", "types")
def fix(plan: Plan) -> None:
    """Follow the classes that moved, in the strings that patches name them by."""
    moved = {supply.name: plan.group(supply.site) for supply in supplies(plan)}
    for module in plan.program.modules.values():
        for node in module.nodes(cst.Call):
            if not node.args or not _PATCHES.search(module.code(node.func)):
                continue
            target = node.args[0].value
            text = target.evaluated_value if isinstance(target, cst.SimpleString) else None
            if not isinstance(text, str) or not text.startswith("openai.") or text.count(".") != 1:
                continue
            name = text.partition(".")[2]
            if name in moved:
                plan.edit(module, target, _always(quoted(f"{SHIM}.{name}")), moved[name])


def _always(node: cst.BaseExpression) -> Build:
    """What puts `node` in the place of whatever was there."""
    return lambda updated, rewriter: node
