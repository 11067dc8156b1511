"""A PostgreSQL server: what its user may do, its clock, its connections, and whether words go from one to another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from assistants_compat.doctor.facts import PostgresFacts
from assistants_compat.settings import Settings
from assistants_compat.store.tables import metadata

_CHANNEL = "assistants_compat_doctor"
_PATIENCE = 2.0
"""Seconds for a word to arrive."""


def look_at_postgres(connection: sa.Connection, engine: sa.Engine, settings: Settings, clock: Callable[[], float]) -> PostgresFacts:
    """Raises sqlalchemy.exc.DBAPIError."""

    def ask(statement: str) -> Any:
        return connection.exec_driver_sql(statement).scalar()

    ahead, off_by = _clock(ask, clock)
    version = str(ask("SELECT version()"))
    return PostgresFacts(
        version=" ".join(version.split()[:2]) if version.startswith("PostgreSQL ") else version,
        is_read_only=ask("SHOW transaction_read_only") == "on",
        lacking=tuple(_lacking(connection)),
        clock_ahead=ahead,
        clock_error=off_by,
        free_connections=_free(ask),
        hears=_hears(engine, settings),
    )


def _clock(ask: Callable[[str], Any], clock: Callable[[], float]) -> tuple[float, float]:
    """The closest of three looks."""
    looks = []
    for _ in range(3):
        before = clock()
        theirs = float(ask("SELECT extract(epoch FROM clock_timestamp())"))
        after = clock()
        looks.append(((after - before) / 2, theirs - (before + after) / 2))
    off_by, ahead = min(looks)
    return ahead, off_by


def _lacking(connection: sa.Connection) -> Iterator[str]:
    there = set(sa.inspect(connection).get_table_names())
    for table in sorted(there & set(metadata.tables)):
        for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            query = sa.text("SELECT has_table_privilege(:name, :privilege)")
            if not connection.execute(query, {"name": table, "privilege": privilege}).scalar():
                yield f"{privilege} on {table}"


def _free(ask: Callable[[str], Any]) -> int | None:
    """Connections that an ordinary user may still open, this one's own counted as free."""
    try:
        reserved = int(ask("SHOW superuser_reserved_connections"))
        used = int(ask("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"))
        return int(ask("SHOW max_connections")) - reserved - used
    except (sa.exc.DBAPIError, TypeError, ValueError):
        return None  # a distributed database, or a pooler, that knows no such things


def _hears(engine: sa.Engine, settings: Settings) -> bool | None:
    """Whether a word arrives where processes would listen for it."""
    from assistants_compat.store.postgres import PostgresStore

    store = PostgresStore(engine.url, settings)
    if not store.hears:
        return None
    own = settings.listen
    listening = engine if not own else PostgresStore(sa.make_url(own).set(drivername=engine.url.drivername), settings).engine()
    try:
        ear = listening.raw_connection()
        driver: Any = ear.driver_connection
        ear.detach()
        try:
            driver.execute(f"LISTEN {_CHANNEL}", prepare=False)
            with engine.connect() as speaker:
                speaker.exec_driver_sql(f"NOTIFY {_CHANNEL}")
            return any(driver.notifies(timeout=_PATIENCE, stop_after=1))
        finally:
            with suppress(Exception):
                driver.close()
    except Exception:  # noqa: BLE001 - whatever the server has against it: nothing is heard
        return False
    finally:
        if listening is not engine:
            listening.dispose()
