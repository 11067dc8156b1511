"""A parsed module: its functions and classes, who contains whom, where things stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar, overload

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from assistants_codemods.findings import Place
from assistants_codemods.flow.locals import names_bound_in
from assistants_codemods.flow.nodes import below
from assistants_codemods.source import Source

_A = TypeVar("_A", bound=cst.CSTNode)
_B = TypeVar("_B", bound=cst.CSTNode)
_C = TypeVar("_C", bound=cst.CSTNode)
_D = TypeVar("_D", bound=cst.CSTNode)


@dataclass(eq=False)
class FunctionInfo:
    """A function, method or lambda of the tree."""

    module: Module
    node: cst.FunctionDef | cst.Lambda
    owner: ClassInfo | None
    parent: FunctionInfo | None
    local_names: frozenset[str]
    global_names: frozenset[str]
    decorators: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.node.name.value if isinstance(self.node, cst.FunctionDef) else "<lambda>"

    @property
    def is_async(self) -> bool:
        return isinstance(self.node, cst.FunctionDef) and self.node.asynchronous is not None

    @property
    def is_property(self) -> bool:
        return any(name.rpartition(".")[2] in ("property", "cached_property") for name in self.decorators)

    @property
    def is_bound(self) -> bool:
        """Whether the first parameter is the instance or class."""
        return self.owner is not None and "staticmethod" not in self.decorators

    def parameters(self) -> list[cst.Param]:
        """All parameters in order, `*args` and `**kwargs` aside."""
        params = self.node.params
        return [*params.posonly_params, *params.params, *params.kwonly_params]

    def positional(self) -> list[cst.Param]:
        """The parameters that arguments without a name go to."""
        params = self.node.params
        return [*params.posonly_params, *params.params]


@dataclass(eq=False)
class ClassInfo:
    """A class of the tree."""

    module: Module
    node: cst.ClassDef
    parent: FunctionInfo | None
    methods: dict[str, FunctionInfo] = field(default_factory=dict)
    is_dataclass: bool = False

    @property
    def name(self) -> str:
        return self.node.name.value

    @cached_property
    def declared(self) -> frozenset[str]:
        """The names that the body declares, `name: type`."""
        small = [small for line in self.node.body.body if isinstance(line, cst.SimpleStatementLine) for small in line.body]
        return frozenset(one.target.value for one in small if isinstance(one, cst.AnnAssign) and isinstance(one.target, cst.Name))


class Module:
    """One source, parsed, with the parents and positions of its nodes.

    Raises `cst.ParserSyntaxError` where the source is not Python, RecursionError where it nests too deep.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.path = source.path
        self._wrapper = MetadataWrapper(cst.parse_module(source.text), unsafe_skip_copy=True)
        self.tree = self._wrapper.module
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self._positions: Mapping[cst.CSTNode, CodeRange] | None = None
        self._nodes: dict[tuple[type[cst.CSTNode], ...], list[cst.CSTNode]] = {}
        self._codes: dict[cst.CSTNode, str] = {}
        self._lines = source.text.splitlines()
        self.functions: dict[cst.CSTNode, FunctionInfo] = {}
        self.classes: dict[cst.CSTNode, ClassInfo] = {}
        _collect(self, self.tree, None, None)

    def __repr__(self) -> str:
        return f"Module({self.path!r})"

    @property
    def names(self) -> tuple[str, ...]:
        """The dotted names it may be imported under, the longest first: `app.services.ai` for `app/services/ai.py`, and what ends it."""
        parts = self.path.rsplit(".", 1)[0].split("/")
        if parts[-1] == "__init__":
            parts = parts[:-1]
        return tuple(".".join(parts[start:]) for start in range(len(parts)))

    @overload
    def nodes(self, kind: type[_A], /) -> Sequence[_A]: ...

    @overload
    def nodes(self, kind: type[_A], other: type[_B], /) -> Sequence[_A | _B]: ...

    @overload
    def nodes(self, kind: type[_A], other: type[_B], third: type[_C], /) -> Sequence[_A | _B | _C]: ...

    @overload
    def nodes(self, kind: type[_A], other: type[_B], third: type[_C], fourth: type[_D], /) -> Sequence[_A | _B | _C | _D]: ...

    def nodes(self, *kinds: type[cst.CSTNode]) -> Sequence[cst.CSTNode]:
        """The nodes of these kinds, those around others before them. Gone through once for each question that fixers ask."""
        found = self._nodes.get(kinds)
        if found is None:
            found = self._nodes[kinds] = [node for node in self.parents if isinstance(node, kinds)]
        return found

    def place(self, node: cst.CSTNode) -> Place:
        """Where `node` begins."""
        if self._positions is None:  # the slow part of the metadata, which a module without findings does not need
            self._positions = self._wrapper.resolve(PositionProvider)
        position = self._positions.get(node)
        return Place(self.path, position.start.line, position.start.column + 1) if position else Place(self.path, 1, 1)

    def line(self, node: cst.CSTNode) -> str:
        """The line of source that `node` begins on, without indentation."""
        number = self.place(node).line
        return self._lines[number - 1].strip() if number <= len(self._lines) else ""

    def code(self, node: cst.CSTNode) -> str:
        """The source of `node`."""
        code = self._codes.get(node)
        if code is None:
            code = self._codes[node] = self.tree.code_for_node(node)
        return code

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around `node`, the nearest first."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def function_of(self, node: cst.CSTNode) -> FunctionInfo | None:
        """The function whose body `node` is in; None at module level and in class bodies outside functions."""
        inner = node
        for around in self.ancestors(node):
            if around in self.functions:
                definition = around
                # Decorators, defaults and annotations belong to the scope around.
                if inner is getattr(definition, "body", None):
                    return self.functions[definition]
            inner = around
        return None

    def statement_of(self, node: cst.CSTNode) -> cst.SimpleStatementLine | cst.BaseCompoundStatement | None:
        """The statement line, or the compound statement whose head, `node` is in."""
        for around in (node, *self.ancestors(node)):
            if isinstance(around, cst.SimpleStatementLine | cst.BaseCompoundStatement):
                return around
        return None


def _collect(module: Module, node: cst.CSTNode, function: FunctionInfo | None, owner: ClassInfo | None) -> None:
    for child in below(node):
        module.parents[child] = node
        if isinstance(child, cst.FunctionDef | cst.Lambda):
            local_names, global_names = names_bound_in(child)
            decorators = child.decorators if isinstance(child, cst.FunctionDef) else ()
            info = FunctionInfo(
                module,
                child,
                owner if isinstance(child, cst.FunctionDef) else None,
                function,
                local_names,
                global_names,
                tuple(module.tree.code_for_node(decorator.decorator).split("(")[0] for decorator in decorators),
            )
            module.functions[child] = info
            if owner is not None and isinstance(child, cst.FunctionDef):
                owner.methods[info.name] = info
            _collect(module, child, info, None)
        elif isinstance(child, cst.ClassDef):
            class_info = ClassInfo(module, child, function)
            class_info.is_dataclass = any("dataclass" in module.tree.code_for_node(d.decorator) for d in child.decorators)
            module.classes[child] = class_info
            _collect(module, child, function, class_info)
        else:
            _collect(module, child, function, owner)
