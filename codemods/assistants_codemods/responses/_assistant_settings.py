"""The settings that an assistant is created or updated with, as entries of a dict: renamed, flattened, each where it was.

model=m, tools=[{"type": "file_search"}], tool_resources={"file_search": {"vector_store_ids": [s.id]}}
    →  "model": m, "tools": [{"type": "file_search", "vector_store_ids": [s.id]}]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import libcst as cst

from assistants_codemods.building import Given, entries, text_of
from assistants_codemods.flow.program import Argument, CallSite
from assistants_codemods.plan import Plan
from assistants_codemods.responses._conversions import CONVERSIONS, Convert, same
from assistants_codemods.responses._flat_tool import NO_RESOURCES, Resources, is_search
from assistants_codemods.responses._flattening import dict_of, laid_out
from assistants_codemods.responses._given import is_absent, mentions_absent
from assistants_codemods.responses._resources import names_stores, resources_of, understood
from assistants_codemods.responses._settings import PASSED_ON, RENAMED
from assistants_codemods.responses._tools import tools_of
from assistants_codemods.responses.resources import client_of

KEPT = ("name", "description", "metadata")
"""What an assistant is called and kept for: no settings, but fields of the object."""
_TOOLS = ("tools", "tool_resources", "file_ids")

Entries: TypeAlias = "Callable[[cst.Call], cst.Dict]"


def entries_of(plan: Plan, site: CallSite, group: int, *, keep: bool) -> Entries | None:
    """What makes a dict of the arguments of `site`. The group is refused, and None returned, where one is not understood.

    `keep`: whether name, description and metadata are among them.
    """
    converts: dict[str, Convert] = {}
    for argument in site.arguments:
        name, value = argument.name, argument.node.value
        if name is None:
            plan.refuse(site.module, argument.node, "AC026", "These arguments are not written out", group, site=site)
            return None
        if name not in (*RENAMED, *PASSED_ON, *KEPT, *_TOOLS, "assistant_id"):
            plan.refuse(site.module, argument.node, "AC061", f"responses.create has no `{name}`", group, site=site)
            return None
        if mentions_absent(plan, value) and not is_absent(plan, value):
            plan.refuse(site.module, argument.node, "AC060", f"`{name}` is NOT_GIVEN at times: use None", group, site=site)
            return None
        if is_absent(plan, value) or name in (*PASSED_ON, *_TOOLS, "assistant_id") or (name in KEPT and not keep):
            continue
        convert = same(plan, site, argument, group) if name in KEPT else CONVERSIONS.get(name, same)(plan, site, argument, group)
        if convert is not None:
            converts[name] = convert
        elif site.node in plan.claimed:
            return None
    tools = _tools(plan, site, group)
    if site.node in plan.claimed:
        return None
    names = {argument.node: argument.name for argument in site.arguments}
    order = [names[argument] for argument in site.node.args]

    def build(call: cst.Call) -> cst.Dict:
        layout = dict_of(call, order)
        given = Given(site, call)
        made: list[cst.BaseDictElement] = []
        for name, element in zip(order, layout.elements, strict=True):
            assert name is not None
            assert isinstance(element, cst.DictElement)
            if name in converts:
                key = name if name in KEPT else RENAMED[name]
                made.append(element.with_changes(key=cst.SimpleString(f'"{key}"'), value=converts[name](element.value)))
            elif name == "tools" and tools is not None and (value := tools(given)) is not None:
                made.append(element.with_changes(value=value))
        return laid_out(layout, made)

    return build


def searches_nothing(site: CallSite) -> bool:
    """Whether the tools that are written out in the call have a file search, and nothing says what is searched."""
    tools = site.argument("tools")
    node = tools.node.value if tools is not None else None
    return isinstance(node, cst.List) and any(is_search(element.value) for element in node.elements) and not names_stores(site)


def _tools(plan: Plan, site: CallSite, group: int) -> Callable[[Given], cst.BaseExpression | None] | None:
    """What makes the tools of the call, with their resources inside."""
    tools = site.argument("tools")
    if tools is None or is_absent(plan, tools.node.value):
        return None
    if not understood(plan, site):
        given = site.argument("tool_resources")
        assert given is not None
        plan.refuse(site.module, given.node, "AC066", "These tool_resources are not written out here", group, site=site)
        return None
    if searches_nothing(site):
        return _without_search(plan, site, group)
    assert isinstance(site.node.func, cst.Attribute)
    resource = site.node.func.value
    client = client_of(plan, resource)
    has_helper = site.argument("file_ids") is not None or "vector_stores" in _search(site)
    if has_helper and client is None:
        plan.refuse(site.module, site.node, "AC066", "The client that makes the vector store is not in view", group, site=site)
        return None
    if site.argument("file_ids") is not None:
        plan.note(site.module, site.node, "AC068", "The files of this assistant become a vector store of their own")
    convert = tools_of(plan, site, tools, group, resources_of(Given(site, site.node), client, site.is_awaited))
    if convert is None:
        return None

    def build(given: Given) -> cst.BaseExpression:
        value = given.value("tools")
        assert value is not None
        return convert(value, resources_of(given, client, site.is_awaited))

    return build


def _search(site: CallSite) -> dict[str, cst.BaseExpression]:
    given = site.argument("tool_resources")
    return entries((entries(given.node.value) or {}).get("file_search")) or {} if given is not None else {}


def _attaches(plan: Plan) -> bool:
    """Whether anything is attached to messages: a keyword or a key says so, also of a call that a partial migration has rewritten."""
    return any(
        (isinstance(node, cst.Arg) and node.keyword is not None and node.keyword.value == "attachments")
        or (isinstance(node, cst.DictElement) and text_of(node.key) == "attachments")
        for module in plan.program.modules.values()
        for node in module.nodes(cst.Arg, cst.DictElement)
    )


def _without_search(plan: Plan, site: CallSite, group: int) -> Callable[[Given], cst.BaseExpression | None] | None:
    """The tools but for the file search, which has nothing to search."""
    tools = site.argument("tools")
    assert tools is not None
    assert isinstance(tools.node.value, cst.List)
    kept = [place for place, element in enumerate(tools.node.value.elements) if not is_search(element.value)]
    if _attaches(plan):
        reason = "The file search has no vector store but those that attachments of messages make"
        plan.refuse(site.module, tools.node, "AC064", reason, group, site=site)
        return None
    rest = tools.node.value.with_changes(elements=[tools.node.value.elements[place] for place in kept])
    files = resources_of(Given(site, site.node), None, False).files
    resources = Resources(None, files) if files is not None else NO_RESOURCES
    convert = (
        tools_of(plan, site, Argument(tools.name, tools.node.with_changes(value=rest), tools.value), group, resources) if kept else None
    )
    if kept and convert is None:
        return None

    def build(given: Given) -> cst.BaseExpression | None:
        value = given.value("tools")
        if not kept or convert is None:
            return None
        assert isinstance(value, cst.List)
        elements = [value.elements[place] for place in kept]
        elements[-1] = elements[-1].with_changes(comma=value.elements[-1].comma)
        return convert(value.with_changes(elements=elements), resources)

    return build
