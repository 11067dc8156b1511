"""The modules of one application and everything known of their values: slots that grow until nothing changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import libcst as cst

from assistants_codemods.findings import Place
from assistants_codemods.flow.groups import Groups
from assistants_codemods.flow.module import ClassInfo, FunctionInfo, Module
from assistants_codemods.flow.values import NOTHING, Api, Atom, Display, External, Unknown, Value, without_synonyms
from assistants_codemods.source import Source

EXTERNAL = 0
"""The origin that stands for whatever is outside the program: databases, requests, the environment."""


_CROWD = 12  # lists and dicts in one slot, from which on no more are told apart
_BASES, _HEIRS = "<bases>", "<heirs>"  # not names of slots: what `bases` and `subclasses` read

Unit: TypeAlias = "tuple[Module, FunctionInfo | None]"
"""A body: a module's, or a function's in it."""


class Tree(Protocol):
    """The files around the ones that use the API."""

    @property
    def files(self) -> Collection[str]:
        """All Python files, relative to the root."""

    def source(self, path: str) -> Source | None:
        """The file at `path`; None where it cannot be read."""

    def containing(self, identifier: str) -> Collection[str]:
        """The files in which `identifier` stands as a word."""


@dataclass
class Argument:
    """An argument of a call, as it was written and as it may be."""

    name: str | None
    """The parameter it is for; None where a star hides that."""
    node: cst.Arg
    value: Value


@dataclass
class CallSite:
    """A call of a method of the Assistants API."""

    index: int
    path: str
    returns: str
    node: cst.Call
    module: Module
    function: FunctionInfo | None
    client: int
    """The origin of the client it is called on; of one of them, where there are several."""
    raw: bool = False
    indirect: bool = False
    """Whether the method is handed to something that calls it: `node` is the call of that."""
    clients: set[int] = field(default_factory=set)
    """The origins of all clients that it may be called on."""
    arguments: list[Argument] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return self.module.place(self.node)

    def argument(self, name: str) -> Argument | None:
        """The argument for the parameter `name`, if it is given by name or position."""
        return next((argument for argument in self.arguments if argument.name == name), None)

    @property
    def is_awaited(self) -> bool:
        return isinstance(self.module.parents.get(self.node), cst.Await)


@dataclass(frozen=True)
class Origin:
    """Where values begin: a client's construction, a call of the API, a parameter that nobody in the tree fills."""

    what: str
    """`client`, `class`, `module`, `call`, `presumed`, `handler`, `annotation` or `outside`."""
    module: Module | None
    node: cst.CSTNode | None
    how: str
    """As a phrase, for reports."""


@dataclass(frozen=True)
class Escape:
    """A value of the API that reaches code which is not followed."""

    atom: Api
    module: Module
    node: cst.CSTNode
    into: str
    shows: bool = False
    """Whether its fields are shown to whoever it is: JSON, a dict."""


class Program:
    """The state of the analysis. Slots only grow; whoever read one that did is gone through again."""

    def __init__(self, read: Callable[[str], Module | None], find: Callable[[Module, str, int], Module | None]) -> None:
        self.modules: dict[str, Module] = {}
        self._read = read
        self._find = find
        self.current: Unit | None = None
        """The body that is being gone through: it reads what is read."""
        self._waiting: tuple[dict[Unit, None], dict[Unit, None]] = ({}, {})
        """The bodies to go through, in order: those of modules, which tell what names are, and those of functions."""
        self._readers: dict[tuple[object, str], set[Unit]] = defaultdict(set)
        self._everything: dict[object, set[Unit]] = defaultdict(set)
        self.final = False
        """Whether parameters that nobody fills are taken as unknown by now."""
        self.values: dict[cst.CSTNode, Value] = defaultdict(lambda: NOTHING)
        self.slots: dict[object, dict[str, Value]] = defaultdict(dict)
        self.sites: dict[cst.Call, CallSite] = {}
        self.origins: list[Origin] = [Origin("outside", None, None, "outside the program")]
        self._origin_of: dict[tuple[cst.CSTNode, str], int] = {}
        self.groups = Groups()
        self.escapes: dict[tuple[cst.CSTNode, Atom], Escape] = {}
        self.callers: dict[FunctionInfo, set[cst.CSTNode]] = defaultdict(set)
        self.passed_on: set[FunctionInfo] = set()
        """Functions that are handed to code outside the program, which may call them with anything."""
        self.displays: dict[cst.BaseExpression, Module] = {}
        self.consumers: dict[cst.BaseExpression, set[tuple[int, str]]] = defaultdict(set)
        """The arguments (call, parameter) that a display reaches."""
        self.display_escapes: dict[cst.BaseExpression, tuple[Module, cst.CSTNode, str]] = {}
        """The displays that reach code which is not followed: where, and as a phrase, what."""
        self.suppliers: dict[cst.CSTNode, dict[External, Module]] = defaultdict(dict)
        """Where constructions of clients, and classes that derive from one, have the client's class from."""
        self.wrapped: set[int] = set()
        """The origins of clients that go through `assistants_compat.wrap`."""
        self.installed: dict[cst.Call, Module] = {}
        """The calls of `assistants_compat.install`."""
        self.handed_on: set[int] = set()
        """The origins of clients that reach code which is not followed."""
        self.external_bases: dict[ClassInfo, set[str]] = defaultdict(set)
        self.tree_bases: dict[ClassInfo, set[ClassInfo]] = defaultdict(set)
        self._heirs: dict[ClassInfo, set[ClassInfo]] = defaultdict(set)

    # Modules

    def load(self, path: str) -> Module | None:
        """The module at `path`, parsed once; None where there is none or it cannot be."""
        if path not in self.modules:
            module = self._read(path)
            if module is None:
                return None
            self.modules[path] = module
            self.wait_for(module)
        return self.modules[path]

    def imported(self, importer: Module, dotted: str, level: int) -> Module | None:
        """The module of the tree that `importer` means by `dotted`, with `level` dots before it."""
        return self._find(importer, dotted, level)

    def client_of(self, site: CallSite) -> Origin:
        """The origin of the client that `site` is called on: the one that is known best, where there are several."""
        ranks = {"client": 0, "class": 1, "module": 2, "annotation": 3}
        return self.origins[min(site.clients, key=lambda number: (ranks.get(self.origins[number].what, 4), number))]

    # Slots

    def add(self, owner: object, name: str, value: Value) -> None:
        """Let the slot `name` of `owner` have `value` too."""
        held = self.slots[owner]
        known = held.get(name, NOTHING)
        if name not in held or not value <= known:
            new = without_synonyms(value)
            if any(isinstance(atom, Unknown) for atom in known):
                new = frozenset(atom for atom in new if not isinstance(atom, Unknown))
            if len(new) + len(known) > _CROWD:
                new = self._without_crowd(known, new)
            if name in held and new <= known:
                return
            held[name] = known | new
            self._wait(*self._readers.get((owner, name), ()), *self._everything.get(owner, ()))

    def _without_crowd(self, known: Value, new: Value) -> Value:
        """`new` without displays, where the slot has many already: such a place is a framework's, and they count as not followed."""
        if sum(isinstance(atom, Display) for atom in known) < _CROWD:
            return new
        for atom in new - known:
            if isinstance(atom, Display) and atom.node in self.displays:
                where = (self.displays[atom.node], atom.node, "a place where many lists and dicts meet")
                self.display_escapes.setdefault(atom.node, where)
        return frozenset(atom for atom in new if not isinstance(atom, Display))

    def get(self, owner: object, name: str) -> Value:
        """All that the slot `name` of `owner` may have."""
        self._read_by(owner, name)
        return self.slots[owner].get(name, NOTHING) if owner in self.slots else NOTHING

    def held(self, owner: object) -> dict[str, Value]:
        """All slots of `owner`, by name."""
        if self.current is not None:
            self._everything[owner].add(self.current)
        return dict(self.slots[owner]) if owner in self.slots else {}

    def names(self, owner: object) -> Collection[str]:
        """The names of `owner`'s slots, without reading them."""
        return self.slots[owner].keys() if owner in self.slots else ()

    def wait_for(self, module: Module) -> None:
        """Have `module` and its functions gone through."""
        self._wait((module, None), *((module, info) for info in module.functions.values()))

    def next_unit(self) -> Unit | None:
        """The next body to go through; None where nothing changes any more."""
        for queue in self._waiting:
            if queue:
                unit = next(iter(queue))
                del queue[unit]
                return unit
        return None

    def _wait(self, *units: Unit) -> None:
        for unit in units:
            self._waiting[unit[1] is not None][unit] = None

    def wait_for_all(self) -> None:
        """Have everything gone through."""
        for module in self.modules.values():
            self.wait_for(module)

    def note(self, node: cst.CSTNode, value: Value) -> None:
        """Record what the expression `node` may be."""
        if value:
            self.values[node] |= value

    # Origins

    def origin(self, node: cst.CSTNode, what: str, module: Module, how: str) -> int:
        """The number of the origin at `node`, the same one each time."""
        key = (node, what)
        if key not in self._origin_of:
            self._origin_of[key] = len(self.origins)
            self.origins.append(Origin(what, module, node, how))
        return self._origin_of[key]

    def escape(self, atom: Api, module: Module, node: cst.CSTNode, into: str, *, shows: bool = False) -> None:
        """Note that `atom` goes where it is not followed."""
        self.escapes.setdefault((node, atom), Escape(atom, module, node, into, shows))

    # Classes

    def bases(self, info: ClassInfo) -> list[ClassInfo]:
        """`info` and its bases within the tree, in order of search."""
        if not self.tree_bases.get(info):  # most classes
            self._read_by(info, _BASES)
            return [info]
        found, waiting = [], [info]
        while waiting:
            current = waiting.pop(0)
            if current not in found:
                self._read_by(current, _BASES)
                found.append(current)
                waiting.extend(sorted(self.tree_bases.get(current, ()), key=lambda base: base.name))
        return found

    def outer_bases(self, info: ClassInfo) -> set[str]:
        """The names of the classes outside the tree that `info` derives from."""
        return {name for base in self.bases(info) for name in self.external_bases.get(base, ())}

    def derive(self, info: ClassInfo, base: ClassInfo | str) -> None:
        """Note that `info` derives from `base`: a class of the tree, or the name of one from outside."""
        bases: set[ClassInfo] | set[str]
        bases = self.tree_bases[info] if isinstance(base, ClassInfo) else self.external_bases[info]
        if base not in bases:
            bases.add(base)  # type: ignore[arg-type]
            self._wait(*self._readers.get((info, _BASES), ()))
            if isinstance(base, ClassInfo):
                self._heirs[base].add(info)
                self._wait(*self._readers.get((base, _HEIRS), ()))

    def _read_by(self, owner: object, name: str) -> None:
        if self.current is not None:
            self._readers[owner, name].add(self.current)

    def subclasses(self, info: ClassInfo) -> list[ClassInfo]:
        """The classes of the program that derive from `info`, itself included."""
        found, waiting = [], [info]
        while waiting:
            current = waiting.pop(0)
            if current not in found:
                self._read_by(current, _HEIRS)
                found.append(current)
                waiting.extend(sorted(self._heirs.get(current, ()), key=lambda heir: heir.name))
        return found
