"""A store in a SQLite file or in memory: one short transaction a request, writers one after another.

SQLite runs in WAL mode with `synchronous=NORMAL`: a killed process loses nothing that was committed; a power cut may
lose the last moments but never corrupts the file.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from assistants_compat.store import migrations
from assistants_compat.store.errors import ELSEWHERE, StoreError

T = TypeVar("T")

BUSY_TIMEOUT = 30.0
"""Seconds a writer waits for another process's transaction, which lasts a millisecond."""


class SqliteStore:
    """Safe to use from many threads; several processes may open the same file. Migrated when it is opened.

    Raises:
        StoreError: on first use, when the store cannot be opened or belongs to a newer version.
    """

    is_remote = False
    hears = False

    def __init__(self, url: sa.URL) -> None:
        self._url = url
        self.in_memory = url.database in (None, "", ":memory:")
        self._write_lock = threading.RLock()
        self._gate = threading.Condition(threading.Lock())  # of the two below; taken after the write lock where both are
        self._engine: sa.Engine | None = None
        self._readers = 0
        self._writer: sa.Connection | None = None
        """Kept from one transaction to the next: taking one from the pool and giving it back costs as much as a statement."""

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for queries. In memory there is only one connection, so readers take turns with writers."""
        engine = self._engine or self.open()
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
    def snapshot(self) -> Iterator[sa.Connection]:
        with self.read() as connection:
            _execute(connection, "BEGIN")
            try:
                yield connection
            finally:
                _execute(connection, "ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        engine = self._engine or self.open()
        # Threads of this process queue here, in order; SQLite's own waiting is for other processes.
        with self._write_lock:
            connection = self._writer or engine.connect()
            self._writer = None  # not kept where the transaction fails
            try:
                with transaction(connection):
                    yield connection
            except BaseException:
                connection.close()
                raise
            self._writer = connection

    def transact(self, work: Callable[[sa.Connection], T]) -> T:
        """Nothing that another writer does can make a transaction fail half-way, so there is nothing to repeat."""
        with self.write() as connection:
            return work(connection)

    @contextmanager
    def alone(self, what: str) -> Iterator[Callable[[], None] | None]:
        """A lock on an empty database beside the store, which SQLite keeps and the system lets go of. What is committed meanwhile
        outlasts a power cut too."""
        if self.in_memory:  # no other process has it
            yield lambda: None
            return
        path = Path(f"{self._url.database}.{what}")
        _make_private(path)
        holder = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            try:
                holder.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error as error:
                if "locked" not in str(error):
                    raise StoreError(f"The lock {path} cannot be used: {error}. Take it away, if no export is at work.") from None
                yield None
            else:
                self._write_through("FULL")
                yield lambda: None
                self._write_through("NORMAL")
        finally:
            holder.close()

    def _write_through(self, synchronous: str) -> None:
        """Of the connection that writes; the next one, where a transaction fails, has the usual again."""
        engine = self._engine or self.open()
        with self._write_lock:
            self._writer = self._writer or engine.connect()
            _execute(self._writer, f"PRAGMA synchronous={synchronous}")

    def listen(self) -> None:
        """Nothing is to be heard in a file."""

    def close(self) -> None:
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

    def open(self) -> sa.Engine:
        with self._gate:
            if self._engine is None:
                self._engine = self._opened()
            return self._engine

    def _opened(self) -> sa.Engine:
        if sqlite3.sqlite_version_info < (3, 35):
            raise StoreError(f"The store needs SQLite 3.35 or newer; this Python has {sqlite3.sqlite_version}.")
        if not self.in_memory:
            try:
                _make_private(Path(str(self._url.database)))
            except (OSError, ValueError) as error:  # ValueError: a NUL in the path
                why = error.strerror if isinstance(error, OSError) else error
                raise StoreError(f"The store {self._url.database} cannot be opened: {why}. {ELSEWHERE}") from error
        # Last in, first out: a connection keeps what it has read in memory until another one writes.
        options: dict[str, Any] = (
            {"poolclass": StaticPool} if self.in_memory else {"pool_size": 32, "max_overflow": -1, "pool_use_lifo": True}
        )
        # Transactions are begun by name below, so there is nothing to reset when a connection goes back to the pool.
        engine = sa.create_engine(
            self._url,
            connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT},
            hide_parameters=True,
            pool_reset_on_return=None,
            skip_autocommit_rollback=True,
            isolation_level="AUTOCOMMIT",
            **options,
        )
        sa.event.listen(engine, "connect", _configure)
        try:
            _upgrade(engine)
        except migrations.NewerStore as error:
            engine.dispose()
            raise StoreError(f"The store {self._url.database} was written by a newer assistants-compat ({error}): upgrade it.") from None
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            engine.dispose()
            reason = getattr(error, "orig", None) or error
            raise StoreError(f"The store {self._url.database} cannot be opened: {reason}. {ELSEWHERE}") from error
        return engine


def _upgrade(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        if migrations.revision(connection) == migrations.HEAD:
            return
        # Of several processes that find a new file at once, one migrates and the others wait here and find it done.
        with transaction(connection):
            migrations.upgrade(connection)


@contextmanager
def transaction(connection: sa.Connection) -> Iterator[None]:
    """A transaction that writes: committed when the block ends, rolled back when it, or the commit itself, fails."""
    driver: Any = connection.connection.driver_connection
    try:
        _execute(connection, "BEGIN IMMEDIATE")  # in here: an interrupt may come between any two instructions
        yield
        _execute(connection, "COMMIT")
    except BaseException:
        try:
            if driver.in_transaction:
                _execute(connection, "ROLLBACK")
        except sa.exc.SQLAlchemyError:
            connection.invalidate()  # SQLite has rolled back by itself, or cannot: either way the connection is not to be used again
        raise


def _execute(connection: sa.Connection, statement: str) -> None:
    # Past SQLAlchemy's execution, which takes three times as long as these statements do.
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(statement)
    except sqlite3.Error as error:
        raise sa.exc.OperationalError(statement, None, error) from error


def _make_private(path: Path) -> None:
    """Threads are private: a new file and a new directory are their owner's alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _configure(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
