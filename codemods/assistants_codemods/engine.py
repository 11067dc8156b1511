"""What the runner needs of the codemods proper, loaded when there is something to do: importing libcst takes half a second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from assistants_codemods.findings import Outcome
from assistants_codemods.source import Source
from assistants_codemods.tree import Tree

if TYPE_CHECKING:
    from assistants_codemods.migration import Options


class Migrate(Protocol):
    """See `migration.migrate`."""

    def __call__(self, sources: Sequence[Source], options: Options, tree: Tree) -> Outcome: ...


def _migrate(sources: Sequence[Source], options: Options, tree: Tree) -> Outcome:
    from assistants_codemods.migration import migrate

    return migrate(sources, options, tree)


def _applications(hits: Sequence[Source], tree: Tree) -> Sequence[Sequence[Source]]:
    from assistants_codemods.applications import applications

    return applications(hits, tree)


def _fixers() -> Sequence[tuple[str, str]]:
    from assistants_codemods.registry import fixers

    return [(fixer.id, fixer.summary) for fixer in fixers()]


@dataclass(frozen=True)
class Engine:
    """The codemods as functions, which are sent to other processes: each has to be importable by its name."""

    migrate: Migrate = _migrate
    applications: Callable[[Sequence[Source], Tree], Sequence[Sequence[Source]]] = _applications
    """Sets of modules that import each other, with what else of the tree is needed to understand them."""
    fixers: Callable[[], Sequence[tuple[str, str]]] = _fixers
    """The id of each fixer, and what it does in a line."""
