"""A store on PostgreSQL, which any number of processes on any number of machines may share.

Transactions are READ COMMITTED: a transaction that reads in order to write locks the rows first, a thread's before a run's. One that
the database gives up, or whose connection is lost before its commit, is done again.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from assistants_compat.settings import Settings, without_password
from assistants_compat.store import announcements, migrations
from assistants_compat.store.connections import NOT_NOW, commit, execute, may_be_repeated, refuse_a_dead_one, roll_back
from assistants_compat.store.errors import ELSEWHERE, StoreError

if TYPE_CHECKING:
    from assistants_compat.store.listening import Ear

T = TypeVar("T")
logger = logging.getLogger("assistants_compat")

MOST_ATTEMPTS = 6
"""How often a transaction is begun before its failure is told."""

_UPGRADE = "Run 'assistants-compat db upgrade', or set ASSISTANTS_COMPAT_MIGRATE=auto."


class PostgresStore:
    """Safe to use from many threads. Connections are made as they are needed, and kept, `pool_size` at most.

    Raises:
        StoreError: the server cannot be reached, or its schema is not this version's; never with the password in it.
    """

    in_memory = False
    is_remote = True

    def __init__(self, url: sa.URL, settings: Settings) -> None:
        self._url = url
        self._settings = settings
        self._name = without_password(url.render_as_string())
        self._teller = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._lock = threading.Lock()
        self._engine: sa.Engine | None = None
        self._parents_engines: list[sa.Engine] = []  # kept, for closing them would end the sessions of the process they belong to
        self._announces = False
        """Whether its server carries words from process to process."""
        timeout = int(settings.store_timeout * 1000)
        self._limit = f"statement_timeout = {timeout}"
        self._begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
        if settings.transaction_pooling:
            self._begin += f"; SET LOCAL {self._limit}"

    @property
    def hears(self) -> bool:
        """Whether the settings let this process listen. That its server has nothing to say is known once it has been asked."""
        return self._settings.listen != "off" and not (self._settings.transaction_pooling and not self._settings.listen)

    # -- working in it

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        connection = self._connected()
        try:
            yield connection
        finally:
            self._give_back(connection)

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        with self.read() as connection:
            driver: Any = connection.connection.driver_connection
            try:
                execute(driver, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield connection
            finally:
                roll_back(connection, driver)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        connection = self._connected()
        driver: Any = connection.connection.driver_connection
        noted: list[str] = []
        if self._announces:
            connection.info[announcements.NOTED] = noted
        try:
            execute(driver, self._begin)  # in here: an interrupt may come between any two instructions
            yield connection
            commit(driver, self._with_words(noted))
        except BaseException:
            roll_back(connection, driver)
            raise
        finally:
            self._give_back(connection)

    def transact(self, work: Callable[[sa.Connection], T]) -> T:
        attempt = 1
        while True:
            try:
                with self.write() as connection:
                    return work(connection)
            except (sa.exc.DBAPIError, _Unreachable) as error:
                if attempt >= MOST_ATTEMPTS or not (error.is_passing if isinstance(error, _Unreachable) else may_be_repeated(error)):
                    raise
                logger.info("assistants-compat: a transaction is done again: %s", " ".join(str(error.__cause__ or error).split()))
            time.sleep(0.05 * 2 ** (attempt - 1) * random.random())
            attempt += 1

    @contextmanager
    def alone(self, what: str) -> Iterator[Callable[[], None] | None]:
        """A lock of the server's, held by a transaction: a pooler may be in between."""
        lock = sa.text("SELECT pg_try_advisory_xact_lock(hashtext(:name))")
        with self.read() as connection:
            driver: Any = connection.connection.driver_connection
            try:
                execute(driver, self._begin)
                has_it = connection.execute(lock, {"name": f"assistants-compat {what}"}).scalar()
                yield (lambda: execute(driver, "SELECT 1")) if has_it else None
            finally:
                roll_back(connection, driver)

    def _give_back(self, connection: sa.Connection) -> None:
        if not connection.invalidated:
            connection.info.pop(announcements.NOTED, None)
            if connection.engine is not self._engine:  # closed meanwhile: its pool will not be asked for it again
                connection.detach()
        connection.close()

    def _with_words(self, run_ids: list[str]) -> str:
        words = [f"NOTIFY {announcements.CHANNEL}, '{announcements.payload(id, self._teller)}'; " for id in dict.fromkeys(run_ids)]
        return "".join(words) + "COMMIT"

    def _connected(self) -> sa.Connection:
        engine = self._engine or self.open()
        try:
            return engine.connect()
        except sa.exc.TimeoutError:
            raise StoreError(
                f"The store {self._name} is busy: all {self._settings.pool_size} connections of this process were in use for "
                f"{self._settings.store_timeout:g} s. Allow more with ASSISTANTS_COMPAT_POOL_SIZE."
            ) from None
        except sa.exc.DBAPIError as error:
            raise _Unreachable(self._why(error)) from error

    # -- opening it

    def open(self) -> sa.Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._opened()
            return self._engine

    def _opened(self) -> sa.Engine:
        engine = self.engine()
        try:
            with engine.connect() as connection:
                try:
                    revision = migrations.revision(connection)
                    if revision != migrations.HEAD:
                        migrations.check_known(revision)
                        if self._settings.migrate != "auto":
                            raise StoreError(f"The store {self._name} {_standing(revision)}. {_UPGRADE}")
                except migrations.NewerStore as error:
                    raise StoreError(f"The store {self._name} was written by a newer assistants-compat ({error}): upgrade it.") from None
                announces = _can_notify(str(connection.exec_driver_sql("SELECT version()").scalar())) and self._takes_words(connection)
            if revision != migrations.HEAD:
                upgrade(engine)
        except sa.exc.DBAPIError as error:
            engine.dispose()
            raise StoreError(self._why(error)) from error
        except BaseException:
            engine.dispose()
            raise
        self._announces = announces
        return engine

    def _takes_words(self, connection: sa.Connection) -> bool:
        """Whether NOTIFY is known there. It goes with the commits of runs' ends, which are not to fail of it."""
        try:
            connection.exec_driver_sql(f"NOTIFY {announcements.CHANNEL}")
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated:
                raise
            logger.info("assistants-compat: %s carries no words between processes; they look instead: %s", self._name, error.orig)
            return False
        return True

    def engine(self) -> sa.Engine:
        """An engine that has not been asked anything yet. Raises StoreError where there is no driver for the URL."""
        timeout = max(1, int(self._settings.store_timeout))
        options: dict[str, Any] = {"connect_timeout": timeout, "application_name": "assistants-compat", "keepalives_idle": 30}
        if self._settings.transaction_pooling:
            options["prepare_threshold"] = None
        try:
            engine = sa.create_engine(
                self._url,
                connect_args={name: value for name, value in options.items() if name not in self._url.query},
                pool_size=self._settings.pool_size,
                max_overflow=0,
                pool_timeout=self._settings.store_timeout,
                pool_use_lifo=True,
                # Transactions are begun by name above, so there is nothing to reset when a connection goes back to the pool.
                pool_reset_on_return=None,
                skip_autocommit_rollback=True,
                isolation_level="AUTOCOMMIT",
                hide_parameters=True,
            )
        except (ImportError, sa.exc.NoSuchModuleError) as error:
            needed = "'assistants-compat[postgres]'" if self._url.get_backend_name() == "postgresql" else "sqlalchemy-cockroachdb"
            raise StoreError(f"The store {self._name} needs a driver that is not installed ({error}): pip install {needed}") from None
        except (sa.exc.ArgumentError, ValueError, TypeError):  # not repeated, nor kept as the cause: there may be a password in it
            raise StoreError(f"The store {self._name} has an option in its URL that is not understood. {ELSEWHERE}") from None
        if not self._settings.transaction_pooling:  # else another program's transaction would find them set
            sa.event.listen(engine, "connect", lambda driver, _: execute(driver, f"SET {self._limit}"))
        sa.event.listen(engine, "checkout", refuse_a_dead_one)
        return engine

    def _why(self, error: sa.exc.DBAPIError) -> str:
        why = " ".join(str(error.orig).split()).rstrip(".")
        if self._url.password:
            why = why.replace(str(self._url.password), "***")
        return f"The store {self._name} cannot be used: {why}. {ELSEWHERE}"

    def listen(self) -> Ear | None:
        from assistants_compat.store.listening import Ear

        self._engine or self.open()
        if not (self.hears and self._announces):
            return None
        own = self._settings.listen
        kind = self if not own else PostgresStore(sa.make_url(own).set(drivername=self._url.drivername), self._settings)
        return Ear(kind.engine(), self._teller)

    # -- closing it

    def close(self) -> None:
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    def before_fork(self) -> None:
        self._lock.acquire()

    def after_fork(self, *, in_child: bool) -> None:
        """A child makes connections of its own; its parent's go on as they were, in whatever they are being used for."""
        if not in_child:
            self._lock.release()
            return
        if self._engine is not None:
            self._parents_engines.append(self._engine)
            self._engine = None
        self._teller = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._lock = threading.Lock()


class _Unreachable(StoreError):
    """There is no connection to be had, where there has been one before."""

    @property
    def is_passing(self) -> bool:
        return getattr(getattr(self.__cause__, "orig", None), "sqlstate", None) in {None, *NOT_NOW}


def upgrade(engine: sa.Engine) -> None:
    """Bring a database to HEAD. Several may do so at once: one of them does it.

    Raises:
        NewerStore: the database is ahead of this version.
        sqlalchemy.exc.DBAPIError: as it was before.
    """
    for last in (False, False, True):
        with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
            before = migrations.revision(connection)
            try:
                migrations.upgrade(connection)
                connection.commit()
            except sa.exc.DBAPIError:
                connection.rollback()
                if last or migrations.revision(connection) == before:
                    raise
            else:
                return


def _standing(revision: str | None) -> str:
    if revision is None:
        return "is empty"
    return f"has schema {revision}, and this version needs {migrations.HEAD}"


def _can_notify(version: str) -> bool:
    """Whether LISTEN and NOTIFY carry anything, from what `version()` says: distributed databases say something else."""
    return version.startswith("PostgreSQL ") and "-YB-" not in version
