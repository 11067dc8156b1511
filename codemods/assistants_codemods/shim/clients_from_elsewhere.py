"""Calls whose client nobody in the tree makes, and calls that never ran on version 2 of the API.

    def start(client): return client.beta.threads.create()      →  stays: nothing is to be changed here, but where the client is made

Where some client of the application is swapped, that is what such calls get; where none is, the report says what to do.
Guide: docs/codemods.md, under the code that the report names.
"""

from __future__ import annotations

from assistants_codemods.flow.program import CallSite
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.responses._items import is_empty
from assistants_codemods.shim._clients import clients_of, supplies


@fixer("shim", "leftovers")
def fix(plan: Plan) -> None:
    """Say of each call that nothing was done for, why."""
    is_swapped = any(True for _ in supplies(plan)) or bool(plan.program.wrapped) or bool(plan.program.installed)
    for site in plan.program.sites.values():
        version_1 = _of_version_1(plan, site)
        if version_1 is not None:
            plan.leave(site, "AC031", version_1)
        elif site.node not in plan.claimed:
            if is_swapped or _is_shim(plan, site):
                plan.claim(site.node)
            else:
                how = plan.program.origins[site.client].how
                plan.leave(site, "AC030", f"The client comes from outside the tree ({how})")


def _is_shim(plan: Plan, site: CallSite) -> bool:
    """Whether the client is the shim's already."""
    for number in clients_of(site):
        node = plan.program.origins[number].node
        if node is not None and any(external.name.startswith("assistants_compat.") for external in plan.program.suppliers.get(node, {})):
            return True
    return any("assistants_compat" in module.source.text for module in plan.program.modules.values())


def _of_version_1(plan: Plan, site: CallSite) -> str | None:
    if site.path.startswith(("beta.assistants.files.", "beta.threads.messages.files.")):
        return f"{site.path} was of version 1, and went with it"
    files = site.argument("file_ids")
    if site.path.startswith(("beta.assistants.", "beta.threads.")) and files is not None and not is_empty(plan, files.node.value):
        return "`file_ids` was of version 1: today's SDK does not take it. Use tool_resources or attachments"
    return None
