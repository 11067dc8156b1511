"""What came of one fault: a line of the table, and whatever was found that was promised not to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Violation:
    """A promise that was not kept.

    Args:
        kind: which one, in a word or two: these are counted.
        where: what it happened to, with whatever it takes to do it again.
    """

    kind: str
    where: str


@dataclass(frozen=True)
class Result:
    """`tried` says what was done and how often, `promised` the kinds of violations that were looked for, by their names."""

    subject: str
    tried: str
    promised: Sequence[str]
    violations: Sequence[Violation] = ()
    seen: str = ""
    """What else there is to say: not promised, but worth knowing."""
    counts: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", Counter(violation.kind for violation in self.violations))
        unknown = set(self.counts) - set(self.promised)
        if unknown:
            raise ValueError(f"{self.subject}: found {unknown}, which is not among what was looked for")

    @property
    def is_kept(self) -> bool:
        return not self.violations

    @property
    def found(self) -> str:
        return ", ".join(f"{self.counts[kind]} {kind}" for kind in self.promised)


def violations(kind: str, where: Iterable[str]) -> list[Violation]:
    return [Violation(kind, each) for each in where]
