"""What an expression may be: a set of atoms. Sets grow while the analysis runs, so it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import libcst as cst

    from assistants_codemods.flow.module import ClassInfo, FunctionInfo, Module


@dataclass(frozen=True)
class Api:
    """Something of the Assistants API: of a kind, from the call or client numbered `origin`."""

    kind: str
    origin: int


@dataclass(frozen=True)
class ApiMethod:
    """A method of a resource, not called yet."""

    path: str
    returns: str
    origin: int


@dataclass(frozen=True)
class Function:
    """A function or method of the tree."""

    info: FunctionInfo
    receiver: ClassInfo | None = None
    """The class whose instance it is bound to."""


@dataclass(frozen=True)
class Class:
    """A class of the tree."""

    info: ClassInfo


@dataclass(frozen=True)
class Instance:
    """An instance of a class of the tree."""

    info: ClassInfo


@dataclass(frozen=True)
class TreeModule:
    """A module of the tree."""

    module: Module


@dataclass(frozen=True)
class External:
    """A name from outside the tree, or what is below one: `openai.types.beta.Thread`, `builtins.print`."""

    name: str
    source: cst.CSTNode | None = None
    """For a class of clients: the import, or the attribute of a module, that the program has it from."""


@dataclass(frozen=True)
class Foreign:
    """What a class from outside the tree makes: known not to be the SDK's client."""

    name: str


@dataclass(frozen=True)
class Display:
    """A list, tuple, set or dict written out at `node`; what it holds is in the program's slots."""

    node: cst.BaseExpression


@dataclass(frozen=True)
class DisplayMethod:
    """A method of a display, not called yet."""

    display: cst.BaseExpression
    name: str


@dataclass(frozen=True)
class Text:
    """A text, certainly."""


@dataclass(frozen=True)
class Unknown:
    """Anything; `how` says where it came from, as a phrase."""

    how: str


Atom: TypeAlias = (
    "Api | ApiMethod | Function | Class | Instance | TreeModule | External | Foreign | Display | DisplayMethod | Text | Unknown"
)
Value: TypeAlias = "frozenset[Atom]"

NOTHING: Value = frozenset()
TEXT: Value = frozenset({Text()})


def unknown(how: str) -> Value:
    """A value of which only its way here is known."""
    return frozenset({Unknown(how)})


_DEEPEST = 12  # dots in a phrase: a loop that goes from an object to its parent would go on for ever


def deeper(name: str, step: str) -> str:
    """The phrase for what `step` (`.name`, `()`) leads to from `name`."""
    return name if name.count(".") + name.count("(") >= _DEEPEST or len(name) > 200 else f"{name}{step}"


def without_synonyms(value: Value) -> Value:
    """`value` with one atom for all that is unknown in it: the ways here differ, what is known of it does not."""
    unknowns = [atom for atom in value if isinstance(atom, Unknown)]
    if len(unknowns) < 2:
        return value
    return value.difference(unknowns) | {min(unknowns, key=lambda atom: (len(atom.how), atom.how))}


def api(value: Value) -> tuple[Api, ...]:
    """The atoms of `value` that are of the Assistants API."""
    return tuple(atom for atom in value if isinstance(atom, Api))


def kinds(value: Value) -> frozenset[str]:
    """The kinds that `value` may have."""
    return frozenset(atom.kind for atom in value if isinstance(atom, Api))


def only_kind(value: Value) -> str | None:
    """The one kind of `value`, if it has one and is nothing else (None and texts aside)."""
    found = {atom.kind if isinstance(atom, Api) else "?" for atom in value if not isinstance(atom, Text)}
    return found.pop() if len(found) == 1 and "?" not in found else None
