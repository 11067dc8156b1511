"""Bringing a store to this version's schema, with Alembic; a store that is up to date costs one query.

A new revision is a file in `versions/` and a new HEAD here; a test compares what the revisions make with `tables`.
"""

from __future__ import annotations

import threading
from pathlib import Path

import sqlalchemy as sa

HEAD = "0003"

_one_at_a_time = threading.Lock()  # Alembic's `op` is the whole process's


class NewerStore(Exception):
    """The store's revision is unknown to this version."""


def revision(connection: sa.Connection) -> str | None:
    """The store's revision; None where it has no schema yet."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def upgrade(connection: sa.Connection) -> None:
    """Bring the store to HEAD, in the transaction that the caller has begun. Raises `NewerStore` where it is ahead of this version."""
    current = revision(connection)
    if current != HEAD:
        _run_alembic(connection, current)


def check_known(current: str | None) -> None:
    """Raises `NewerStore` for a revision that this version does not know."""
    _known_scripts(current)


def _known_scripts(current: str | None) -> object:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(__file__).parent))
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise NewerStore(f"schema {current}, this version knows up to {HEAD}")
    return scripts


def _run_alembic(connection: sa.Connection, current: str | None) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    scripts = _known_scripts(current)
    assert isinstance(scripts, ScriptDirectory)

    def steps(current: object, _context: MigrationContext) -> list[object]:
        return list(scripts._upgrade_revs(HEAD, current))  # type: ignore[arg-type]

    context = MigrationContext.configure(connection, opts={"fn": steps, "script": scripts})
    with _one_at_a_time, Operations.context(context):
        context.run_migrations()
