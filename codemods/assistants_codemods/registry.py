"""The fixers: one module a transformation, registered by a decorator, found by import; its id is the name of its file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, TypeAlias

from assistants_codemods.findings import Target

if TYPE_CHECKING:
    from assistants_codemods.plan import Plan

Fix: TypeAlias = "Callable[[Plan], None]"

PHASES = ("flows", "calls", "reads", "types", "leftovers", "imports", "notes")
"""The order of fixers: those that take whole flows claim their calls first, `leftovers` see what nobody took, `imports` what stays,
`notes` change nothing."""


@dataclass(frozen=True)
class Fixer:
    """A transformation towards one target (or, among the notes, for both)."""

    id: str
    target: Target | None
    phase: str
    fix: Fix
    summary: str
    """The first line of the module's docstring."""


_FIXERS: dict[tuple[str, str], Fixer] = {}


def fixer(target: Target | None, phase: str) -> Callable[[Fix], Fix]:
    """Register a function as what its module does, for `target` (None: an inventory) in `phase`."""
    assert phase in PHASES, phase

    def register(fix: Fix) -> Fix:
        module = import_module(fix.__module__)
        name = fix.__module__.rpartition(".")[2]
        summary = (module.__doc__ or "").strip().partition("\n")[0]
        _FIXERS[fix.__module__, phase] = Fixer(name, target, phase, fix, summary)
        return fix

    return register


def fixers() -> list[Fixer]:
    """All fixers, in the order they run in."""
    for package in ("shim", "responses", "inventory"):
        for name in _modules_of(f"assistants_codemods.{package}"):
            import_module(name)
    return sorted(_FIXERS.values(), key=lambda known: (PHASES.index(known.phase), known.id))


def _modules_of(package: str) -> Iterator[str]:
    for module in iter_modules(import_module(package).__path__, f"{package}."):
        if not module.name.rpartition(".")[2].startswith("_"):
            yield module.name
