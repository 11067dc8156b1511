"""Questions what a part or an annotation is, asked of its native form."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from assistants_codemods.building import expression
from assistants_codemods.plan import Plan
from assistants_codemods.responses._items import renamed
from assistants_codemods.responses._parts import TYPES, Test
from assistants_codemods.rewriting import Rewriter


def rewrite(plan: Plan, test: Test, known: frozenset[str]) -> bool:
    """Rewrite a test, if it asks for what is `known`; False, and the group is refused, where not."""
    group = plan.group(plan.value(test.subject))
    if any(name not in known for name in test.names):
        asked = plan_code(test)
        plan.refuse(test.module, test.node, "AC054", f"`{asked}` asks for something that has no counterpart", group)
        return False
    plan.claim(test.node)
    wanted = [native for name in test.names for native in TYPES[name]]
    if test.how == "case":
        _case(plan, test, group)
    elif test.how == "compare":
        _compare(plan, test, wanted, group)
    elif test.how == "getattr":
        _getattr(plan, test, wanted, group)
    else:
        subject = test.subject

        def asked_by_type(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
            return is_one_of(cst.Attribute(rewriter.new(subject), cst.Name("type")), wanted)

        plan.edit(test.module, test.node, asked_by_type, group)
    return True


def plan_code(test: Test) -> str:
    """The source of a test, on one line."""
    node = test.node.pattern if isinstance(test.node, cst.MatchCase) else test.node
    return " ".join(test.module.code(node).split())


def is_one_of(subject: cst.BaseExpression, wanted: Sequence[str], *, negated: bool = False) -> cst.BaseExpression:
    """`subject == "a"` or `subject in ("a", "b")`, or the opposite."""
    texts = [f'"{name}"' for name in dict.fromkeys(wanted)]
    if len(texts) == 1:
        return expression(f"{{subject}} {'!=' if negated else '=='} {texts[0]}", subject=subject)
    return expression(f"{{subject}} {'not in' if negated else 'in'} ({', '.join(texts)})", subject=subject)


def _compare(plan: Plan, test: Test, wanted: Sequence[str], group: int) -> None:
    node = test.node
    assert isinstance(node, cst.Comparison)
    operator = node.comparisons[0].operator
    negated = isinstance(operator, cst.NotEqual | cst.NotIn)
    is_left = node.left is test.subject
    same = tuple(wanted) == test.names
    if same:
        return

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Comparison)
        subject = updated.left if is_left else updated.comparisons[0].comparator
        made = is_one_of(subject, wanted, negated=negated)
        return made.with_changes(lpar=updated.lpar, rpar=updated.rpar)

    plan.edit(test.module, node, build, group)


def _getattr(plan: Plan, test: Test, wanted: Sequence[str], group: int) -> None:
    """`getattr(part, "text", None)`: the part itself stands for its text."""
    subject = test.subject
    parent = test.module.parents.get(test.node)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        part = rewriter.new(subject)
        asked = is_one_of(cst.Attribute(part, cst.Name("type")), wanted)
        made = expression("{part} if {asked} else None", part=part, asked=asked)
        alone = isinstance(parent, cst.Assign | cst.AnnAssign | cst.Return | cst.Arg)
        return made if alone else made.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])

    plan.edit(test.module, test.node, build, group)


def _case(plan: Plan, test: Test, group: int) -> None:
    assert isinstance(test.node, cst.MatchCase)
    for value in _values(test.node.pattern):
        plan.edit(test.module, value, _alternatives, group)


def _values(pattern: cst.MatchPattern) -> list[cst.MatchValue]:
    if isinstance(pattern, cst.MatchValue):
        return [pattern]
    return [value for element in pattern.patterns for value in _values(element.pattern)] if isinstance(pattern, cst.MatchOr) else []


def _alternatives(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    assert isinstance(updated, cst.MatchValue)
    assert isinstance(updated.value, cst.SimpleString)
    literals = [cst.MatchValue(renamed(updated.value, name)) for name in TYPES[str(updated.value.evaluated_value)]]
    if len(literals) == 1:
        return literals[0]
    bar = cst.BitOr(cst.SimpleWhitespace(" "), cst.SimpleWhitespace(" "))
    elements = [cst.MatchOrElement(literal, bar) for literal in literals[:-1]]
    return cst.MatchOr([*elements, cst.MatchOrElement(literals[-1])])
