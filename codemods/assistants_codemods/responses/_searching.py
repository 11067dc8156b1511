"""Stores that an assistant is given after it was created: its file search is added then, as responses.create takes none without stores.

    assistant = client.beta.assistants.create(model="gpt-4.1", tools=[{"type": "file_search"}, {"type": "code_interpreter"}])
    client.beta.assistants.update(assistant.id, tool_resources={"file_search": {"vector_store_ids": [store.id]}})

becomes

    assistant = {"model": "gpt-4.1", "tools": [{"type": "code_interpreter", "container": {"type": "auto"}}], "truncation": "auto"}
    assistant.update(tools=[*assistant["tools"], {"type": "file_search", "vector_store_ids": [store.id]}])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import libcst as cst

from assistants_codemods.building import Given, expression
from assistants_codemods.flow.program import CallSite
from assistants_codemods.plan import Plan
from assistants_codemods.responses._assistant_settings import searches_nothing
from assistants_codemods.responses._flat_tool import flat_tool, is_search
from assistants_codemods.responses._forms import origins_of
from assistants_codemods.responses._resources import names_stores, resources_of, understood
from assistants_codemods.responses.resources import client_of

Added: TypeAlias = "Callable[[cst.Call, cst.BaseExpression], cst.DictElement]"


def added_search(plan: Plan, site: CallSite, group: int, *, plain: bool) -> Added | None:
    """What makes the `tools` of an update that names stores only. The group is refused where the tools are not in view."""
    given = site.argument("assistant_id")
    assert given is not None
    sites = {other.index: other for other in plan.program.sites.values()}
    created = [sites.get(origin) for origin in origins_of(plan, given.node.value)]
    searches = [found for creation in created if (found := _search_of(creation)) is not None]
    updates = [other for other in sites.values() if other.path == "beta.assistants.update" and names_stores(other)]
    resource = site.node.func.value if isinstance(site.node.func, cst.Attribute) else site.node
    client = client_of(plan, resource)
    if not understood(plan, site) or len(searches) != 1 or len(created) != 1 or len(updates) != 1 or client is None:
        resources = site.argument("tool_resources")
        assert resources is not None
        plan.refuse(site.module, resources.node, "AC066", "The tools that these resources are for are not in view", group, site=site)
        return None
    search, is_alone = searches[0]

    def build(call: cst.Call, assistant: cst.BaseExpression) -> cst.DictElement:
        tool = flat_tool(search, resources_of(Given(site, call), client, site.is_awaited))
        before = expression('{assistant}["tools"]' if plain else "{assistant}.tools", assistant=assistant)
        elements: list[cst.BaseElement] = [] if is_alone else [cst.StarredElement(before)]
        return cst.DictElement(cst.SimpleString('"tools"'), cst.List([*elements, cst.Element(tool)]))

    return build


def _search_of(site: CallSite | None) -> tuple[cst.Dict, bool] | None:
    """The file search that the assistant was created with, without stores, and whether it is the only tool."""
    tools = site.argument("tools") if site is not None and searches_nothing(site) else None
    node = tools.node.value if tools is not None else None
    if not isinstance(node, cst.List):
        return None
    found = [element.value for element in node.elements if is_search(element.value)]
    return (found[0], len(node.elements) == 1) if len(found) == 1 and isinstance(found[0], cst.Dict) else None
