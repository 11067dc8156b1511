"""Comments where something is left: `# TODO(assistants-compat AC050): …`, one a statement, never twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

from assistants_codemods.findings import Refusal
from assistants_codemods.flow.module import Module
from assistants_codemods.plan import Plan
from assistants_codemods.rewriting import Rewriter

_MARK = "# TODO(assistants-compat "


def annotate(plan: Plan, *, only_seams: bool) -> Iterator[tuple[Module, cst.CSTNode, Callable[..., cst.CSTNode]]]:
    """What puts a comment before each statement that is the reason why something is left.

    `only_seams` leaves out groups that are not touched at all.
    """
    touched = {plan.program.groups.find(edit.group) for edit in plan.edits}
    reasons: dict[cst.SimpleStatementLine | cst.BaseCompoundStatement, tuple[Module, Refusal]] = {}
    by_place = {(module.path): module for module in plan.program.modules.values()}
    for group, refusals in plan.refusals.items():
        if only_seams and plan.program.groups.find(group) not in touched:
            continue
        for refusal in refusals:
            module = by_place[refusal.place.path]
            statement = _statement_at(module, refusal.place.line)
            if statement is not None:
                reasons.setdefault(statement, (module, refusal))
    if not only_seams:
        for node, refusal in plan.site_refusals.items():
            module = by_place[refusal.place.path]
            statement = module.statement_of(node)
            if statement is not None:
                reasons.setdefault(statement, (module, refusal))
    for statement, (module, refusal) in reasons.items():
        if module.path in plan.paths and not any(_MARK in (line.comment.value if line.comment else "") for line in statement.leading_lines):
            yield module, statement, _commented(refusal)


def _commented(refusal: Refusal) -> Callable[[cst.CSTNode, Rewriter], cst.CSTNode]:
    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        line = cst.EmptyLine(comment=cst.Comment(f"{_MARK}{refusal.code}): {refusal.reason}"))
        assert isinstance(updated, cst.SimpleStatementLine | cst.BaseCompoundStatement)
        return updated.with_changes(leading_lines=[*updated.leading_lines, line])

    return build


def _statement_at(module: Module, line: int) -> cst.SimpleStatementLine | cst.BaseCompoundStatement | None:
    """The innermost statement that has `line`."""
    found: cst.SimpleStatementLine | cst.BaseCompoundStatement | None = None
    for node in module.nodes(cst.SimpleStatementLine, cst.BaseCompoundStatement):  # type: ignore[type-abstract]
        start = module.place(node).line
        if start <= line and (found is None or start >= module.place(found).line):
            found = node
    return found
