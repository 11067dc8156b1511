"""How code is laid out around a node: which name takes its value, which statement and block it is in. Questions only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from assistants_codemods.flow.module import Module


def outermost(module: Module, node: cst.BaseExpression) -> cst.BaseExpression:
    """`node`, or the `await` (and parentheses) around it."""
    parent = module.parents.get(node)
    return parent if isinstance(parent, cst.Await) else node


def assigned_name(module: Module, node: cst.BaseExpression) -> str | None:
    """The one name that is assigned the value of `node` (or its await) by a statement of its own; None otherwise."""
    whole = outermost(module, node)
    parent = module.parents.get(whole)
    if isinstance(parent, cst.Assign) and len(parent.targets) == 1 and isinstance(target := parent.targets[0].target, cst.Name):
        return target.value
    if isinstance(parent, cst.AnnAssign) and isinstance(parent.target, cst.Name):
        return parent.target.value
    return None


def is_thrown_away(module: Module, node: cst.BaseExpression) -> bool:
    """Whether the value of `node` (or its await) is nobody's: the expression is a statement."""
    return isinstance(module.parents.get(outermost(module, node)), cst.Expr)


def line_of(module: Module, node: cst.CSTNode) -> cst.SimpleStatementLine | None:
    """The line of one simple statement that `node` is in; None where it is part of a compound statement's head, or shares its line."""
    for around in (node, *module.ancestors(node)):
        if isinstance(around, cst.SimpleStatementLine):
            return around if len(around.body) == 1 else None
        if isinstance(around, cst.BaseCompoundStatement | cst.Lambda):
            return None
    return None


def block_of(module: Module, statement: cst.BaseStatement) -> Sequence[cst.BaseStatement]:
    """The statements among which `statement` stands, itself included."""
    parent = module.parents.get(statement)
    if isinstance(parent, cst.IndentedBlock | cst.Module):
        return [inner for inner in parent.body if isinstance(inner, cst.BaseStatement)]
    return [statement]


def following(module: Module, statement: cst.BaseStatement) -> Sequence[cst.BaseStatement]:
    """The statements after `statement` in its block."""
    block = block_of(module, statement)
    return block[[inner is statement for inner in block].index(True) + 1 :]


def names_in(node: cst.CSTNode, name: str) -> Iterator[cst.Name]:
    """The places below `node` where `name` stands as a variable: not as an attribute, keyword or field."""
    for child in node.children:
        if isinstance(child, cst.Name):
            if child.value == name and not _is_label(node, child):
                yield child
        else:
            yield from names_in(child, name)


def _is_label(parent: cst.CSTNode, name: cst.Name) -> bool:
    return (isinstance(parent, cst.Attribute) and parent.attr is name) or (isinstance(parent, cst.Arg) and parent.keyword is name)


def is_stored(module: Module, name: cst.Name) -> bool:
    """Whether `name` is a target there, not read."""
    parent = module.parents.get(name)
    return (
        isinstance(parent, cst.AssignTarget | cst.AsName)
        or (isinstance(parent, cst.AnnAssign | cst.For | cst.CompFor | cst.NamedExpr | cst.AugAssign) and parent.target is name)
        or isinstance(parent, cst.Param | cst.FunctionDef | cst.ClassDef)
    )


def nodes_below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """All nodes below `node`, in order of the source."""
    for child in node.children:
        yield child
        yield from nodes_below(child)
