"""A function that goes on with a run somebody gave it hands the new response back, where its callers took nothing from it so far."""

from __future__ import annotations

import libcst as cst

from assistants_codemods.flow.module import FunctionInfo, Module
from assistants_codemods.flow.program import CallSite
from assistants_codemods.plan import Build, Plan
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shape import is_thrown_away, line_of, nodes_below


def hand_back(plan: Plan, site: CallSite, held: cst.BaseExpression, group: int) -> bool:
    """Have the function around `site` return what its parameter `held` becomes, and its callers take it. Whether that can be.

    It can where the function returns nothing, and each caller in the tree calls it in a statement of its own, with a plain name for
    the parameter that is no parameter of the caller itself.
    """
    function = site.module.function_of(site.node)
    if function is None or not isinstance(held, cst.Name) or not isinstance(function.node, cst.FunctionDef):
        return False
    if function in plan.program.passed_on or not _returns_nothing(function):
        return False
    calls = [(module, call) for call in plan.program.callers.get(function, ()) if (module := _module_of(plan, call)) is not None]
    targets = [(module, call, _given_for(function, held.value, call)) for module, call in calls if isinstance(call, cst.Call)]
    if not targets or not all(name is not None and _can_take(module, call, name) for module, call, name in targets):
        return False
    _return(plan, function, held.value, group)
    for module, call, name in targets:
        line = line_of(module, call)
        assert line is not None
        assert name is not None
        plan.edit(module, line, _taking(name), group)
    return True


def _module_of(plan: Plan, node: cst.CSTNode) -> Module | None:
    return next((module for module in plan.program.modules.values() if node in module.parents), None)


def _own_returns(function: FunctionInfo) -> list[cst.Return]:
    return [
        node for node in nodes_below(function.node.body) if isinstance(node, cst.Return) and function.module.function_of(node) is function
    ]


def _returns_nothing(function: FunctionInfo) -> bool:
    yields = any(isinstance(node, cst.Yield) and function.module.function_of(node) is function for node in nodes_below(function.node.body))
    return not yields and all(found.value is None for found in _own_returns(function))


def _given_for(function: FunctionInfo, name: str, call: cst.Call) -> str | None:
    """The plain name that `call` gives for the parameter `name`."""
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == name and isinstance(argument.value, cst.Name):
            return argument.value.value
    positional = [param.name.value for param in function.positional()]
    if function.is_bound:
        positional = positional[1:]
    plain = [argument for argument in call.args if argument.keyword is None and not argument.star]
    place = positional.index(name) if name in positional else len(plain)
    value = plain[place].value if place < len(plain) else None
    return value.value if isinstance(value, cst.Name) else None


def _can_take(module: Module, call: cst.Call, name: str) -> bool:
    around = module.function_of(call)
    is_parameter = around is not None and name in {param.name.value for param in around.parameters()}
    return is_thrown_away(module, call) and line_of(module, call) is not None and not is_parameter


def _return(plan: Plan, function: FunctionInfo, name: str, group: int) -> None:
    _annotate(plan, function, name, group)
    for found in _own_returns(function):
        plan.edit(function.module, found, _returning(name), group)
    body = function.node.body
    last = body.body[-1] if isinstance(body, cst.IndentedBlock) and body.body else None
    if isinstance(last, cst.BaseStatement) and not _is_return(last):
        plan.insert_after(function.module, last, f"return {name}\n", group)


def _annotate(plan: Plan, function: FunctionInfo, name: str, group: int) -> None:
    """What said that nothing is returned says now what the parameter is said to be, or nothing."""
    node = function.node
    if not isinstance(node, cst.FunctionDef) or node.returns is None:
        return
    given = next((param.annotation for param in function.parameters() if param.name.value == name), None)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.FunctionDef)
        assert updated.returns is not None
        new = updated.returns.with_changes(annotation=rewriter.new(given.annotation)) if given is not None else None
        return updated.with_changes(returns=new)

    plan.edit(function.module, node, build, group)


def _is_return(statement: cst.BaseStatement) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[-1], cst.Return)


def _returning(name: str) -> Build:
    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Return)
        return updated.with_changes(value=cst.Name(name), whitespace_after_return=cst.SimpleWhitespace(" "))

    return build


def _taking(name: str) -> Build:
    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.SimpleStatementLine)
        expr = updated.body[0]
        assert isinstance(expr, cst.Expr)
        return updated.with_changes(body=[cst.Assign([cst.AssignTarget(cst.Name(name))], expr.value, semicolon=expr.semicolon)])

    return build
