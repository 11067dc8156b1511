"""What the runner needs of the codemods proper, loaded when there is something to do: importing libcst takes half a second."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from assistants_codemods.findings import Outcome
from assistants_codemods.source import Source
from assistants_codemods.tree import Tree

if TYPE_CHECKING:
    from assistants_codemods.migration import Options


class Migrate(Protocol):
    """See `migration.migrate`."""

    def __call__(self, sources: Sequence[Source], options: Options, *, world: Collection[str] = ...) -> Outcome: ...


def _migrate(sources: Sequence[Source], options: Options, *, world: Collection[str] = ()) -> Outcome:
    from assistants_codemods.migration import migrate

    return migrate(sources, options, world=world)


def as_one(hits: Sequence[Source], tree: Tree) -> Sequence[Sequence[Source]]:
    """All files as one application: what is right as long as nobody knows better."""
    return [hits]


def _no_fixers() -> Sequence[tuple[str, str]]:
    return ()


@dataclass(frozen=True)
class Engine:
    """The codemods as functions, which are sent to other processes: each has to be importable by its name."""

    migrate: Migrate = _migrate
    applications: Callable[[Sequence[Source], Tree], Sequence[Sequence[Source]]] = as_one
    """Sets of modules that import each other, with what else of the tree is needed to understand them."""
    fixers: Callable[[], Sequence[tuple[str, str]]] = _no_fixers
    """The id of each fixer, and what it does in a line."""
