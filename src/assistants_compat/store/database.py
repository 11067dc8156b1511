"""Opening a store and working in it: one short transaction a request, writers one after another.

SQLite runs in WAL mode with `synchronous=NORMAL`: a killed process loses nothing that was committed; a power cut may
lose the last moments but never corrupts the file.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from assistants_compat.store import migrations

BUSY_TIMEOUT = 30.0
"""Seconds a writer waits for another process's transaction, which lasts a millisecond."""


class StoreError(Exception):
    """The store cannot be opened or used. Its text says which store, why, and what to do."""


def store_url(store: str) -> sa.URL:
    """The URL of a setting: empty (the platform's data directory), `:memory:`, a path or a URL."""
    if "://" in store:
        return sa.make_url(store)
    if store == ":memory:":
        return sa.URL.create("sqlite")
    if not store:
        import platformdirs

        store = str(Path(platformdirs.user_data_dir("assistants-compat", appauthor=False)) / "store.db")
    return sa.URL.create("sqlite", database=str(Path(store).expanduser().absolute()))


class Database:
    """A store. Safe to use from many threads; several processes may open the same file.

    Raises:
        StoreError: on first use, when the store cannot be opened or belongs to a newer version.
    """

    def __init__(self, store: str) -> None:
        try:
            self._url: sa.URL | None = store_url(store)
        except sa.exc.ArgumentError:
            self._url = None
        self._write_lock = threading.RLock()
        self._gate = threading.Condition(threading.Lock())  # of the two below; taken after the write lock where both are
        self._engine: sa.Engine | None = None
        self._readers = 0
        self._writer: sa.Connection | None = None
        """Kept from one transaction to the next: taking one from the pool and giving it back costs as much as a statement."""

    @property
    def url(self) -> sa.URL:
        """Raises StoreError where the setting is not one."""
        if self._url is None:  # not repeated: there may be a password in it
            raise StoreError(f"The store is neither a path nor a database URL such as sqlite:////data/threads.db. {_ELSEWHERE}")
        return self._url

    @property
    def in_memory(self) -> bool:
        return self.url.get_backend_name() == "sqlite" and self.url.database in (None, "", ":memory:")

    def folder_beside(self) -> Path | None:
        """Where the store's files are kept unless a setting says otherwise; None for a store in memory.

        Raises:
            StoreError: the setting is no store.
        """
        if self.in_memory:
            return None
        if self.url.get_backend_name() != "sqlite":
            import platformdirs

            return Path(platformdirs.user_data_dir("assistants-compat", appauthor=False)) / "files"
        return Path(f"{self.url.database}.files")

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for queries. In memory there is only one connection, so readers take turns with writers."""
        engine = self._engine or self._open()
        if self.in_memory:
            with self._write_lock, engine.connect() as connection:
                yield connection
            return
        with self._gate:
            self._readers += 1
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            with self._gate:
                self._readers -= 1
                self._gate.notify_all()

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        engine = self._engine or self._open()
        # Threads of this process queue here, in order; SQLite's own waiting is for other processes.
        with self._write_lock:
            connection = self._writer or engine.connect()
            self._writer = None  # not kept where the transaction fails
            try:
                with migrations.transaction(connection):
                    yield connection
            except BaseException:
                connection.close()
                raise
            self._writer = connection

    def close(self) -> None:
        """Close all connections. The next use opens the store again."""
        with self._write_lock, self._gate:
            self._close_connections()
            self._engine = None

    def _close_connections(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._engine is not None:
            self._engine.dispose()

    def before_fork(self) -> None:
        """Let a fork happen only while no connection is open: SQLite must not be carried into a child, where it would take its
        parent's locks for its own. A store in memory has nothing to lock; it goes along as it is, and the two go their ways.
        """
        self._write_lock.acquire()
        self._gate.acquire()
        while self._readers:
            self._gate.wait()
        if self._engine is not None and not self.in_memory:
            self._close_connections()

    def after_fork(self, *, in_child: bool) -> None:
        """Go on; in the child, where the threads that may hold a lock do not exist, with new locks."""
        if not in_child:
            self._gate.release()
            self._write_lock.release()
            return
        if self._engine is not None and not self.in_memory:
            self._engine = None
        self._write_lock = threading.RLock()
        self._gate = threading.Condition(threading.Lock())

    def _open(self) -> sa.Engine:
        with self._gate:
            if self._engine is None:
                self._engine = self._opened()
            return self._engine

    def _opened(self) -> sa.Engine:
        if self.url.drivername not in ("sqlite", "sqlite+pysqlite"):
            raise StoreError(f"The store {self.url.render_as_string()} is not SQLite, the only kind this version knows.")
        if sqlite3.sqlite_version_info < (3, 35):
            raise StoreError(f"The store needs SQLite 3.35 or newer; this Python has {sqlite3.sqlite_version}.")
        if not self.in_memory:
            try:
                _make_private(Path(str(self.url.database)))
            except (OSError, ValueError) as error:  # ValueError: a NUL in the path
                why = error.strerror if isinstance(error, OSError) else error
                raise StoreError(f"The store {self.url.database} cannot be opened: {why}. {_ELSEWHERE}") from error
        # Last in, first out: a connection keeps what it has read in memory until another one writes.
        options: dict[str, Any] = (
            {"poolclass": StaticPool} if self.in_memory else {"pool_size": 32, "max_overflow": -1, "pool_use_lifo": True}
        )
        # Transactions are begun by name above, so there is nothing to reset when a connection goes back to the pool.
        engine = sa.create_engine(
            self.url,
            connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT},
            hide_parameters=True,
            pool_reset_on_return=None,
            skip_autocommit_rollback=True,
            isolation_level="AUTOCOMMIT",
            **options,
        )
        sa.event.listen(engine, "connect", _configure)
        try:
            migrations.upgrade(engine)
        except migrations.NewerStore as error:
            engine.dispose()
            raise StoreError(f"The store {self.url.database} was written by a newer assistants-compat ({error}): upgrade it.") from None
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            engine.dispose()
            reason = getattr(error, "orig", None) or error
            raise StoreError(f"The store {self.url.database} cannot be opened: {reason}. {_ELSEWHERE}") from error
        return engine


_ELSEWHERE = "Name another with ASSISTANTS_COMPAT_STORE or Settings(store=…)."


def _make_private(path: Path) -> None:
    """Threads are private: a new file and a new directory are their owner's alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _configure(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
