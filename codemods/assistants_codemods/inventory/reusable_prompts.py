"""Reusable prompts, `pmpt_…`: OpenAI ends them on 2026-11-30.

    client.responses.create(prompt={"id": "pmpt_123"})   →  told: their text belongs into the code

Guide: https://developers.openai.com/api/docs/deprecations
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import text_of
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer


@fixer(None, "notes")
def fix(plan: Plan) -> None:
    """Look at every literal that is a prompt's id."""
    for module in plan.program.modules.values():
        for node in module.nodes(cst.SimpleString):
            text = text_of(node)
            if text is not None and text.startswith("pmpt_") and len(text) > len("pmpt_"):
                plan.note(module, node, "AC092", f"The reusable prompt {text} ends on 2026-11-30: put its text into the code", "error")
