"""The calls that a run waits for are items of its response.

    for tool_call in run.required_action.submit_tool_outputs.tool_calls:
        arguments = json.loads(tool_call.function.arguments)
        outputs.append({"tool_call_id": tool_call.id, "output": call(tool_call.function.name, arguments)})

becomes

    for tool_call in function_calls(run):
        arguments = json.loads(tool_call.arguments)
        outputs.append({"type": "function_call_output", "call_id": tool_call.call_id, "output": call(tool_call.name, arguments)})

`function_calls`, a part of the generated module, is empty where the response waits for nothing: as true as the required action was.
Guide: https://developers.openai.com/api/docs/guides/function-calling
"""

from __future__ import annotations

from typing import TypeGuard

import libcst as cst

from assistants_codemods.building import expression, quoted, text_of
from assistants_codemods.flow.program import Escape
from assistants_codemods.flow.values import kinds
from assistants_codemods.plan import Plan, Read
from assistants_codemods.registry import fixer
from assistants_codemods.rewriting import Rewriter

_DUMPED = {
    "required_action": '{"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": as_tool_calls({calls})}}',
    "tool_request": '{"tool_calls": as_tool_calls({calls})}',
    "tool_call": "as_tool_calls([{calls}])[0]",
}
"""What `model_dump()` of these gave."""

_WAITING = frozenset({"required_action", "tool_request", "list[tool_call]"})


@fixer("responses", "reads")
def fix(plan: Plan) -> None:
    """Follow the required action down to its calls, and the calls to what is read of them."""
    for read in plan.reads("run", "required_action"):
        plan.claim(read.node)
        plan.want_part(read.module, "function_calls", read.group)
        plan.edit(read.module, read.node, lambda updated, rewriter: expression("function_calls({run})", run=_object(updated)), read.group)
        _asked(plan, read)
    for kind, name in (("required_action", "submit_tool_outputs"), ("tool_request", "tool_calls"), ("tool_call", "function")):
        for read in plan.reads(kind, name):
            plan.claim(read.node)
            plan.edit(read.module, read.node, lambda updated, rewriter: _object(updated), read.group)
            _asked(plan, read)
    for read in plan.reads("tool_call", "id"):
        plan.claim(read.node)
        plan.edit(read.module, read.node, _call_id, read.group)
    for read in plan.reads("tool_call.function", "name", "arguments"):
        plan.claim(read.node)
    for read in plan.reads("tool_call", "type"):
        _type(plan, read)
    for read in plan.reads("required_action", "type"):
        _kind_of_action(plan, read)
    for escape in plan.program.escapes.values():
        if escape.atom.kind in _DUMPED and _is_plain_dump(escape.node) and escape.node not in plan.claimed:
            _dumped(plan, escape)


def _is_plain_dump(node: cst.CSTNode) -> TypeGuard[cst.Call]:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "model_dump" and not node.args


def _dumped(plan: Plan, escape: Escape) -> None:
    """Calls that are read as dicts from here on are handed out as such, in the shape that the program reads."""
    group = plan.group(frozenset({escape.atom}))
    plan.claim(escape.node)
    plan.want_part(escape.module, "as_tool_calls", group)
    template = _DUMPED[escape.atom.kind]

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        assert isinstance(updated.func, cst.Attribute)
        return expression(template, calls=updated.func.value)

    plan.edit(escape.module, escape.node, build, group)


def _asked(plan: Plan, read: Read) -> None:
    """`is not None` asks whether there is anything: of a list, that is whether it is empty."""
    around = read.module.parents.get(read.node)
    if not isinstance(around, cst.Comparison) or around.left is not read.node or len(around.comparisons) != 1:
        return
    target = around.comparisons[0]
    if not (isinstance(target.comparator, cst.Name) and target.comparator.value == "None" and kinds(plan.value(read.node)) & _WAITING):
        return
    is_not = isinstance(target.operator, cst.IsNot | cst.NotEqual)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Comparison)
        made = updated.left if is_not else expression("not {calls}", calls=updated.left)
        return made.with_changes(lpar=updated.lpar, rpar=updated.rpar)

    plan.edit(read.module, around, build, read.group)


def _kind_of_action(plan: Plan, read: Read) -> None:
    """There is one kind of required action: the test for it is whether there are calls."""
    around = read.module.parents.get(read.node)
    is_test = (
        isinstance(around, cst.Comparison)
        and len(around.comparisons) == 1
        and text_of(around.comparisons[0].comparator) == "submit_tool_outputs"
        and isinstance(around.comparisons[0].operator, cst.Equal | cst.NotEqual)
    )
    if not is_test or not isinstance(around, cst.Comparison):
        plan.refuse(read.module, read.node, "AC025", "A response has no required action with a type", read.group)
        return
    plan.claim(read.node)
    is_equal = isinstance(around.comparisons[0].operator, cst.Equal)
    plan.edit(read.module, read.node, lambda updated, rewriter: _object(updated), read.group)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Comparison)
        return updated.left if is_equal else expression("not {calls}", calls=updated.left)

    plan.edit(read.module, around, build, read.group)


def _type(plan: Plan, read: Read) -> None:
    around = read.module.parents.get(read.node)
    if isinstance(around, cst.Comparison) and around.left is read.node:
        literals = [target.comparator for target in around.comparisons]
        if all(text_of(literal) == "function" for literal in literals):
            plan.claim(read.node)
            for literal in literals:
                plan.edit(read.module, literal, lambda updated, rewriter: quoted("function_call"), read.group)
            return
    plan.refuse(read.module, read.node, "AC025", "The type of a function call is another word, and is not compared here", read.group)


def _call_id(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    assert isinstance(updated, cst.Attribute)
    return updated.with_changes(attr=cst.Name("call_id"))


def _object(updated: cst.CSTNode) -> cst.BaseExpression:
    assert isinstance(updated, cst.Attribute)
    return updated.value
