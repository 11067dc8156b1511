"""Lists of tools as responses.create takes them, flattened where they are written out, or by a function where they are computed.

tools=[{"type": "function", "function": {…}}]    →  tools=[{"type": "function", "name": …, "strict": False}]
TOOLS = [{…}] … tools=TOOLS                      →  flattened where it stands, if it only goes to such calls
tools=computed()                                 →  tools=as_tools(computed())
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import libcst as cst

from assistants_codemods.flow.module import Module
from assistants_codemods.flow.program import Argument, CallSite
from assistants_codemods.flow.values import Display, DisplayMethod, External, Foreign, Function
from assistants_codemods.plan import Plan
from assistants_codemods.responses._flat_tool import KINDS, NO_RESOURCES, Resources, flat_tool, is_search, is_tool, kind_of
from assistants_codemods.responses._flattening import with_entries
from assistants_codemods.responses._uses import uses
from assistants_codemods.rewriting import Rewriter

_SITES = ("beta.assistants.create", "beta.assistants.update", "beta.threads.runs.", "beta.threads.create_and_run")
ToList: TypeAlias = "Callable[[cst.BaseExpression, Resources], cst.BaseExpression]"
"""Makes the new list of the old one and of the resources that its tools use."""


def tools_of(plan: Plan, site: CallSite, argument: Argument, group: int, resources: Resources = NO_RESOURCES) -> ToList | None:
    """What makes the list of tools given to `site`. The group is refused, and None returned, where they are not understood."""
    node = argument.node.value
    bad = _not_dicts(plan, argument)
    if bad is not None:
        plan.refuse(site.module, argument.node, "AC063", f"These tools are made by {bad}, which is not followed", group, site=site)
        return None
    if isinstance(node, cst.List):
        if all(is_tool(element.value, resources) or _is_tool_elsewhere(plan, element.value) for element in node.elements):
            for element in node.elements:
                _flatten_elsewhere(plan, element.value, group)
            return _flat_list
        if any(is_search(element.value) for element in node.elements) and resources.stores is None:
            where = "its assistant has" if site.path.startswith("beta.threads") else "tool_resources name"
            reason = f"responses.create takes no file search without a vector store, and it cannot be seen which {where}"
            plan.refuse(site.module, argument.node, "AC064", reason, group, site=site)
            return None
        strange = [kind for element in node.elements if (kind := kind_of(element.value)) is not None and kind not in KINDS]
        if strange:
            plan.refuse(site.module, argument.node, "AC063", f'A tool of type "{strange[0]}" is not known', group, site=site)
            return None
    displays = _list_displays(plan, argument) if resources == NO_RESOURCES else []
    if displays and all(_is_flat_in_place(plan, display) for display in displays):
        for display in displays:
            _flatten_in_place(plan, display, group)
        return lambda value, found: value
    plan.want_part(site.module, "as_tools", group)
    return _as_tools


def goes_to_tools_only(plan: Plan, display: cst.BaseExpression, seen: frozenset[cst.CSTNode] = frozenset()) -> bool:
    """Whether nothing but `tools=` of calls that are rewritten sees the list or dict."""
    if display in seen:
        return True
    if display in plan.program.display_escapes:
        return False
    return all(_is_harmless(plan, module, node, seen | {display}) for module, node in uses(plan, Display(display)))


def _not_dicts(plan: Plan, argument: Argument) -> str | None:
    """Who makes a tool that is an object of its own, such as a class of the SDK's types, of pydantic, of a framework; None for dicts."""
    inside = {atom for display in _list_displays(plan, argument) for held in plan.program.held(display).values() for atom in held}
    for atom in (*argument.value, *inside):
        if isinstance(atom, Foreign):
            return atom.name
        if isinstance(atom, Function):
            return atom.info.name
        if isinstance(atom, External) and not atom.name.startswith("builtins."):
            return atom.name
    return None


def _list_displays(plan: Plan, argument: Argument) -> list[cst.BaseExpression]:
    """The lists that the argument may be, where it is certainly one that is written out somewhere."""
    displays = plan.program.displays
    found = [atom.node for atom in argument.value if isinstance(atom, Display) and atom.node in displays]
    return sorted(found, key=lambda node: displays[node].place(node)) if len(found) == len(argument.value) else []


def _dicts(plan: Plan, node: cst.BaseExpression) -> list[cst.BaseExpression]:
    return [atom.node for atom in plan.value(node) if isinstance(atom, Display)]


def _is_tool_elsewhere(plan: Plan, node: cst.BaseExpression) -> bool:
    """Whether `node` is a name for a tool that is written out somewhere else and only goes to calls that take tools."""
    displays = _dicts(plan, node)
    if not isinstance(node, cst.Name | cst.Attribute) or not displays or len(displays) < len(plan.value(node)):
        return False
    return all(is_tool(display, NO_RESOURCES) and goes_to_tools_only(plan, display) for display in displays)


def _flat_list(value: cst.BaseExpression, resources: Resources) -> cst.BaseExpression:
    assert isinstance(value, cst.List)
    elements = []
    for element in value.elements:
        tool = element.value
        elements.append(element.with_changes(value=flat_tool(tool, resources)) if isinstance(tool, cst.Dict) else element)
    return value.with_changes(elements=elements)


def _is_flat_in_place(plan: Plan, display: cst.BaseExpression) -> bool:
    """Whether a list somewhere else in the program can be flattened there: it is written out, and only goes to calls that take tools."""
    if not isinstance(display, cst.List) or not goes_to_tools_only(plan, display) or not _is_all_there(plan, display):
        return False
    return all(is_tool(element.value, NO_RESOURCES) or _is_tool_elsewhere(plan, element.value) for element in display.elements)


def _is_all_there(plan: Plan, display: cst.List) -> bool:
    """Whether the list never gets more than what is written in it."""
    written = {atom for element in display.elements for atom in plan.value(element.value)}
    return all(atom in written for held in plan.program.held(display).values() for atom in held)


def _flatten_in_place(plan: Plan, display: cst.BaseExpression, group: int) -> None:
    assert isinstance(display, cst.List)
    for element in display.elements:
        if isinstance(element.value, cst.Dict):
            _edit_tool(plan, element.value, group)
        else:
            _flatten_elsewhere(plan, element.value, group)


def _flatten_elsewhere(plan: Plan, node: cst.BaseExpression, group: int) -> None:
    if not isinstance(node, cst.Dict):
        for display in _dicts(plan, node):
            _edit_tool(plan, display, group)


def _edit_tool(plan: Plan, node: cst.BaseExpression, group: int) -> None:
    if node in plan.claimed:
        return
    plan.claim(node)
    group = plan.group(group, *_calls_of(plan, node))

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Dict)
        return flat_tool(updated)

    plan.edit(plan.program.displays[node], node, build, group)


def _calls_of(plan: Plan, display: cst.BaseExpression) -> list[int]:
    """The calls whose tools the tool is among: what is changed for one of them is changed for all."""
    found = []
    for module, node in uses(plan, Display(display)):
        around = module.parents.get(module.parents[node]) if isinstance(module.parents.get(node), cst.Element) else None
        for use in uses(plan, Display(around)) if isinstance(around, cst.List) else ():
            argument = use[0].parents.get(use[1])
            call = use[0].parents.get(argument) if isinstance(argument, cst.Arg) else None
            if isinstance(call, cst.Call) and call in plan.program.sites:
                found.append(plan.program.sites[call].index)
    return found


def _is_harmless(plan: Plan, module: Module, node: cst.CSTNode, seen: frozenset[cst.CSTNode]) -> bool:
    parent = module.parents.get(node)
    if isinstance(parent, cst.Assign | cst.AnnAssign | cst.AssignTarget | cst.ImportFrom | cst.ImportAlias | cst.Param | cst.Return):
        return True
    if isinstance(parent, cst.Attribute) and parent.value is not node:
        return True  # the name after a dot, which is not read by itself
    if isinstance(parent, cst.Element):
        around = module.parents.get(parent)
        return isinstance(around, cst.List) and goes_to_tools_only(plan, around, seen)
    if isinstance(parent, cst.Arg):
        return _is_tools_argument(plan, module, parent, seen)
    return False


def _is_tools_argument(plan: Plan, module: Module, argument: cst.Arg, seen: frozenset[cst.CSTNode]) -> bool:
    call = module.parents.get(argument)
    if not isinstance(call, cst.Call):
        return False
    site = plan.program.sites.get(call)
    if site is not None:
        return site.path.startswith(_SITES) and argument.keyword is not None and argument.keyword.value == "tools"
    callee = plan.value(call.func)
    return bool(callee) and all(
        isinstance(atom, Function) or (isinstance(atom, DisplayMethod) and goes_to_tools_only(plan, atom.display, seen)) for atom in callee
    )


def _as_tools(value: cst.BaseExpression, resources: Resources) -> cst.Call:
    parts: list[tuple[str, cst.BaseExpression]] = []
    if resources.stores is not None:
        parts.append(("file_search", with_entries(cst.Dict([]), [("vector_store_ids", resources.stores.deep_clone())])))
    if resources.files is not None:
        parts.append(("code_interpreter", with_entries(cst.Dict([]), [("file_ids", resources.files.deep_clone())])))
    given = [with_entries(cst.Dict([]), parts)] if parts else []
    return cst.Call(cst.Name("as_tools"), [cst.Arg(value), *map(cst.Arg, given)])
