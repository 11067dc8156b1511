"""Which names a function binds: its parameters and what its own body assigns, imports, defines or deletes."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from assistants_codemods.flow.nodes import below


def names_bound_in(function: cst.FunctionDef | cst.Lambda) -> tuple[frozenset[str], frozenset[str]]:
    """The names local to `function`, and those it declares global (or nonlocal)."""
    params = function.params
    found = {param.name.value for param in (*params.posonly_params, *params.params, *params.kwonly_params)}
    found |= {star.name.value for star in (params.star_arg, params.star_kwarg) if isinstance(star, cst.Param)}
    elsewhere: set[str] = set()
    _bind(function.body, found, elsewhere)
    return frozenset(found - elsewhere), frozenset(elsewhere)


def _bind(node: cst.CSTNode, found: set[str], elsewhere: set[str]) -> None:
    if isinstance(node, cst.FunctionDef | cst.ClassDef):
        found.add(node.name.value)
        return
    # What a comprehension binds is its own; a walrus in one would be the function's, and is looked for.
    if isinstance(node, cst.Lambda | cst.Name | cst.Attribute | cst.SimpleString):
        return
    if isinstance(node, cst.Global | cst.Nonlocal):
        elsewhere.update(item.name.value for item in node.names)
        return
    if isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.AugAssign | cst.NamedExpr | cst.For):
        found.update(_names(node.target))
    elif isinstance(node, cst.AsName):
        found.update(_names(node.name))
    elif isinstance(node, cst.ImportAlias) and node.asname is None:
        name: cst.BaseExpression = node.name
        while isinstance(name, cst.Attribute):
            name = name.value
        found.update(_names(name))
    for child in below(node):
        _bind(child, found, elsewhere)


def _names(target: cst.BaseExpression) -> Iterator[str]:
    if isinstance(target, cst.Name):
        yield target.value
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _names(element.value)
    elif isinstance(target, cst.StarredElement):
        yield from _names(target.value)
