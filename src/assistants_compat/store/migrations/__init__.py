"""Bringing a store to this version's schema, with Alembic; a store that is up to date costs one query.

A new revision is a file in `versions/` and a new HEAD here; a test compares what the revisions make with `tables`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

HEAD = "0002"


class NewerStore(Exception):
    """The store's revision is unknown to this version."""


def upgrade(engine: sa.Engine) -> None:
    """Raises `NewerStore` where the store is ahead of this version."""
    with engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
        # Of several processes that find a new file at once, one migrates and the others wait here and find it done.
        with transaction(connection):
            revision = _revision(connection)
            if revision != HEAD:
                _run_alembic(connection, revision)


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


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _run_alembic(connection: sa.Connection, revision: str | None) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(__file__).parent))
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        raise NewerStore(f"schema {revision}, this version knows up to {HEAD}")

    def steps(current: object, _context: MigrationContext) -> list[object]:
        return list(scripts._upgrade_revs(HEAD, current))  # type: ignore[arg-type]

    context = MigrationContext.configure(connection, opts={"fn": steps, "script": scripts})
    with Operations.context(context):
        context.run_migrations()
