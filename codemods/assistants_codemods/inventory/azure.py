"""Clients of Azure: Responses and Conversations are served by Azure's v1 API.

    AzureOpenAI(api_version="2024-05-01-preview", …)   →  told: OpenAI(base_url="https://….openai.azure.com/openai/v1/", …)

Guide: https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
"""

from __future__ import annotations

from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer

_MESSAGE = 'Responses need Azure\'s v1 API: make the client as OpenAI(base_url="https://….openai.azure.com/openai/v1/", api_key=…)'


@fixer("responses", "notes")
def fix(plan: Plan) -> None:
    """Look at how the clients behind the calls are made."""
    for site in plan.program.sites.values():
        origin = plan.program.origins[site.client]
        if origin.what == "client" and "Azure" in origin.how and origin.module is not None and origin.node is not None:
            plan.note(origin.module, origin.node, "AC096", _MESSAGE, "warning")
