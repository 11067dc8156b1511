"""Which names a function binds: its parameters and what its own body assigns, imports, defines or deletes."""

from __future__ import annotations

import libcst as cst


def names_bound_in(function: cst.FunctionDef | cst.Lambda) -> tuple[frozenset[str], frozenset[str]]:
    """The names local to `function`, and those it declares global (or nonlocal)."""
    finder = _Binder()
    params = function.params
    for param in (*params.posonly_params, *params.params, *params.kwonly_params):
        finder.found.add(param.name.value)
    for star in (params.star_arg, params.star_kwarg):
        if isinstance(star, cst.Param):
            finder.found.add(star.name.value)
    function.body.visit(finder)
    return frozenset(finder.found - finder.elsewhere), frozenset(finder.elsewhere)


class _Binder(cst.CSTVisitor):
    def __init__(self) -> None:
        self.found: set[str] = set()
        self.elsewhere: set[str] = set()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        self.found.add(node.name.value)
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        self.found.add(node.name.value)
        return False

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        return False

    # What a comprehension binds is its own; a walrus in one would be the function's, which is rare enough to be taken as such below.
    def visit_CompFor(self, node: cst.CompFor) -> bool:
        return False

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        self._target(node.target)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        self._target(node.target)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        self._target(node.target)

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        self._target(node.target)

    def visit_For(self, node: cst.For) -> None:
        self._target(node.target)

    def visit_AsName(self, node: cst.AsName) -> None:
        self._target(node.name)

    def visit_ImportAlias(self, node: cst.ImportAlias) -> None:
        if node.asname is None:
            name: cst.BaseExpression = node.name
            while isinstance(name, cst.Attribute):
                name = name.value
            self._target(name)

    def visit_Global(self, node: cst.Global) -> None:
        self.elsewhere.update(item.name.value for item in node.names)

    def visit_Nonlocal(self, node: cst.Nonlocal) -> None:
        self.elsewhere.update(item.name.value for item in node.names)

    def _target(self, target: cst.BaseExpression) -> None:
        if isinstance(target, cst.Name):
            self.found.add(target.value)
        elif isinstance(target, cst.Tuple | cst.List):
            for element in target.elements:
                self._target(element.value)
        elif isinstance(target, cst.StarredElement):
            self._target(target.value)
