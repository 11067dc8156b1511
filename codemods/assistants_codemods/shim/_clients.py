"""Which classes of clients reach the Assistants API, and where each module has them from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from assistants_codemods.flow.module import Module
from assistants_codemods.flow.program import CallSite
from assistants_codemods.flow.values import External
from assistants_codemods.plan import Plan

SHIM = "assistants_compat"


@dataclass(frozen=True)
class Supply:
    """A class of clients, as one module has it: imported by an alias, or read of the SDK's module."""

    site: CallSite
    module: Module
    name: str
    """The class: `OpenAI`, `AsyncAzureOpenAI`."""
    source: cst.CSTNode


def supplies(plan: Plan) -> Iterator[Supply]:
    """The classes behind all calls, once for each call and place."""
    for site in sorted(plan.program.sites.values(), key=lambda site: site.place):
        for origin in clients_of(site):
            node = plan.program.origins[origin].node
            for external, module in plan.program.suppliers.get(node, {}).items() if node is not None else ():
                if external.source is not None and is_sdk(external):
                    yield Supply(site, _module_of(plan, external.source, module), external.name.rpartition(".")[2], external.source)


def clients_of(site: CallSite) -> set[int]:
    """The origins of the clients that a call may be made on."""
    return {site.client, *site.clients}


def is_sdk(external: External) -> bool:
    """Whether the class is the SDK's, not the shim's already."""
    return external.name.partition(".")[0] == "openai"


def _module_of(plan: Plan, node: cst.CSTNode, default: Module) -> Module:
    return next((module for module in plan.program.modules.values() if node in module.parents), default)
