"""Two sides of a comparison, timed in turns: a machine that is busy for a while slows both down alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

WARM_UP = 5


@dataclass(frozen=True)
class Spread:
    """A median over rounds, with the lowest and the highest round's."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, rounds: Iterable[float]) -> Spread:
        values = sorted(rounds)
        return cls(statistics.median(values), values[0], values[-1])


@dataclass(frozen=True)
class Comparison:
    """Seconds of either side, and what follows from each pair of neighbouring runs: a median a round, of which the median counts."""

    ours: float
    theirs: float
    ratio: Spread
    difference: Spread


def compared(pairs_of_rounds: Sequence[Sequence[tuple[float, float]]]) -> Comparison:
    """From rounds of pairs (ours, theirs)."""
    pairs = [pair for pairs_of_round in pairs_of_rounds for pair in pairs_of_round]
    return Comparison(
        ours=statistics.median(ours for ours, _ in pairs),
        theirs=statistics.median(theirs for _, theirs in pairs),
        ratio=Spread.of(statistics.median(ours / theirs for ours, theirs in pairs) for pairs in pairs_of_rounds),
        difference=Spread.of(statistics.median(ours - theirs for ours, theirs in pairs) for pairs in pairs_of_rounds),
    )


def leave(_answer: Any) -> None:
    """What to do after a call that changes nothing."""


def interleaved(
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    *,
    rounds: int,
    pairs: int,
    after: Callable[[Any], Any] = leave,
    after_theirs: Callable[[Any], Any] = leave,
) -> Comparison:
    """Time both in turns, `pairs` times a round. `after` puts back what a call has changed; it is not timed."""
    for _ in range(WARM_UP):
        after(ours())
        after_theirs(theirs())
    clock = time.perf_counter
    measured: list[list[tuple[float, float]]] = []
    for _ in range(rounds):
        measured.append([])
        for _ in range(pairs):
            began = clock()
            answer = ours()
            our_seconds = clock() - began
            after(answer)
            began = clock()
            answer = theirs()
            their_seconds = clock() - began
            after_theirs(answer)
            measured[-1].append((our_seconds, their_seconds))
    return compared(measured)
