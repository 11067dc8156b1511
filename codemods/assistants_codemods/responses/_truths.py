"""Tests that are always true once the code is native: they go, and what stands under them alone moves out."""

from __future__ import annotations

from collections.abc import Collection

import libcst as cst

from assistants_codemods.flow.module import Module
from assistants_codemods.plan import Plan
from assistants_codemods.rewriting import Rewriter


def top_of_test(module: Module, node: cst.CSTNode) -> cst.CSTNode:
    """The outermost `and` or `or` that `node` is part of."""
    while isinstance(parent := module.parents.get(node), cst.BooleanOperation):
        node = parent
    return node


def is_tested(module: Module, node: cst.CSTNode) -> bool:
    """Whether `node` is only asked for its truth, by an if or as a condition."""
    top = top_of_test(module, node)
    parent = module.parents.get(top)
    return isinstance(parent, cst.If | cst.CompIf | cst.IfExp) and parent.test is top


def settle(plan: Plan, module: Module, true: Collection[cst.CSTNode], group: int) -> None:
    """Take out the tests in `true`, each of which `is_tested`, as they hold always."""
    seen: set[cst.CSTNode] = set()
    for node in true:
        top = top_of_test(module, node)
        if top in seen:
            continue
        seen.add(top)
        _settle_inside(plan, module, top, true, group)
        parent = module.parents.get(top)
        if not _holds(top, true):
            continue
        if isinstance(parent, cst.If):
            plan.edit(module, parent, _unwrapped, group)
        elif isinstance(parent, cst.IfExp):
            plan.edit(module, parent, lambda updated, rewriter: getattr(updated, "body"), group)  # noqa: B009
        elif isinstance(parent, cst.CompIf):
            _drop_condition(plan, module, parent, group)


def _holds(node: cst.CSTNode, true: Collection[cst.CSTNode]) -> bool:
    if isinstance(node, cst.BooleanOperation):
        left, right = _holds(node.left, true), _holds(node.right, true)
        return (left and right) if isinstance(node.operator, cst.And) else (left or right)
    return node in true


def _settle_inside(plan: Plan, module: Module, node: cst.CSTNode, true: Collection[cst.CSTNode], group: int) -> None:
    if not isinstance(node, cst.BooleanOperation) or _holds(node, true):
        return
    _settle_inside(plan, module, node.left, true, group)
    _settle_inside(plan, module, node.right, true, group)
    if isinstance(node.operator, cst.And) and _holds(node.left, true):
        plan.edit(module, node, lambda updated, rewriter: getattr(updated, "right"), group)  # noqa: B009
    elif isinstance(node.operator, cst.And) and _holds(node.right, true):
        plan.edit(module, node, lambda updated, rewriter: getattr(updated, "left"), group)  # noqa: B009


def _unwrapped(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    assert isinstance(updated, cst.If)
    return unwrap(updated, rewriter)


def unwrap(updated: cst.If | cst.For, rewriter: Rewriter) -> cst.CSTNode:
    """Have the body of a compound statement stand in its place."""
    body = [statement for statement in updated.body.body if isinstance(statement, cst.BaseStatement)]
    if not body:
        body = [cst.SimpleStatementLine([small]) for small in updated.body.body if isinstance(small, cst.BaseSmallStatement)]
    inner = getattr(body[0], "leading_lines", ())
    whole = updated.with_changes(leading_lines=[*updated.leading_lines, *inner])
    rewriter.after(whole, body)
    return rewriter.remove(whole)


def unwraps(module: Module, node: cst.If) -> bool:
    """Whether the body of `node` can stand in its place: an elif's cannot."""
    return not isinstance(module.parents.get(node), cst.If)


def _drop_condition(plan: Plan, module: Module, condition: cst.CompIf, group: int) -> None:
    loop = module.parents[condition]
    place = list(getattr(loop, "ifs")).index(condition)  # noqa: B009

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.CompFor)
        return updated.with_changes(ifs=[kept for number, kept in enumerate(updated.ifs) if number != place])

    plan.edit(module, loop, build, group)
