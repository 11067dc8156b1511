"""Vector stores are no longer in beta: `client.beta.vector_stores` becomes `client.vector_stores`, with the same methods.

    store = client.beta.vector_stores.create(name="Handbook")
    client.beta.vector_stores.file_batches.upload_and_poll(vector_store_id=store.id, files=files)

becomes

    store = client.vector_stores.create(name="Handbook")
    client.vector_stores.file_batches.upload_and_poll(vector_store_id=store.id, files=files)

Guide: https://developers.openai.com/api/docs/guides/retrieval
"""

from __future__ import annotations

from assistants_codemods.flow.kinds import METHODS
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer

_STORES = "beta.vector_stores"
_GONE = {f"{_STORES}.modify"}
"""Spellings that no release of the SDK had in either place."""


@fixer("responses", "calls")
def fix(plan: Plan) -> None:
    """Take the calls: `resources` moves what they are called on. What is read of the results is called the same."""
    paths = [f"{resource}.{method}" for resource in METHODS if resource.startswith(_STORES) for method in METHODS[resource]]
    for site in plan.sites(*(path for path in paths if path not in _GONE)):
        plan.claim(site.node)
    for escape in plan.program.escapes.values():
        if escape.atom.kind.startswith(("vector_store", "page[vector_store")):
            plan.claim(escape.node)
