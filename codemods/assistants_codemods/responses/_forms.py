"""Which assistants can be a plain dict of settings, and which have to be objects with an id.

An assistant is a plain dict where it is created in view and nothing but runs, updates and deletions is done with it or its id:

    assistant = client.beta.assistants.create(model="gpt-4.1", instructions="Be brief.")
    client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import libcst as cst

from assistants_codemods.flow.module import Module
from assistants_codemods.flow.program import CallSite, Program
from assistants_codemods.flow.values import Api, Function
from assistants_codemods.plan import Plan
from assistants_codemods.responses._given import is_given
from assistants_codemods.responses._uses import uses
from assistants_codemods.shape import assigned_name, is_thrown_away, line_of

_STARTS = frozenset(f"beta.threads.{name}" for name in ("create_and_run", "create_and_run_poll", "create_and_run_stream")) | frozenset(
    f"beta.threads.runs.{name}" for name in ("create", "create_and_poll", "create_and_stream", "stream")
)
_KEYS = {"model": "model", "instructions": "instructions", "tools": "tools"}
"""Fields of an assistant that are settings under the same name."""

_FOUND: WeakKeyDictionary[Program, frozenset[int]] = WeakKeyDictionary()


def is_plain(plan: Plan, *origins: int) -> bool:
    """Whether all assistants from `origins` are plain dicts."""
    if plan.program not in _FOUND:
        _FOUND[plan.program] = _plain(plan)
    return bool(origins) and all(origin in _FOUND[plan.program] for origin in origins)


def origins_of(plan: Plan, node: cst.CSTNode) -> list[int]:
    """The origins of the assistants that `node` may be, or be the id of."""
    return sorted({atom.origin for atom in plan.value(node) if isinstance(atom, Api) and atom.kind in ("assistant", "assistant.id")})


def _plain(plan: Plan) -> frozenset[int]:
    if any(site.path == "beta.assistants.list" for site in plan.program.sites.values()):
        return frozenset()  # a list shows them all
    sites = {site.index: site for site in plan.program.sites.values() if site.path in ("beta.assistants.create", "beta.assistants.update")}
    escaped = {e.atom.origin for e in plan.program.escapes.values() if e.atom.kind in ("assistant", "assistant.id")}
    found = {index for index, site in sites.items() if index not in escaped and _is_used_as_settings(plan, site)}
    while True:
        mixed = {index for index in found if not _company(plan, index) <= found}
        if not mixed:
            return frozenset(found)
        found -= mixed


def _company(plan: Plan, index: int) -> set[int]:
    """The origins that stand for an assistant in the same places, and those that the call at `index` updates."""
    found = set()
    for kind in ("assistant", "assistant.id"):
        for _, node in uses(plan, Api(kind, index)):
            found.update(origins_of(plan, node))
    for site in plan.program.sites.values():
        argument = site.argument("assistant_id")
        if site.index == index and site.path == "beta.assistants.update" and argument is not None:
            found.update(origins_of(plan, argument.node.value) or [-1])
        elif site.path == "beta.assistants.update" and argument is not None and index in origins_of(plan, argument.node.value):
            found.add(site.index)
    return found


def _is_used_as_settings(plan: Plan, site: CallSite) -> bool:
    if site.path == "beta.assistants.update" and not _is_update_in_place(plan, site):
        return False
    if not is_thrown_away(site.module, site.node) and assigned_name(site.module, site.node) is None:
        return False
    objects = uses(plan, Api("assistant", site.index))
    ids = uses(plan, Api("assistant.id", site.index))
    return all(_is_object_use(plan, site, module, node) for module, node in objects) and all(
        isinstance(node, cst.Attribute) and _is_id_of_settings(plan, module, node) for module, node in ids
    )


def _is_object_use(plan: Plan, site: CallSite, module: Module, node: cst.CSTNode) -> bool:
    if any(not isinstance(atom, Api) or atom.kind != "assistant" for atom in plan.value(node)):
        return False
    parent = module.parents.get(node)
    if isinstance(parent, cst.Attribute) and parent.value is node:
        return parent.attr.value == "id" or (parent.attr.value in _KEYS and site.argument(parent.attr.value) is not None)
    if isinstance(parent, cst.Arg):
        call = module.parents.get(parent)
        callee = plan.value(call.func) if isinstance(call, cst.Call) else frozenset()
        return bool(callee) and all(isinstance(atom, Function) for atom in callee)
    simple = cst.Assign | cst.AssignTarget | cst.Await | cst.Expr | cst.ImportAlias | cst.ImportFrom | cst.Param | cst.Return
    return isinstance(parent, simple) and not (isinstance(node, cst.Attribute | cst.Subscript) and isinstance(parent, cst.AssignTarget))


def _is_id_of_settings(plan: Plan, module: Module, node: cst.Attribute) -> bool:
    """Whether `assistant.id` is the `assistant_id=` of a run, an update or a deletion."""
    argument = module.parents.get(node)
    call = module.parents.get(argument) if isinstance(argument, cst.Arg) else None
    site = plan.program.sites.get(call) if isinstance(call, cst.Call) else None
    if site is None or not isinstance(argument, cst.Arg):
        return False
    given = site.argument("assistant_id")
    if given is None or given.node is not argument or not isinstance(node.value, cst.Name):
        return False
    if site.path == "beta.assistants.delete":
        return is_thrown_away(site.module, site.node) and line_of(site.module, site.node) is not None
    return site.path in _STARTS or (site.path == "beta.assistants.update" and _is_update_in_place(plan, site))


def _is_update_in_place(plan: Plan, site: CallSite) -> bool:
    """Whether the update is a statement of its own, or gives its result to the name that the assistant has anyway."""
    given = site.argument("assistant_id")
    node = given.node.value if given is not None else None
    if not isinstance(node, cst.Attribute) or not isinstance(node.value, cst.Name):
        return False
    if not all(argument.name and is_given(plan, site.module, argument.node.value) for argument in site.arguments if argument is not given):
        return False
    if is_thrown_away(site.module, site.node):
        return True
    return assigned_name(site.module, site.node) == node.value.value and line_of(site.module, site.node) is not None
