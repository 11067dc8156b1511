"""Models that OpenAI has shut down, or will: named as `model=…`, in a dict under "model", or by a setting with "model" in its name.

    client.beta.assistants.create(model="gpt-4-1106-preview")   →  told, with the date and what OpenAI recommends

Guide: docs/models.md
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import text_of
from assistants_codemods.flow.module import Module
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer


@fixer(None, "notes")
def fix(plan: Plan) -> None:
    """Look at every literal that stands where a model is named."""
    from assistants_compat.model_retirement import living_replacement, retirement

    today = plan.today
    for module in plan.program.modules.values():
        for node in module.nodes(cst.SimpleString):
            text = text_of(node)
            known = retirement(text) if text is not None and _names_a_model(module, node) else None
            if text is None or known is None:
                continue
            gone = known.shutdown <= today
            instead = living_replacement(text, today)
            advice = f"; OpenAI recommends {instead}" if instead else ""
            when = "was shut down on" if gone else "will be shut down on"
            plan.note(module, node, "AC091", f"{text} {when} {known.shutdown}{advice}", "error" if gone else "warning")


def _names_a_model(module: Module, node: cst.CSTNode) -> bool:
    parent = module.parents.get(node)
    if isinstance(parent, cst.Arg):
        if parent.keyword is not None:
            return "model" in parent.keyword.value.lower()
        call = module.parents.get(parent)  # os.getenv("MODEL", "gpt-4")
        first = call.args[0].value if isinstance(call, cst.Call) else None
        return first is not node and "model" in (text_of(first) or "").lower()
    if isinstance(parent, cst.DictElement):
        return parent.value is node and "model" in (text_of(parent.key) or "").lower()
    if isinstance(parent, cst.Assign):
        return any("model" in module.code(target.target).lower() for target in parent.targets)
    if isinstance(parent, cst.AnnAssign):
        return "model" in module.code(parent.target).lower()
    if isinstance(parent, cst.Param):
        return "model" in parent.name.value.lower()
    return False
