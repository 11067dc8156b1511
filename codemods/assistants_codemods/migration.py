"""From sources to an outcome: the whole of a codemod run that needs no files. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from assistants_codemods.findings import Outcome, Target
from assistants_codemods.source import Source


@dataclass(frozen=True)
class Options:
    """What a run is asked for."""

    target: Target | None = None
    """Where to; None for an inventory only, with the verdicts for both."""
    only: frozenset[str] | None = None
    """The ids of the fixers to use, where not all."""
    skip: frozenset[str] = field(default_factory=frozenset)
    partial: bool = False
    """Whether a group may be migrated in part, its seams marked."""
    annotate: bool = False
    """Whether what is left gets a `# TODO(assistants-compat AC…)` comment."""
    assistants: str | None = None
    """The text of an exported assistants.json, which fills the generated module."""


def migrate(sources: Sequence[Source], options: Options, *, world: Collection[str] = ()) -> Outcome:
    """What becomes of one application. `world` has the paths of all Python files of the tree, for imports to be resolved against."""
    raise NotImplementedError
