"""Tests that stand in for the old API: what they promise is no longer what native code asks.

    mock_client.beta.threads.create.return_value = thread   →  told: stays right on the shim, is to be written anew for Responses

Guide: docs/testing.md
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.flow.values import Foreign
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer


@fixer("responses", "notes")
def fix(plan: Plan) -> None:
    """Look at `.beta.threads` and its like of mocks."""
    for module in plan.program.modules.values():
        for node in module.nodes(cst.Attribute):
            if node.attr.value in ("threads", "assistants") and _is_mock(plan, node.value):
                plan.note(module, node, "AC094", "A mock of the Assistants API: native code asks it for something else", "warning")


def _is_mock(plan: Plan, node: cst.BaseExpression) -> bool:
    if not isinstance(node, cst.Attribute) or node.attr.value != "beta":
        return False
    return any(isinstance(atom, Foreign) and "mock" in atom.name.lower() for atom in plan.value(node.value))
