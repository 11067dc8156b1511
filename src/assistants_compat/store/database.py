"""A store behind one door, whatever kind it is: `sqlite` or `postgres`, chosen by its URL."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import sqlalchemy as sa

from assistants_compat.settings import Settings, lost_its_form, without_password
from assistants_compat.store.errors import ELSEWHERE, STORE_FAILURES, StoreError
from assistants_compat.store.postgres import PostgresStore
from assistants_compat.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from assistants_compat.store.listening import Ear

__all__ = ["STORE_FAILURES", "Database", "StoreError", "store_url"]

T = TypeVar("T")

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "cockroachdb": "cockroachdb+psycopg",
}
_SQLITE = ("sqlite", "sqlite+pysqlite")


def store_url(store: str) -> sa.URL:
    """The URL of a setting: empty (the platform's data directory), `:memory:`, a path or a URL.

    Raises:
        sqlalchemy.exc.ArgumentError: it is none of these.
    """
    if "://" in store:
        url = sa.make_url(store)
        return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if store == ":memory:":
        return sa.URL.create("sqlite")
    if lost_its_form(store):
        raise sa.exc.ArgumentError
    if not store:
        import platformdirs

        store = str(Path(platformdirs.user_data_dir("assistants-compat", appauthor=False)) / "store.db")
    return sa.URL.create("sqlite", database=str(Path(store).expanduser().absolute()))


class Database:
    """A store. Safe to use from many threads; other processes may use the same one.

    Args:
        store: as the setting of this name.
        settings: those that say how a database on a server is used.

    Raises:
        StoreError: on first use, when the store cannot be opened or does not have this version's schema.
    """

    def __init__(self, store: str, settings: Settings | None = None) -> None:
        try:
            self._url: sa.URL | None = store_url(store)
        except sa.exc.ArgumentError:
            self._url = None
        self._kind = None if self._url is None else _kind(self._url, settings or Settings())

    @property
    def url(self) -> sa.URL:
        """Raises StoreError where the setting is not one."""
        if self._url is None:  # not repeated: there may be a password in it
            raise StoreError(
                "The store is neither a path nor a database URL such as sqlite:////data/threads.db (a URL has '://', and is text, not a "
                f"Path). {ELSEWHERE}"
            )
        return self._url

    @property
    def in_memory(self) -> bool:
        return self.url.get_backend_name() == "sqlite" and self.url.database in (None, "", ":memory:")

    @property
    def is_remote(self) -> bool:
        """Whether a transaction is a journey over the network, for which an event loop should not wait. A setting that is no store
        is answered at once."""
        return self._url is not None and self._url.drivername not in _SQLITE

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

    def read(self) -> AbstractContextManager[sa.Connection]:
        """A connection for queries, each of which sees what was committed before it."""
        return (self._kind or self._no_store()).read()

    def snapshot(self) -> AbstractContextManager[sa.Connection]:
        """A connection for queries that all see the store as it is at the first of them."""
        return (self._kind or self._no_store()).snapshot()

    def write(self) -> AbstractContextManager[sa.Connection]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        return (self._kind or self._no_store()).write()

    def transact(self, work: Callable[[sa.Connection], T]) -> T:
        """Do `work` in a transaction and return what it returns.

        Where the database gives the transaction up for another's sake, or the connection is lost before the commit, all of it is done
        again: `work` has no effect beside the store's, and may be called several times.
        """
        return (self._kind or self._no_store()).transact(work)

    @property
    def hears(self) -> bool:
        """Whether other processes can be heard, as far as is known before the database was asked."""
        return self._kind is not None and self._kind.hears

    def listen(self) -> Ear | None:
        """A way to hear of runs that move in other processes; None where the database has none, and one has to look.

        Raises:
            StoreError, ConnectionError: the database cannot be reached.
        """
        return (self._kind or self._no_store()).listen()

    def alone(self, what: str) -> AbstractContextManager[Callable[[], None] | None]:
        """Hold a name that only one holds at a time, of all processes on this store; it is free again when its holder dies.

        The context's value is None where another holds it, else a function to be called before each step: it raises
        `sqlalchemy.exc.DBAPIError` where the hold has been lost.
        """
        return (self._kind or self._no_store()).alone(what)

    def unopened(self) -> sa.Engine:
        """Connections to a database on a server whatever its schema is. Raises StoreError for anything else."""
        return self._kind.engine() if isinstance(self._kind, PostgresStore) else self._no_store()

    def close(self) -> None:
        """Close all connections. The next use opens the store again."""
        if self._kind is not None:
            self._kind.close()

    def before_fork(self) -> None:
        if self._kind is not None:
            self._kind.before_fork()

    def after_fork(self, *, in_child: bool) -> None:
        if self._kind is not None:
            self._kind.after_fork(in_child=in_child)

    def _open(self) -> sa.Engine:
        return (self._kind or self._no_store()).open()

    def _no_store(self) -> NoReturn:
        raise StoreError(
            f"The store {without_password(self.url.render_as_string())} is neither SQLite (sqlite:////data/threads.db) nor PostgreSQL "
            f"(postgresql://user@host/database). {ELSEWHERE}"
        )


def _kind(url: sa.URL, settings: Settings) -> SqliteStore | PostgresStore | None:
    if url.drivername in _SQLITE:
        return SqliteStore(url)
    return PostgresStore(url, settings) if url.drivername in _DRIVERS.values() else None
