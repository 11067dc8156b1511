"""A store for one test alone, whatever store its clients name, and whenever they were made."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from assistants_compat.runs.runtime import Runtime, other_settings, runtimes_on
from assistants_compat.settings import Settings
from assistants_compat.store.database import Database

PATIENCE = 2.0
"""Seconds that work which a test has left behind is given to stop."""


class OwnStore:
    """The stores of one test: a file for each that its clients name.

    Args:
        folder: where they are made.
        beginning: a store that each of them is a copy of at first; None, or a path at which there is none: they are empty.
    """

    def __init__(self, folder: Path, beginning: Path | None = None) -> None:
        self._folder = folder
        self._beginning = beginning
        self._paths: dict[str, Path] = {}
        self._lock = threading.Lock()

    def path(self, asked: str = "") -> Path:
        """The file that stands for a store that was asked for; it is made when it is asked for first."""
        with self._lock:
            if asked not in self._paths:
                path = self._folder / f"store-{len(self._paths) + 1}.db"
                if self._beginning is not None and self._beginning.is_file():
                    copy(self._beginning, path)
                else:
                    ready_file(path)
                self._paths[asked] = path
            return self._paths[asked]

    def settings(self, asked: Settings) -> Settings:
        """The same settings on this test's own store."""
        if any(asked.store == str(path) for path in list(self._paths.values())):
            return asked
        return replace(asked, store=str(self.path(str(asked.store))), files="")

    @property
    def runtimes(self) -> list[Runtime]:
        return [runtime for path in self._paths.values() for runtime in runtimes_on(str(path))]

    def wait_until_idle(self, patience: float) -> bool:
        """Whether within `patience` seconds each no run is worked on any more."""
        return all(runtime.wait_until_idle(patience) for runtime in self.runtimes)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Until the end of the context all clients of this process are on this store. What they have left undone then stays undone."""
        with other_settings(self.settings):
            try:
                yield
            finally:
                for runtime in self.runtimes:
                    runtime.abandon(PATIENCE)


def ready_file(path: Path) -> str:
    """A new store in a file, copied: making its schema takes ten times as long, and in a program half a second of imports."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(_empty_store())
    return str(path)


def copy(store: Path, path: Path) -> None:
    """A store in a file as it is right now, with what has not been written back from its log yet."""
    path.touch(mode=0o600, exist_ok=False)
    with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)


@cache
def _empty_store() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        database = Database(str(path))
        with database.read():
            pass
        database.close()
        return path.read_bytes()
