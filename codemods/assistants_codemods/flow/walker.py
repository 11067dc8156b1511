"""Statements: how what names may be changes on the way through a body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import libcst as cst

from assistants_codemods.flow import annotations as types_said
from assistants_codemods.flow import expressions
from assistants_codemods.flow.kinds import CLIENT_CLASSES, HANDLER_PARAMETERS, HANDLERS, IDS, OBJECTS, element_of
from assistants_codemods.flow.module import ClassInfo, FunctionInfo, Module
from assistants_codemods.flow.narrowing import narrow, narrow_case, widen
from assistants_codemods.flow.nodes import below
from assistants_codemods.flow.program import EXTERNAL, Program
from assistants_codemods.flow.values import (
    NOTHING,
    Api,
    Class,
    Display,
    External,
    Foreign,
    Function,
    Instance,
    TreeModule,
    Unknown,
    Value,
    unknown,
)

Environment: TypeAlias = "dict[str, Value]"


class Walker:
    """Goes through the body of one function, class or module and keeps what its names may be."""

    def __init__(self, program: Program, module: Module, function: FunctionInfo | None, owner: ClassInfo | None = None) -> None:
        self.program = program
        self.module = module
        self.function = function
        self.owner = owner
        """The class whose body this is, or None."""
        self.env: Environment = {}

    # Names

    def bind(self, name: str, value: Value) -> None:
        """Let the local `name` be `value` from here on."""
        function = self.function
        if function is not None and name in function.global_names:
            self.program.add(self.module, name, value)
            return
        self.env[name] = value
        if self.owner is not None:
            self.program.add(self.owner, name, value)
        elif function is not None:
            self.program.add(function, f"cell {name}", value)
        else:
            self.program.add(self.module, name, value)

    def look_up(self, name: str) -> Value:
        """What `name` may be here."""
        if name in self.env:
            return self.env[name]
        function = self.function
        if function is not None and name in function.local_names:
            return self.program.get(function, f"cell {name}")
        while function is not None:
            if name in function.local_names:
                return self.program.get(function, f"cell {name}")
            function = function.parent
        found = self.program.get(self.module, name)
        return found or (NOTHING if name in self.program.names(self.module) else frozenset({External(f"builtins.{name}")}))

    # Bodies

    def run_function(self, info: FunctionInfo) -> None:
        """Go through `info`'s body with its parameters as they may be."""
        for param in info.parameters():
            self.env[param.name.value] = self._parameter(info, param)
            self.program.note(param.name, self.env[param.name.value])
            self.program.add(info, f"cell {param.name.value}", self.env[param.name.value])
        node = info.node
        if isinstance(node, cst.Lambda):
            self.program.add(info, "return", self.evaluate(node.body))
        else:
            self.suite(node.body)

    def _parameter(self, info: FunctionInfo, param: cst.Param) -> Value:
        name = param.name.value
        value = self.program.get(info, f"parameter {name}")
        if info.is_bound and info.positional() and info.positional()[0] is param:
            assert info.owner is not None
            heirs = self.program.subclasses(info.owner)
            made: Value = frozenset(Class(heir) if "classmethod" in info.decorators else Instance(heir) for heir in heirs)
            return made
        annotated = types_said.value_of(self, param.annotation.annotation, f"parameter {name}") if param.annotation else NOTHING
        if info.owner is not None and info.name in HANDLER_PARAMETERS and self.program.outer_bases(info.owner) & HANDLERS and value:
            return value  # which says more than the annotation
        if annotated:
            known = frozenset(atom for atom in value if not isinstance(atom, Unknown))
            return annotated | known
        if self.program.final and (not self.program.callers.get(info) or info in self.program.passed_on) and not _is_known(value):
            return value | unknown(f"parameter {name}")
        return value

    def suite(self, body: cst.BaseSuite) -> None:
        """Go through the statements of `body`."""
        for statement in body.body:
            self.statement(statement)

    def statement(self, node: cst.BaseStatement | cst.BaseSmallStatement) -> None:
        """Go through one statement."""
        if isinstance(node, cst.SimpleStatementLine):
            for small in node.body:
                self.statement(small)
            return
        handler = _STATEMENTS.get(type(node))
        if handler is not None:
            handler(self, node)
        else:
            for child in below(node):
                if isinstance(child, cst.BaseExpression):
                    self.evaluate(child)

    def evaluate(self, node: cst.BaseExpression) -> Value:
        """What the expression may be."""
        value = expressions.evaluate(self, node)
        self.program.note(node, value)
        return value

    def branch(self, *bodies: cst.BaseSuite | None, else_unchanged: bool = False) -> None:
        """Go through each of `bodies` from here, and join what comes out."""
        before = dict(self.env)
        ends: list[Environment] = [before] if else_unchanged else []
        for body in bodies:
            if body is None:
                continue
            self.env = dict(before)
            self.suite(body)
            ends.append(self.env)
        self.env = _joined(ends or [before])

    def assign(self, target: cst.BaseExpression, value: Value, source: cst.BaseExpression | None = None) -> None:
        """Let `target` be `value`; `source` is the expression it came from, where there is one."""
        if isinstance(target, cst.Name):
            self.program.note(target, value)
            self.bind(target.value, value)
        elif isinstance(target, cst.Attribute):
            self._assign_attribute(target, value)
        elif isinstance(target, cst.Subscript):
            self._assign_item(target, value)
        elif isinstance(target, cst.Tuple | cst.List):
            self._unpack(target, value)
        elif isinstance(target, cst.StarredElement):
            self.assign(target.value, value)

    def _assign_attribute(self, target: cst.Attribute, value: Value) -> None:
        self.program.note(target, value)
        for atom in self.evaluate(target.value):
            if isinstance(atom, Instance | Class):
                self.program.add(atom.info, target.attr.value, value)
            elif isinstance(atom, TreeModule):
                self.program.add(atom.module, target.attr.value, value)
            elif isinstance(atom, Unknown | External | Foreign):
                expressions.let_go(self, value, target, f"the attribute {self.module.code(target)}")

    def _assign_item(self, target: cst.Subscript, value: Value) -> None:
        container = self.evaluate(target.value)
        key = expressions.constant_key(target)
        for element in target.slice:
            if isinstance(element.slice, cst.Index):
                self.evaluate(element.slice.value)
        kept = False
        for atom in container:
            if isinstance(atom, Display):
                self.program.add(atom.node, key, value)
                kept = True
        if not kept:
            expressions.let_go(self, value, target, self.module.code(target))

    def _unpack(self, target: cst.Tuple | cst.List, value: Value) -> None:
        for place, element in enumerate(target.elements):
            parts: Value = NOTHING
            for atom in value:
                if isinstance(atom, Display):
                    parts |= self.program.get(atom.node, str(place)) or self.program.get(atom.node, "*")
                elif isinstance(atom, Api):
                    kind = element_of(atom.kind)
                    parts |= frozenset({Api(kind, atom.origin)}) if kind else NOTHING
                elif isinstance(atom, Unknown):
                    parts |= frozenset({atom})
            self.assign(element.value, parts)


def _is_known(value: Value) -> bool:
    return any(isinstance(atom, Api | Instance | Class | Display | Function) for atom in value)


def _joined(ends: list[Environment]) -> Environment:
    names = {name for end in ends for name in end}
    return {name: frozenset().union(*(end.get(name, NOTHING) for end in ends)) for name in names}


def _if(walker: Walker, node: cst.If) -> None:
    walker.evaluate(node.test)
    before = dict(walker.env)
    as_before = narrow(walker, node.test)
    walker.suite(node.body)
    widen(walker, as_before)
    after = walker.env
    walker.env = dict(before)
    as_before = narrow(walker, node.test, holds=False)
    if isinstance(node.orelse, cst.If):
        _if(walker, node.orelse)
    elif node.orelse is not None:
        walker.suite(node.orelse.body)
    if not _leaves(node.body):
        widen(walker, as_before)
    elif as_before:
        return  # what follows is only reached where the test does not hold
    ends = [end for end, suite in ((after, node.body), (walker.env, None)) if suite is None or not _never_ends(suite)]
    walker.env = _joined(ends)


def _leaves(suite: cst.BaseSuite) -> bool:
    """Whether what follows `suite` in its block is not reached from it."""
    last = suite.body[-1] if suite.body else None
    small = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    return isinstance(small, cst.Return | cst.Raise | cst.Continue | cst.Break)


def _never_ends(suite: cst.BaseSuite) -> bool:
    """Whether control never gets past `suite`."""
    last = suite.body[-1] if suite.body else None
    if isinstance(last, cst.SimpleStatementLine):
        return isinstance(last.body[-1], cst.Return | cst.Raise)
    return isinstance(last, cst.Return | cst.Raise)


def _loop(walker: Walker, body: cst.BaseSuite, orelse: cst.Else | None, begin: Callable[[], None] = lambda: None) -> None:
    for _ in range(2):  # what the first round assigns, the second may read
        begin()
        walker.branch(body, else_unchanged=True)
    if orelse is not None:
        walker.suite(orelse.body)


def _while(walker: Walker, node: cst.While) -> None:
    walker.evaluate(node.test)
    _loop(walker, node.body, node.orelse)
    walker.evaluate(node.test)


def _for(walker: Walker, node: cst.For) -> None:
    item = expressions.elements(walker, walker.evaluate(node.iter))
    _loop(walker, node.body, node.orelse, lambda: walker.assign(node.target, item))


def _with(walker: Walker, node: cst.With) -> None:
    for item in node.items:
        value = walker.evaluate(item.item)
        entered = expressions.entered(walker, value)
        if item.asname is not None:
            walker.assign(item.asname.name, entered)
    walker.suite(node.body)


def _try(walker: Walker, node: cst.Try | cst.TryStar) -> None:
    before = dict(walker.env)
    walker.suite(node.body)
    done = walker.env
    ends = []
    for handler in node.handlers:
        walker.env = _joined([before, done])
        if handler.type is not None:
            caught = walker.evaluate(handler.type)
            if handler.name is not None:
                walker.assign(handler.name.name, frozenset(Foreign(atom.name) for atom in caught if isinstance(atom, External)))
        walker.suite(handler.body)
        if not _never_ends(handler.body):
            ends.append(walker.env)
    walker.env = done
    if node.orelse is not None:
        walker.suite(node.orelse.body)
    walker.env = _joined([walker.env, *ends])
    if node.finalbody is not None:
        walker.suite(node.finalbody.body)


def _assignment(walker: Walker, node: cst.Assign) -> None:
    value = walker.evaluate(node.value)
    for target in node.targets:
        walker.assign(target.target, value, node.value)


def _annotated(walker: Walker, node: cst.AnnAssign) -> None:
    annotated = types_said.value_of(walker, node.annotation.annotation, walker.module.code(node.target))
    value = walker.evaluate(node.value) if node.value is not None else NOTHING
    if node.value is not None or annotated:
        known = frozenset(atom for atom in value if not isinstance(atom, Unknown)) if annotated else value
        walker.assign(node.target, annotated | known, node.value)


def _augmented(walker: Walker, node: cst.AugAssign) -> None:
    value = walker.evaluate(node.value)
    before = walker.evaluate(node.target)
    for atom in before:
        if isinstance(atom, Display):
            for other in value:
                if isinstance(other, Display):
                    walker.program.add(atom.node, "*", walker.program.get(other.node, "*"))
    walker.assign(node.target, before | value)


def _return(walker: Walker, node: cst.Return) -> None:
    if node.value is not None and walker.function is not None:
        walker.program.add(walker.function, "return", walker.evaluate(node.value))


def _function(walker: Walker, node: cst.FunctionDef) -> None:
    info = walker.module.functions[node]
    for decorator in node.decorators:
        for atom in walker.evaluate(decorator.decorator):
            if isinstance(atom, Unknown | External | Foreign | Instance) and not (
                isinstance(atom, External) and atom.name.rpartition(".")[2] in _PLAIN_DECORATORS
            ):
                walker.program.passed_on.add(info)
    for param in info.parameters():
        if param.default is not None:
            walker.program.add(info, f"parameter {param.name.value}", walker.evaluate(param.default))
        if param.annotation is not None:
            types_said.note(walker, param.annotation.annotation)
    if node.returns is not None:
        types_said.note(walker, node.returns.annotation)
        walker.program.add(
            info,
            "return",
            frozenset(atom for atom in types_said.value_of(walker, node.returns.annotation, f"{info.name}()") if isinstance(atom, Api)),
        )
    if walker.owner is None:
        walker.bind(info.name, frozenset({Function(info)}))


_PLAIN_DECORATORS = frozenset(
    [
        "staticmethod",
        "classmethod",
        "property",
        "cached_property",
        "lru_cache",
        "cache",
        "wraps",
        "abstractmethod",
        "contextmanager",
        "asynccontextmanager",
        "override",
    ]
)


def _class(walker: Walker, node: cst.ClassDef) -> None:
    info = walker.module.classes[node]
    for base in node.bases:
        for atom in walker.evaluate(base.value):
            if isinstance(atom, Class) and atom.info is not info:
                walker.program.derive(info, atom.info)
            elif isinstance(atom, External):
                walker.program.derive(info, atom.name)
                if atom.source is not None:
                    walker.program.suppliers[node].setdefault(atom, walker.module)
                if atom.name in HANDLERS or atom.name in CLIENT_CLASSES:
                    walker.program.origin(node, "class", walker.module, f"class {info.name}({atom.name})")
    walker.bind(info.name, frozenset({Class(info)}))
    body = Walker(walker.program, walker.module, walker.function, info)
    body.env = dict(walker.env)
    body.suite(node.body)


def _import(walker: Walker, node: cst.Import) -> None:
    for alias in node.names:
        dotted = walker.module.code(alias.name)
        module = walker.program.imported(walker.module, dotted, 0)
        if alias.asname is not None:
            walker.assign(alias.asname.name, frozenset({TreeModule(module) if module else External(dotted)}))
        else:
            first = dotted.partition(".")[0]
            top = walker.program.imported(walker.module, first, 0) if module is None or "." in dotted else module
            if top is not None:
                walker.bind(first, frozenset({TreeModule(top)}))
            elif module is not None:
                walker.bind(first, frozenset({External(f"tree:{first}")}))
            else:
                walker.bind(first, frozenset({External(first)}))


def _from(walker: Walker, node: cst.ImportFrom) -> None:
    dotted = walker.module.code(node.module) if node.module is not None else ""
    level = len(node.relative)
    module = walker.program.imported(walker.module, dotted, level)
    if isinstance(node.names, cst.ImportStar):
        if module is not None:
            for name, value in walker.program.held(module).items():
                if not name.startswith("_"):
                    walker.bind(name, value)
        elif dotted == "openai":
            for name in sorted(known for known in CLIENT_CLASSES if known.rpartition(".")[0] == "openai"):
                walker.bind(name.rpartition(".")[2], frozenset({External(name, node)}))
        return
    for alias in node.names:
        name = walker.module.code(alias.name)
        if module is not None:
            below = walker.program.imported(walker.module, f"{dotted}.{name}" if dotted else name, level)
            value = walker.program.get(module, name) or (frozenset({TreeModule(below)}) if below else NOTHING)
        else:
            value = expressions.external(f"{dotted}.{name}", walker, alias)
        walker.program.note(alias, value)
        target = alias.asname.name if alias.asname is not None else alias.name
        walker.assign(target, value)


def _match(walker: Walker, node: cst.Match) -> None:
    walker.evaluate(node.subject)
    before = dict(walker.env)
    ends = [before]
    for case in node.cases:
        walker.env = dict(before)
        as_before = narrow_case(walker, node.subject, case.pattern)
        if case.guard is not None:
            walker.evaluate(case.guard)
        walker.suite(case.body)
        widen(walker, as_before)
        ends.append(walker.env)
    walker.env = _joined(ends)


def _expression(walker: Walker, node: cst.Expr) -> None:
    walker.evaluate(node.value)


_STATEMENTS: dict[type[cst.CSTNode], Callable[[Walker, Any], None]] = {
    cst.If: _if,
    cst.While: _while,
    cst.For: _for,
    cst.With: _with,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.Assign: _assignment,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.Return: _return,
    cst.FunctionDef: _function,
    cst.ClassDef: _class,
    cst.Import: _import,
    cst.ImportFrom: _from,
    cst.Match: _match,
    cst.Expr: _expression,
}

__all__ = ["EXTERNAL", "IDS", "OBJECTS", "Walker"]
