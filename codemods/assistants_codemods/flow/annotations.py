"""What a type annotation says of a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from assistants_codemods.flow.kinds import CLIENT, kind_of_type
from assistants_codemods.flow.values import NOTHING, TEXT, Api, Class, External, Instance, Value

if TYPE_CHECKING:
    from assistants_codemods.flow.walker import Walker

_WRAPPERS = frozenset(
    [
        "Optional",
        "Union",
        "Annotated",
        "Final",
        "ClassVar",
        "Required",
        "NotRequired",
        "Awaitable",
        "Coroutine",
        "Mapped",
        "InitVar",
        "Generator",
        "Iterator",
        "ContextManager",
        "AsyncContextManager",
        "Depends",
    ]
)
_LISTS = frozenset(
    ["List", "list", "Sequence", "Iterable", "Tuple", "tuple", "Set", "set", "AsyncIterable", "SyncCursorPage", "AsyncCursorPage"]
)


def value_of(walker: Walker, node: cst.BaseExpression, name: str) -> Value:
    """What something annotated with `node` may be, as far as the API, the tree's classes and texts go; nothing for all else."""
    note(walker, node)
    return _value(walker, node, name)


def note(walker: Walker, node: cst.BaseExpression) -> None:
    """Record what the names in an annotation are, so that fixers find the ones that mean the API's types."""
    if isinstance(node, cst.SimpleString):
        return
    if isinstance(node, cst.Subscript):
        walker.evaluate(node.value)
        for element in node.slice:
            if isinstance(element.slice, cst.Index):
                note(walker, element.slice.value)
    elif isinstance(node, cst.BinaryOperation):
        note(walker, node.left)
        note(walker, node.right)
    else:
        walker.evaluate(node)


def _value(walker: Walker, node: cst.BaseExpression, name: str) -> Value:
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        quoted = node.evaluated_value if isinstance(node, cst.SimpleString) else None
        if not isinstance(quoted, str):
            return NOTHING
        try:
            return _value(walker, cst.parse_expression(quoted), name)
        except cst.ParserSyntaxError:
            return NOTHING
    if isinstance(node, cst.BinaryOperation):
        return _value(walker, node.left, name) | _value(walker, node.right, name)
    if isinstance(node, cst.Subscript):
        return _subscripted(walker, node, name)
    if not isinstance(node, cst.Name | cst.Attribute):
        return NOTHING
    found: Value = NOTHING
    for atom in walker.evaluate(node):
        if isinstance(atom, Class):
            found |= {Instance(atom.info)}
        elif isinstance(atom, External):
            if atom.name == "builtins.str":
                found |= TEXT
            kind = kind_of_type(atom.name)
            if kind == CLIENT or kind is not None:
                found |= {Api(kind, walker.program.origin(node, "annotation", walker.module, f"{name}: {walker.module.code(node)}"))}
    return found


def _subscripted(walker: Walker, node: cst.Subscript, name: str) -> Value:
    outer = walker.module.code(node.value).rpartition(".")[2]
    inner: Value = NOTHING
    for element in node.slice:
        if isinstance(element.slice, cst.Index):
            inner |= _value(walker, element.slice.value, name)
    if outer in _WRAPPERS:
        return inner
    if outer in _LISTS:
        return frozenset(Api(f"list[{atom.kind}]", atom.origin) for atom in inner if isinstance(atom, Api))
    return NOTHING
