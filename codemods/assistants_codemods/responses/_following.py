"""A response that goes on has an id of its own: whoever held the run, or its id, has to hold the new one."""

from __future__ import annotations

import libcst as cst

from assistants_codemods.flow.module import FunctionInfo, Module
from assistants_codemods.flow.program import CallSite
from assistants_codemods.flow.values import only_kind
from assistants_codemods.plan import Build, Plan
from assistants_codemods.responses._handing_back import hand_back
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shape import assigned_name, is_stored, is_thrown_away, line_of, names_in, outermost


def follow(plan: Plan, site: CallSite, run_id: cst.BaseExpression, group: int) -> bool:
    """Have the name behind `run_id` follow the response that `site` makes. Refuses the group where that cannot be; then False."""
    module = site.module
    is_object = isinstance(run_id, cst.Attribute) and run_id.attr.value == "id" and only_kind(plan.value(run_id.value)) == "run"
    held = run_id.value if is_object and isinstance(run_id, cst.Attribute) else run_id
    whole = outermost(module, site.node)
    parent = module.parents.get(whole)
    if isinstance(parent, cst.Return):
        return True  # whoever called has the new one
    line = line_of(module, site.node)
    if line is None or not isinstance(held, cst.Name | cst.Attribute):
        plan.refuse(module, site.node, "AC071", "The response that goes on has another id, which nothing here can hold", group, site=site)
        return False
    stale = _kept_by_callers(plan, site, held)
    if stale is not None and not hand_back(plan, site, held, group):
        other, node = stale
        reason = f"The response that goes on has another id, and {other.path}:{other.place(node).line} goes on with the old one"
        plan.refuse(module, site.node, "AC072", reason, group, site=site)
        return False
    target = module.code(held)
    suffix = "" if is_object else ".id"
    if is_thrown_away(module, site.node):
        plan.edit(module, line, _assigned(target, suffix), group)
        return True
    name = assigned_name(module, site.node)
    if name is None:
        plan.refuse(module, site.node, "AC071", "The response that goes on has another id, which nothing here can hold", group, site=site)
        return False
    if name != target and _is_read_again(site, held):
        plan.insert_after(module, line, f"{target} = {name}{suffix}\n", group)
    return True


def _assigned(target: str, suffix: str) -> Build:
    """The statement with its value assigned to `target`."""

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.SimpleStatementLine)
        expr = updated.body[0]
        assert isinstance(expr, cst.Expr)
        value: cst.BaseExpression = expr.value
        if suffix:
            inner = value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()]) if isinstance(value, cst.Await) else value
            value = cst.Attribute(inner, cst.Name(suffix[1:]))
        left = cst.parse_expression(target)
        assert isinstance(left, cst.Name | cst.Attribute)
        assign = cst.Assign([cst.AssignTarget(left)], value, semicolon=expr.semicolon)
        return updated.with_changes(body=[assign])

    return build


def _is_read_again(site: CallSite, held: cst.Name | cst.Attribute) -> bool:
    """Whether the name is read elsewhere in the function: before, in a loop, or after."""
    if isinstance(held, cst.Attribute):
        return True
    function = site.module.function_of(site.node)
    scope: cst.CSTNode = function.node if function is not None else site.module.tree
    return any(use is not held and not is_stored(site.module, use) for use in names_in(scope, held.value))


def _kept_by_callers(plan: Plan, site: CallSite, held: cst.Name | cst.Attribute) -> tuple[Module, cst.CSTNode] | None:
    """A place where the old run, which came as a parameter, is read after the call that got it; None where there is none."""
    function = site.module.function_of(site.node)
    name = held.value if isinstance(held, cst.Name) else None
    if function is None or name is None or name not in {param.name.value for param in function.parameters()}:
        return None
    calls = plan.program.callers.get(function, set())
    if not calls:
        return (site.module, function.node) if not _returns_the_run(plan, function) else None
    for call in calls:
        found = _read_after(plan, function, call)
        if found is not None:
            return found
    return None


def _returns_the_run(plan: Plan, function: FunctionInfo) -> bool:
    returned = plan.program.get(function, "return")
    return any(getattr(atom, "kind", "") in ("run", "run.id") for atom in returned)


def _read_after(plan: Plan, function: FunctionInfo, call: cst.CSTNode) -> tuple[Module, cst.CSTNode] | None:
    module = next((known for known in plan.program.modules.values() if call in known.parents), None)
    if module is None or not isinstance(call, cst.Call):
        return None
    around = module.function_of(call)
    scope: cst.CSTNode = around.node if around is not None else module.tree
    names = {
        node.value
        for argument in call.args
        for node in [argument.value, getattr(argument.value, "value", argument.value)]
        if isinstance(node, cst.Name) and isinstance(argument.value, cst.Name | cst.Attribute)
    }
    names = {name for name in names if _is_about_runs(plan, module, scope, name)}
    assigned = assigned_name(module, call)
    in_loop = any(isinstance(ancestor, cst.While | cst.For) for ancestor in module.ancestors(call) if ancestor is not scope)
    at = module.place(call)
    for name in sorted(names - ({assigned} if assigned else set())):
        for use in names_in(scope, name):
            if is_stored(module, use) or any(ancestor is call for ancestor in module.ancestors(use)):
                continue
            if in_loop or module.place(use) > at:
                return module, use
    return None


def _is_about_runs(plan: Plan, module: Module, scope: cst.CSTNode, name: str) -> bool:
    return any(getattr(atom, "kind", "") in ("run", "run.id") for use in names_in(scope, name) for atom in plan.value(use))
