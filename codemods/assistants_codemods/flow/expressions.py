"""Expressions: what they may be, and what they do to values on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from assistants_codemods.flow import calling
from assistants_codemods.flow.attributes import attribute
from assistants_codemods.flow.kinds import ASSISTANTS_RESOURCES, CLIENT, CLIENT_CLASSES, IDS, OBJECTS, element_of
from assistants_codemods.flow.narrowing import narrow, widen
from assistants_codemods.flow.nodes import below
from assistants_codemods.flow.program import EXTERNAL, Program
from assistants_codemods.flow.values import (
    NOTHING,
    TEXT,
    Api,
    ApiMethod,
    Display,
    External,
    Foreign,
    Function,
    Instance,
    Text,
    Unknown,
    Value,
    without_synonyms,
)

if TYPE_CHECKING:
    from assistants_codemods.flow.module import Module
    from assistants_codemods.flow.program import Program
    from assistants_codemods.flow.walker import Walker


def evaluate(walker: Walker, node: cst.BaseExpression) -> Value:
    """What `node` may be, in the state `walker` is in."""
    handler = _EXPRESSIONS.get(type(node))
    if handler is not None:
        return handler(walker, node)
    for child in below(node):
        if isinstance(child, cst.BaseExpression):
            walker.evaluate(child)
    return NOTHING


def external(name: str, walker: Walker, node: cst.CSTNode) -> Value:
    """What the name from outside the tree stands for."""
    if name == "openai.beta":
        origin = walker.program.origin(node, "module", walker.module, "the module-level client, openai.beta")
        return frozenset({Api("client.beta", origin)})
    return frozenset({External(name, node if name in CLIENT_CLASSES else None)})


def elements(walker: Walker, value: Value) -> Value:
    """What iterating over `value` gives."""
    found: Value = NOTHING
    for atom in value:
        if isinstance(atom, Api):
            kind = element_of(atom.kind)
            if kind is not None:
                found |= {Api(kind, atom.origin)}
        elif isinstance(atom, Display):
            found |= all_of(walker, atom.node)
        elif isinstance(atom, Unknown):
            found |= {atom}
        elif isinstance(atom, Function):
            found |= walker.program.get(atom.info, "yield")
    return found


def all_of(walker: Walker, display: cst.BaseExpression) -> Value:
    """What may be in `display`, under whatever key."""
    return NOTHING.union(*walker.program.held(display).values())


def held_in(program: Program, display: cst.BaseExpression) -> Value:
    """What may be in `display`, under whatever key."""
    return NOTHING.union(*program.held(display).values())


def entered(walker: Walker, value: Value) -> Value:
    """What `with value as …` gives."""
    found: Value = NOTHING
    for atom in value:
        if isinstance(atom, Api) and atom.kind == "run_stream_manager":
            found |= {Api("run_stream", atom.origin)}
        elif isinstance(atom, Instance):
            for base in walker.program.bases(atom.info):
                for name in ("__enter__", "__aenter__"):
                    if name in base.methods:
                        found |= walker.program.get(base.methods[name], "return")
        else:
            found |= {atom}
    return found


def constant_key(node: cst.Subscript) -> str:
    """The key of a subscript, where it is written out; `*` otherwise."""
    if len(node.slice) == 1 and isinstance(index := node.slice[0].slice, cst.Index):
        if isinstance(index.value, cst.SimpleString):
            return str(index.value.evaluated_value)
        if isinstance(index.value, cst.Integer):
            return index.value.value
    return "*"


def let_go(walker: Walker, value: Value, node: cst.CSTNode, into: str) -> None:
    """Note that `value` goes where it is not followed. What a display holds follows it later (`let_go_of_displays`)."""
    _let_go(walker.program, walker.module, value, node, into)


def let_go_of_displays(program: Program) -> bool:
    """Let go of what the displays hold that were let go. Whether a function came free in it that was not known to be."""
    known = len(program.passed_on)
    waiting = list(program.display_escapes)
    while waiting:
        display = waiting.pop()
        module, node, into = program.display_escapes[display]
        for value in program.held(display).values():
            waiting += [atom.node for atom in value if isinstance(atom, Display) and atom.node not in program.display_escapes]
            _let_go(program, module, value, node, into)
    return len(program.passed_on) > known


def _let_go(program: Program, module: Module, value: Value, node: cst.CSTNode, into: str) -> None:
    for atom in value:
        if isinstance(atom, Api):
            if atom.kind == CLIENT:
                program.handed_on.add(atom.origin)
            if atom.kind in IDS or atom.kind in ("thread", "run", "message", "assistant"):
                program.groups.join(atom.origin, EXTERNAL) if atom.kind not in ("assistant", "assistant.id") else None
            followed = ("list[", "page[", "run_stream", "event[")
            if atom.kind in OBJECTS or atom.kind.startswith(followed) or atom.kind in ASSISTANTS_RESOURCES:
                program.escape(atom, module, node, into)
        elif isinstance(atom, ApiMethod):
            program.escape(Api(f"{atom.path}()", atom.origin), module, node, into)
        elif isinstance(atom, Display):
            program.display_escapes.setdefault(atom.node, (module, node, into))
        elif isinstance(atom, Function):
            program.passed_on.add(atom.info)


def _name(walker: Walker, node: cst.Name) -> Value:
    return NOTHING if node.value in ("None", "True", "False") else walker.look_up(node.value)


def _attribute(walker: Walker, node: cst.Attribute) -> Value:
    return attribute(walker, node, walker.evaluate(node.value), node.attr.value)


def _call(walker: Walker, node: cst.Call) -> Value:
    return calling.call(walker, node)


def _await(walker: Walker, node: cst.Await) -> Value:
    return walker.evaluate(node.expression)


def _text(walker: Walker, node: cst.BaseExpression) -> Value:
    return TEXT


def _formatted(walker: Walker, node: cst.FormattedString) -> Value:
    for part in node.parts:
        if isinstance(part, cst.FormattedStringExpression):
            walker.evaluate(part.expression)
    return TEXT


def _concatenated(walker: Walker, node: cst.ConcatenatedString) -> Value:
    walker.evaluate(node.left)
    walker.evaluate(node.right)
    return TEXT


def _display(walker: Walker, node: cst.List | cst.Tuple | cst.Set) -> Value:
    for place, element in enumerate(node.elements):
        value = walker.evaluate(element.value)
        if isinstance(element, cst.StarredElement):
            walker.program.add(node, "*", elements(walker, value))
        else:
            walker.program.add(node, str(place) if isinstance(node, cst.Tuple) else "*", value)
    walker.program.displays.setdefault(node, walker.module)
    return frozenset({Display(node)})


def _dict(walker: Walker, node: cst.Dict) -> Value:
    for element in node.elements:
        value = walker.evaluate(element.value)
        if isinstance(element, cst.DictElement):
            walker.evaluate(element.key)
            key = str(element.key.evaluated_value) if isinstance(element.key, cst.SimpleString) else "*"
            walker.program.add(node, key, value)
        else:
            for atom in value:
                if isinstance(atom, Display):
                    for key, held in walker.program.held(atom.node).items():
                        walker.program.add(node, key, held)
    walker.program.displays.setdefault(node, walker.module)
    return frozenset({Display(node)})


def _comprehension(walker: Walker, node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> Value:
    before = dict(walker.env)
    _clauses(walker, node.for_in)
    value = walker.evaluate(node.elt)
    walker.env = before
    walker.program.add(node, "*", value)
    walker.program.displays.setdefault(node, walker.module)
    kinds = {Api(f"list[{atom.kind}]", atom.origin) for atom in value if isinstance(atom, Api) and "[" not in atom.kind}
    return frozenset(kinds) or frozenset({Display(node)})


def _dict_comprehension(walker: Walker, node: cst.DictComp) -> Value:
    before = dict(walker.env)
    _clauses(walker, node.for_in)
    walker.evaluate(node.key)
    walker.program.add(node, "*", walker.evaluate(node.value))
    walker.env = before
    walker.program.displays.setdefault(node, walker.module)
    return frozenset({Display(node)})


def _clauses(walker: Walker, clause: cst.CompFor | None) -> None:
    while clause is not None:
        iterated = elements(walker, walker.evaluate(clause.iter))
        _bind_quietly(walker, clause.target, iterated)
        for condition in clause.ifs:
            walker.evaluate(condition.test)
            narrow(walker, condition.test)
        clause = clause.inner_for_in


def _bind_quietly(walker: Walker, target: cst.BaseExpression, value: Value) -> None:
    """Bind a comprehension's names, which are nobody else's."""
    if isinstance(target, cst.Name):
        walker.env[target.value] = value
        walker.program.note(target, value)
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            _bind_quietly(walker, element.value, value)


def _either(walker: Walker, node: cst.IfExp) -> Value:
    walker.evaluate(node.test)
    before = narrow(walker, node.test)
    body = walker.evaluate(node.body)
    widen(walker, before)
    return body | walker.evaluate(node.orelse)


def _boolean(walker: Walker, node: cst.BooleanOperation) -> Value:
    left = walker.evaluate(node.left)
    before = narrow(walker, node.left) if isinstance(node.operator, cst.And) else {}
    right = walker.evaluate(node.right)
    widen(walker, before)
    return left | right


def _binary(walker: Walker, node: cst.BinaryOperation) -> Value:
    left, right = walker.evaluate(node.left), walker.evaluate(node.right)
    if isinstance(node.operator, cst.Add):
        displays = frozenset(atom for atom in left | right if isinstance(atom, Display))
        if displays:
            return displays
    if Text() in left or Text() in right:
        return TEXT
    return NOTHING


def _comparison(walker: Walker, node: cst.Comparison) -> Value:
    walker.evaluate(node.left)
    for target in node.comparisons:
        walker.evaluate(target.comparator)
    return NOTHING


def _subscript(walker: Walker, node: cst.Subscript) -> Value:
    container = walker.evaluate(node.value)
    is_slice = False
    for element in node.slice:
        if isinstance(element.slice, cst.Index):
            walker.evaluate(element.slice.value)
        elif isinstance(element.slice, cst.Slice):
            is_slice = True
            for bound in (element.slice.lower, element.slice.upper, element.slice.step):
                if bound is not None:
                    walker.evaluate(bound)
    if is_slice:
        return container
    key = constant_key(node)
    found: Value = NOTHING
    for atom in without_synonyms(container):
        if isinstance(atom, Display):
            found |= all_of(walker, atom.node) if key == "*" else walker.program.get(atom.node, key) | walker.program.get(atom.node, "*")
        elif isinstance(atom, Api):
            kind = element_of(atom.kind)
            found |= {Api(kind, atom.origin)} if kind else {Unknown(f"an item of {atom.kind}")}
        elif isinstance(atom, Text):
            found |= TEXT
        elif isinstance(atom, Unknown | Foreign | External):
            found |= {Unknown(walker.module.code(node))}
    return found


def _lambda(walker: Walker, node: cst.Lambda) -> Value:
    return frozenset({Function(walker.module.functions[node])})


def _named(walker: Walker, node: cst.NamedExpr) -> Value:
    value = walker.evaluate(node.value)
    walker.assign(node.target, value)
    return value


def _yield(walker: Walker, node: cst.Yield) -> Value:
    if node.value is not None:
        is_from = isinstance(node.value, cst.From)
        value = walker.evaluate(node.value.item if isinstance(node.value, cst.From) else node.value)
        value = elements(walker, value) if is_from else value
        if walker.function is not None:
            walker.program.add(walker.function, "yield", value)
    return NOTHING


_EXPRESSIONS: dict[type[cst.CSTNode], Callable[[Walker, Any], Value]] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.Call: _call,
    cst.Await: _await,
    cst.SimpleString: _text,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted,
    cst.List: _display,
    cst.Tuple: _display,
    cst.Set: _display,
    cst.Dict: _dict,
    cst.ListComp: _comprehension,
    cst.SetComp: _comprehension,
    cst.GeneratorExp: _comprehension,
    cst.DictComp: _dict_comprehension,
    cst.IfExp: _either,
    cst.BooleanOperation: _boolean,
    cst.BinaryOperation: _binary,
    cst.Comparison: _comparison,
    cst.Subscript: _subscript,
    cst.Lambda: _lambda,
    cst.NamedExpr: _named,
    cst.Yield: _yield,
}
