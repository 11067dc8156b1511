"""What a run means to change: edits, refusals and notes, collected by the fixers before anything is touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import TypeAlias, TypeVar

import libcst as cst

from assistants_codemods.configuring import text_literal
from assistants_codemods.findings import Finding, Place, Refusal, Severity, Target
from assistants_codemods.flow.kinds import OBJECTS
from assistants_codemods.flow.module import Module
from assistants_codemods.flow.program import CallSite, Program
from assistants_codemods.flow.values import Api, Value
from assistants_codemods.rewriting import Rewriter

Node = TypeVar("Node", bound=cst.CSTNode)
Build: TypeAlias = "Callable[[cst.CSTNode, Rewriter], cst.CSTNode]"
"""Makes the new node of the old one, in which everything inside is new already."""


@dataclass(frozen=True)
class Read:
    """A field of an object of the API, read somewhere: `run.status`."""

    node: cst.Attribute
    kind: str
    """The kind of the object."""
    name: str
    module: Module
    group: int


@dataclass(frozen=True)
class Edit:
    """A node that becomes another one, as part of a group."""

    module: Module
    node: cst.CSTNode
    build: Build
    group: int
    fixer: str


class Plan:
    """Filled by fixers, one after the other; each claims what it takes, so that no two take the same."""

    def __init__(self, program: Program, target: Target, paths: Iterable[str], options: object = None, today: date | None = None) -> None:
        self.program = program
        self.target = target
        self.options = options
        self.today = today or date.today()
        self.paths = frozenset(paths)
        """The files that may change."""
        self.fixer = ""
        """The id of the fixer at work."""
        self.edits: list[Edit] = []
        self.refusals: dict[int, list[Refusal]] = defaultdict(list)
        """Why groups stay, by the group's number (see `group`)."""
        self.site_refusals: dict[cst.CSTNode, Refusal] = {}
        self.notes: list[Finding] = []
        self.claimed: dict[cst.CSTNode, str] = {}
        """Nodes that a fixer took, and which."""
        self.imports: list[tuple[Module, str, str | None, int]] = []
        self.parts: dict[str, set[int]] = defaultdict(set)
        """The parts of the generated module that are needed, and the groups that need them."""
        self.configurations: dict[str, tuple[str, set[int]]] = {}
        """Assistants for the generated module, by id: the source of each, and the groups that need it; none for those of a file."""
        self.blocking: set[cst.Call] = set()
        """Calls that start a run and are to return when the model is done: the loop that waited is gone."""
        self.inputs: dict[cst.Call, cst.BaseExpression] = {}
        """The text of the message that was added before the run which the call starts, now its input."""
        self._reads: list[Read] | None = None

    # What there is

    def group(self, *things: CallSite | Value | int) -> int:
        """The number of the group that all `things` are part of: they are joined where they were not."""
        numbers = [number for thing in things for number in _origins(thing)]
        for number in numbers[1:]:
            self.program.groups.join(numbers[0], number)
        return self.program.groups.find(numbers[0]) if numbers else 0

    def sites(self, *paths: str) -> list[CallSite]:
        """The calls of `paths` that nobody has claimed, in order of place; not those that something else makes (`to_thread(…)`)."""
        found = [site for site in self.program.sites.values() if site.path in paths and not site.indirect and site.node not in self.claimed]
        return sorted(found, key=lambda site: site.place)

    def sites_of(self, *paths: str) -> list[CallSite]:
        """The calls of `paths`, claimed or not, in order of place."""
        return sorted((site for site in self.program.sites.values() if site.path in paths), key=lambda site: site.place)

    def reads(self, kind: str, *names: str) -> list[Read]:
        """The fields `names` (or all) of objects of `kind` that are read and that nobody has claimed, in order of place."""
        if self._reads is None:
            self._reads = list(self._find_reads())
        return [read for read in self._reads if read.kind == kind and (not names or read.name in names) and read.node not in self.claimed]

    def known_reads(self, kind: str, *names: str) -> list[Read]:
        """The fields `names` of objects of `kind` that are read, claimed or not."""
        self.reads("")
        return [read for read in self._reads or () if read.kind == kind and read.name in names]

    def all_reads(self) -> list[Read]:
        """All fields of objects of the API that are read, and that nobody has claimed."""
        self.reads("")
        return [read for read in self._reads or () if read.node not in self.claimed]

    def value(self, node: cst.CSTNode) -> Value:
        """What an expression may be."""
        return self.program.values.get(node, frozenset())

    def has(self, group: int, *paths: str) -> bool:
        """Whether the group has a call of one of `paths`, claimed or not."""
        return any(
            site.path in paths and self.program.groups.find(site.index) == self.program.groups.find(group)
            for site in self.program.sites.values()
        )

    # What becomes of it

    def claim(self, node: cst.CSTNode) -> None:
        """Take `node`: fixers that come later do not see it."""
        self.claimed[node] = self.fixer

    def edit(self, module: Module, node: cst.CSTNode, build: Build, group: int) -> None:
        """Let `node` become what `build` makes of it."""
        self.edits.append(Edit(module, node, build, group, self.fixer))

    def remove(self, module: Module, statement: cst.BaseStatement, group: int) -> None:
        """Take a statement away; its comments stay, before the next one. A body that is left empty gets a `pass`."""
        self.edit(module, statement, lambda updated, rewriter: rewriter.remove(updated), group)

    def insert_before(self, module: Module, statement: cst.BaseStatement, code: str, group: int) -> None:
        """Put the statements in `code` before a statement."""
        self.edit(module, statement, lambda updated, rewriter: rewriter.before(updated, code), group)

    def insert_after(self, module: Module, statement: cst.BaseStatement, code: str, group: int) -> None:
        """Put the statements in `code` after a statement."""
        self.edit(module, statement, lambda updated, rewriter: rewriter.after(updated, code), group)

    def want_import(self, module: Module, dotted: str, name: str | None, group: int) -> None:
        """Have `from dotted import name` (or `import dotted`) in the module."""
        self.imports.append((module, dotted, name, group))

    def want_part(self, module: Module, part: str, group: int) -> None:
        """Have `part` of the generated module, imported into `module`."""
        self.parts[part].add(group)
        self.imports.append((module, GENERATED, part, group))

    def configure(self, name: str, source: str, group: int) -> str:
        """Have the assistant that `source` makes in the generated module. Its id, which is `name` unless another assistant has that."""
        for number in count(1):
            identifier = name if number == 1 else f"{name}-{number}"
            made = source.replace(IDENTIFIER, text_literal(identifier), 1)
            known = self.configurations.setdefault(identifier, (made, set()))
            if known[0] == made:
                known[1].add(group)
                return identifier
        raise AssertionError

    def refuse(self, module: Module, node: cst.CSTNode, code: str, reason: str, group: int, *, site: CallSite | None = None) -> None:
        """Leave the whole group as it is, because of `node`."""
        refusal = Refusal(code, module.place(node), reason)
        if refusal not in self.refusals[group]:
            self.refusals[group].append(refusal)
        self.claim(node)
        if site is not None:
            self.claim(site.node)
            self.site_refusals.setdefault(site.node, refusal)

    def leave(self, site: CallSite, code: str, reason: str) -> None:
        """Leave one call as it is, without holding back the rest of its group."""
        self.claim(site.node)
        self.site_refusals.setdefault(site.node, Refusal(code, site.place, reason))

    def note(self, module: Module, node: cst.CSTNode, code: str, message: str, severity: Severity = "note") -> None:
        """Tell people something about `node`."""
        finding = Finding(code, module.place(node), message, severity)
        if finding not in self.notes:
            self.notes.append(finding)

    def refused(self, group: int) -> list[Refusal]:
        """Why the group stays, if it does."""
        top = self.program.groups.find(group)
        return [refusal for number, refusals in self.refusals.items() if self.program.groups.find(number) == top for refusal in refusals]

    def place(self, module: Module, node: cst.CSTNode) -> Place:
        """Where `node` is."""
        return module.place(node)

    def _find_reads(self) -> Iterator[Read]:
        found: list[Read] = []
        for module in self.program.modules.values():
            for node in module.nodes(cst.Attribute):
                atoms = [atom for atom in self.value(node.value) if isinstance(atom, Api) and _is_object(atom.kind)]
                if atoms:
                    group = self.group(frozenset(atoms))
                    found += [Read(node, kind, node.attr.value, module, group) for kind in {atom.kind for atom in atoms}]
        return iter(sorted(found, key=lambda read: (read.module.place(read.node), read.kind)))


IDENTIFIER = "<id>"
"""Stands for the id in the source of an assistant, until it has one."""

GENERATED = "assistants_config"
"""The name of the generated module, next to the code that uses it."""


def _is_object(kind: str) -> bool:
    return kind in OBJECTS or kind.startswith(("page[", "run_stream", "list[", "event["))


def _origins(thing: CallSite | Value | int) -> Iterator[int]:
    if isinstance(thing, CallSite):
        yield thing.index
    elif isinstance(thing, int):
        yield thing
    else:
        for atom in thing:
            if isinstance(atom, Api) and not atom.kind.startswith(("client", "beta.")):
                yield atom.origin
