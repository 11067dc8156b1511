"""A clock for tests, which moves when it is told to."""

from __future__ import annotations


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self, now: float = 1_790_000_000.25) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
