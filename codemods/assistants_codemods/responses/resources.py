"""The resources themselves: `client.beta.threads` becomes `client.conversations`, aliases and properties included.

    threads = client.beta.threads               →  threads = client.conversations
    client.beta.threads.messages.list(…)        →  client.conversations.items.list(…)
    client.beta.threads.runs.create(…)          →  client.responses.create(…)
    client.beta.vector_stores.create(…)         →  client.vector_stores.create(…)

Which method is called then, and with what, is the business of the fixers of each call.
Guide: https://developers.openai.com/api/docs/assistants/migration
"""

from __future__ import annotations

from collections import defaultdict
from typing import TypeGuard

import libcst as cst

from assistants_codemods.flow.kinds import ASSISTANTS_RESOURCES
from assistants_codemods.flow.module import Module
from assistants_codemods.flow.values import Api
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.rewriting import Rewriter

NATIVE = {
    "client.beta": "",
    "beta.threads": "conversations",
    "beta.threads.messages": "conversations.items",
    "beta.threads.runs": "responses",
    "beta.vector_stores": "vector_stores",
    "beta.vector_stores.files": "vector_stores.files",
    "beta.vector_stores.file_batches": "vector_stores.file_batches",
}
"""Where each resource is in the native API, below the client."""


@fixer("responses", "types")
def fix(plan: Plan) -> None:
    """Rewrite every expression that is a resource, as part of the groups that call methods on it."""
    aliased: dict[str, list[int]] = defaultdict(list)
    for site in sorted(plan.program.sites.values(), key=lambda site: site.place):
        if not isinstance(site.node.func, cst.Attribute):
            continue
        resource, group = site.node.func.value, plan.group(site)
        client = client_of(plan, resource)
        if client is not None and not _is_read_of_client(_base(plan, resource)):
            aliased["client.beta"].append(group)
        if client is not None:
            _rewrite(plan, site.module, resource, client, group)
        else:
            aliased[_kind(plan, _base(plan, resource)) or ""].append(group)
            if _base(plan, resource) is not resource and resource not in plan.claimed:
                plan.refuse(site.module, resource, "AC020", "A resource below an alias of another one has no place of its own", group)
    for module in plan.program.modules.values():
        for node in module.nodes(cst.Attribute):
            if node not in plan.claimed and aliased.get(_kind(plan, node) or "-"):
                client = client_of(plan, node)
                if client is not None and not _goes_on(plan, module, node):
                    _rewrite(plan, module, node, client, plan.group(*aliased[_kind(plan, node) or ""]))


def _rewrite(plan: Plan, module: Module, node: cst.BaseExpression, client: cst.BaseExpression, group: int) -> None:
    if node in plan.claimed:
        return
    native = NATIVE.get(_kind(plan, node) or "")
    if native is None:
        return  # what is called on it is refused by name, with a better reason
    plan.claim(node)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        made = rewriter.new(client)
        for part in native.split(".") if native else ():
            made = cst.Attribute(made, cst.Name(part))
        return made

    plan.edit(module, node, build, group)


def _kind(plan: Plan, node: cst.CSTNode) -> str | None:
    """The resource that `node` is; None for everything else."""
    found = {atom.kind for atom in plan.value(node) if isinstance(atom, Api)}
    kind = found.pop() if len(found) == 1 else None
    return kind if kind in ASSISTANTS_RESOURCES or kind == "client.beta" else None


def _base(plan: Plan, node: cst.BaseExpression) -> cst.BaseExpression:
    """The innermost expression in `node` that is a resource: an alias, or `client.beta`."""
    while isinstance(node, cst.Attribute) and _kind(plan, node.value):
        node = node.value
    return node


def client_of(plan: Plan, node: cst.BaseExpression) -> cst.BaseExpression | None:
    """The client below `node`: what stands before `.beta`, or an alias of `client.beta`, which becomes it; None for other aliases."""
    base = _base(plan, node)
    if _kind(plan, base) != "client.beta":
        return None
    return base.value if _is_read_of_client(base) else base


def _is_read_of_client(base: cst.BaseExpression) -> TypeGuard[cst.Attribute]:
    """Whether `base`, which is `client.beta`, is written as that, and no alias."""
    return isinstance(base, cst.Attribute) and base.attr.value == "beta"


def _goes_on(plan: Plan, module: Module, node: cst.Attribute) -> bool:
    """Whether the expression is only part of a longer resource, which is rewritten instead."""
    parent = module.parents.get(node)
    return isinstance(parent, cst.Attribute) and parent.value is node and _kind(plan, parent) is not None
