"""What a test says of an event: where `event.event == "thread.run.failed"` holds, its data is a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from assistants_codemods.flow.kinds import EVENT_TYPES, PAYLOAD_TYPES
from assistants_codemods.flow.values import Api, External, Value

if TYPE_CHECKING:
    from assistants_codemods.flow.walker import Environment, Walker


def narrow(walker: Walker, test: cst.BaseExpression, *, holds: bool = True) -> Environment:
    """Let the names of events be what they are where `test` holds (or does not). Gives what they were before."""
    before: Environment = {}
    for tested, names, when in tests_in(walker, test):
        if when is holds:
            _narrow(walker, tested, names, before)
    return before


def narrow_case(walker: Walker, subject: cst.BaseExpression, pattern: cst.MatchPattern) -> Environment:
    """The same for a case of `match event.event`."""
    before: Environment = {}
    names = names_of_pattern(pattern)
    if names:
        _narrow(walker, _events(walker.program.values.get(subject, frozenset()), "event.event"), names, before)
    return before


def widen(walker: Walker, before: Environment) -> None:
    """Let names be again what `narrow` says they were."""
    walker.env.update(before)


def names_of_pattern(pattern: cst.MatchPattern) -> frozenset[str]:
    """The texts that a pattern matches: nothing where it is another pattern."""
    if isinstance(pattern, cst.MatchValue) and isinstance(pattern.value, cst.SimpleString):
        return frozenset({str(pattern.value.evaluated_value)})
    if isinstance(pattern, cst.MatchOr):
        parts = [names_of_pattern(element.pattern) for element in pattern.patterns]
        return frozenset().union(*parts) if all(parts) else frozenset()
    return frozenset()


Test = tuple[frozenset[int], frozenset[str], bool]
"""The origins of the events that are tested, the names they are tested for, and whether they have one of these when the test holds."""


def tests_in(walker: Walker, test: cst.BaseExpression) -> list[Test]:
    """What `test` says of events, each true where it holds (or, the last part False, where it does not)."""
    values = walker.program.values
    if isinstance(test, cst.BooleanOperation):
        left, right = tests_in(walker, test.left), tests_in(walker, test.right)
        if isinstance(test.operator, cst.And):
            return [found for found in (*left, *right) if found[2]]
        joined: list[Test] = [found for found in (*left, *right) if not found[2]]
        if left and right and left[0][2] and right[0][2] and left[0][0] == right[0][0]:
            joined.append((left[0][0], left[0][1] | right[0][1], True))
        return joined
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return [(tested, names, not when) for tested, names, when in tests_in(walker, test.expression)]
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        target = test.comparisons[0]
        for one, other in ((test.left, target.comparator), (target.comparator, test.left)):
            tested, names = _events(values.get(one, frozenset()), "event.event"), texts_in(other)
            if tested and names:
                negative = isinstance(target.operator, cst.NotEqual | cst.NotIn)
                return [(tested, names, not negative)] if isinstance(target.operator, _EQUALITIES) else []
    if isinstance(test, cst.Call) and len(test.args) == 2 and External("builtins.isinstance") in values.get(test.func, frozenset()):
        value = values.get(test.args[0].value, frozenset())
        for kind, table in (("event", EVENT_TYPES), ("event.data", PAYLOAD_TYPES)):
            tested, names = _events(value, kind), types_in(walker.program.values, test.args[1].value, table)
            if tested and names:
                return [(tested, names, True)]
    return []


_EQUALITIES = (cst.Equal, cst.NotEqual, cst.In, cst.NotIn)


def texts_in(node: cst.BaseExpression) -> frozenset[str]:
    """The texts that `node` is or has: a literal, or several in brackets; nothing where anything else is among them."""
    if isinstance(node, cst.SimpleString):
        return frozenset({str(node.evaluated_value)})
    if isinstance(node, cst.Tuple | cst.List | cst.Set):
        parts = [texts_in(element.value) for element in node.elements]
        return frozenset().union(*parts) if parts and all(parts) else frozenset()
    return frozenset()


def types_in(values: dict[cst.CSTNode, Value], node: cst.BaseExpression, table: dict[str, str]) -> frozenset[str]:
    """The names of events that the classes at `node`, one or several in brackets, stand for by `table`; nothing where one does not."""
    if isinstance(node, cst.Tuple):
        parts = [types_in(values, element.value, table) for element in node.elements]
        return frozenset().union(*parts) if parts and all(parts) else frozenset()
    atoms = values.get(node, frozenset())
    names = {table.get(atom.name.rpartition(".")[2]) for atom in atoms if isinstance(atom, External) and atom.name.startswith("openai.")}
    return frozenset(name for name in names if name) if len(atoms) == 1 and None not in names else frozenset()


def _events(value: Value, kind: str) -> frozenset[int]:
    wanted = (kind,) if kind != "event" else ("event",)
    return frozenset(atom.origin for atom in value if isinstance(atom, Api) and atom.kind in wanted)


def _narrow(walker: Walker, origins: frozenset[int], names: frozenset[str], before: Environment) -> None:
    for name, value in list(walker.env.items()):
        events = [atom for atom in value if isinstance(atom, Api) and atom.kind == "event" and atom.origin in origins]
        if events:
            before.setdefault(name, value)
            rest = value - frozenset(events)
            walker.env[name] = rest | frozenset(Api(f"event[{event}]", atom.origin) for atom in events for event in sorted(names))
