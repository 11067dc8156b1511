"""What is left of version 1 of the API, which ended in 2024: `file_ids`, the retrieval tool, its header, its types.

    client.beta.assistants.create(tools=[{"type": "retrieval"}], file_ids=[file.id])   →  told

Guide: docs/codemods.md
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import entries, text_of
from assistants_codemods.flow.values import External
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer

_TYPES = frozenset(
    {
        "ThreadMessage",
        "MessageContentText",
        "MessageContentImageFile",
        "AssistantFile",
        "MessageFile",
        "RetrievalToolCall",
        "CodeToolCall",
    }
)


@fixer(None, "notes")
def fix(plan: Plan) -> None:
    """Look at arguments, tools, headers and imports."""
    for site in plan.program.sites.values():
        files = site.argument("file_ids")
        if files is not None and site.path.startswith(("beta.assistants.", "beta.threads.")):
            plan.note(site.module, files.node, "AC093", "`file_ids` is of version 1 of the API", "warning")
    for module in plan.program.modules.values():
        for node in module.nodes(cst.Dict, cst.SimpleString, cst.ImportAlias):
            if isinstance(node, cst.Dict) and text_of((entries(node) or {}).get("type")) == "retrieval":
                plan.note(module, node, "AC093", "The retrieval tool is of version 1: it is file_search now", "warning")
            elif isinstance(node, cst.SimpleString) and text_of(node) == "assistants=v1":
                plan.note(module, node, "AC093", "This header asks for version 1 of the API", "warning")
            elif isinstance(node, cst.ImportAlias):
                for atom in plan.value(node):
                    name = atom.name if isinstance(atom, External) else ""
                    if name.startswith("openai.types.beta.") and name.rpartition(".")[2] in _TYPES:
                        message = f"{name.rpartition('.')[2]} is a type of version 1, which newer SDKs do not have"
                        plan.note(module, node, "AC093", message, "warning")
