"""Sentences of errors that programs look for: the shim says the same, Responses does not.

    if "already has an active run" in str(error): …   →  told

Guide: docs/codemods.md
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import text_of
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer

_SENTENCES = ("already has an active run", "Can't add messages to", "while a run", "Runs in status", "Cannot cancel run", "No thread found")


@fixer("responses", "notes")
def fix(plan: Plan) -> None:
    """Look at every literal that has part of such a sentence."""
    for module in plan.program.modules.values():
        for node in module.nodes(cst.SimpleString):
            text = text_of(node)
            if text is not None and len(text) < 300 and any(sentence in text for sentence in _SENTENCES):
                message = "This sentence is the Assistants API's; a busy conversation is refused with code conversation_locked"
                plan.note(module, node, "AC095", message, "warning")
