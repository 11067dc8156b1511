"""Edits applied to a module: each node is rebuilt after everything inside it, and what no edit touches stays byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import libcst as cst


class Rewriter(cst.CSTTransformer):
    """Applies the edits of one module. `edits` has, for each node, what makes the new one of it, in order."""

    def __init__(self, module: cst.Module, edits: Mapping[cst.CSTNode, Sequence[Callable[..., cst.CSTNode]]]) -> None:
        super().__init__()
        self._module = module
        self._edits = edits
        self._removed: set[int] = set()
        self._around: dict[int, tuple[list[cst.BaseStatement], list[cst.BaseStatement]]] = {}
        self._kept: list[cst.CSTNode] = []
        self.done: dict[cst.CSTNode, cst.CSTNode] = {}
        """The new node for each old expression and statement that has been left so far: what is moved is taken from here."""

    # What builders use

    def new(self, original: cst.BaseExpression) -> cst.BaseExpression:
        """The new form of an expression that stands earlier in the module (or within the one that is being built)."""
        updated = self.done.get(original, original)
        assert isinstance(updated, cst.BaseExpression)
        return updated.deep_clone()

    def statements(self, code: str) -> list[cst.BaseStatement]:
        """The statements in `code`, in the module's own indentation and line ends."""
        parsed = cst.parse_module(code, config=self._module.config_for_parsing)
        found: list[cst.BaseStatement] = [statement for statement in parsed.body if isinstance(statement, cst.BaseStatement)]
        if found and parsed.header:  # blank lines before the first one
            first = found[0].with_changes(leading_lines=[*parsed.header, *_leading(found[0])])
            found = [first, *found[1:]]
        return found

    def code(self, node: cst.CSTNode) -> str:
        """The source of a node."""
        return self._module.code_for_node(node)

    def remove(self, updated: cst.CSTNode) -> cst.CSTNode:
        """Have a statement taken out of the block it is in."""
        self._removed.add(id(updated))
        self._kept.append(updated)
        return updated

    def before(self, updated: cst.CSTNode, code: str | Sequence[cst.BaseStatement]) -> cst.CSTNode:
        """Have statements put before a statement; its comments stay above them."""
        self._surround(updated)[0].extend(self.statements(code) if isinstance(code, str) else code)
        return updated

    def after(self, updated: cst.CSTNode, code: str | Sequence[cst.BaseStatement]) -> cst.CSTNode:
        """Have statements put after a statement."""
        self._surround(updated)[1].extend(self.statements(code) if isinstance(code, str) else code)
        return updated

    def _surround(self, updated: cst.CSTNode) -> tuple[list[cst.BaseStatement], list[cst.BaseStatement]]:
        self._kept.append(updated)
        return self._around.setdefault(id(updated), ([], []))

    # What libcst calls

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        """Rebuild one node."""
        updated: Any = updated_node
        for build in self._edits.get(original_node, ()):
            carried_before, carried_after = self._around.pop(id(updated), ([], []))
            was_removed = id(updated) in self._removed
            built = build(updated, self)
            if built is not updated:
                if was_removed:
                    self._removed.add(id(built))
                self._kept.append(built)
            if carried_before or carried_after:
                before, after = self._around.setdefault(id(built), ([], []))
                before[:0], after[:0] = carried_before, carried_after
            updated = built
        if isinstance(original_node, cst.BaseExpression | cst.BaseStatement):
            self.done[original_node] = updated
        if isinstance(original_node, cst.IndentedBlock | cst.Module):
            return self._block(updated)
        return updated

    def _block(self, updated: cst.IndentedBlock | cst.Module) -> cst.IndentedBlock | cst.Module:
        """Take out and put in what the statements of a block asked for."""
        if not any(id(statement) in self._removed or id(statement) in self._around for statement in updated.body):
            return updated
        body: list[Any] = []
        waiting: list[cst.EmptyLine] = []
        for statement in updated.body:
            before, after = self._around.get(id(statement), ([], []))
            kept: list[Any] = [] if id(statement) in self._removed else [statement]
            lines = [*waiting, *_leading(statement)]
            group = [*before, *kept, *after]
            if not group:
                waiting = _comments(lines)
                continue
            if group[0] is not statement or waiting:
                if kept and group[0] is not statement:
                    group[len(before)] = statement.with_changes(leading_lines=())
                group[0] = group[0].with_changes(leading_lines=lines)
            waiting = []
            body.extend(group)
        if not body and isinstance(updated, cst.IndentedBlock):
            body = [cst.parse_statement("pass").with_changes(leading_lines=waiting)]
            waiting = []
        footer = [*waiting, *updated.footer]
        return updated.with_changes(body=body, footer=footer)


def _leading(statement: cst.BaseStatement | cst.BaseSmallStatement) -> Sequence[cst.EmptyLine]:
    return getattr(statement, "leading_lines", ())


def _comments(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Of the lines before a statement that goes away: the comments, and the blank lines before them."""
    last = max((place for place, line in enumerate(lines) if line.comment is not None), default=-1)
    return list(lines[: last + 1])
