"""How much is tried, on which stores, and by which seed: all that a fault's module is told."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Scale:
    """Numbers of a form of the whole: the long one, and the short one that the tests run."""

    every_nth_step: int
    """Of those of a run's life at which a process may be killed."""
    processes: int
    messages_to_one_thread: int
    """By each process."""
    threads: int
    turns_over_threads: int
    """By each process."""
    upstream_runs: int
    malformed_requests: int


FULL = Scale(
    every_nth_step=1,
    processes=8,
    messages_to_one_thread=25,
    threads=200,
    turns_over_threads=60,
    upstream_runs=1500,
    malformed_requests=10_000,
)
SHORT = Scale(
    every_nth_step=67,
    processes=3,
    messages_to_one_thread=6,
    threads=8,
    turns_over_threads=4,
    upstream_runs=35,
    malformed_requests=300,
)

NewStore = Callable[[Path], AbstractContextManager[str]]


@dataclass(frozen=True)
class Plan:
    """Args:
    stores: ways to make a new, empty store, by the name of the database.
    """

    seed: int
    scale: Scale
    directory: Path
    stores: dict[str, NewStore]

    def random(self, *names: object) -> random.Random:
        """A source of chance of its own for each use, so that what one part draws does not change what another does."""
        return random.Random(f"{self.seed} {names}")

    @contextmanager
    def each_store(self, name: str, database: str) -> Iterator[tuple[str, Path]]:
        """A new store, and a folder for its files."""
        directory = self.directory / f"{name}-{database}"
        directory.mkdir()
        with self.stores[database](directory) as store:
            yield store, directory / "files"
