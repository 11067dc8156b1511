"""The store: opened for reading only, its schema and what is in it. One that is not there is not made."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from assistants_compat.doctor.facts import Contents, Place, SqliteFacts, Store
from assistants_compat.doctor.looking.blobs import folder_of
from assistants_compat.doctor.looking.contents import look_into
from assistants_compat.doctor.looking.postgres import look_at_postgres
from assistants_compat.settings import Settings, without_password
from assistants_compat.store import migrations
from assistants_compat.store.database import Database, StoreError

PATIENCE = 5.0
"""Seconds for looking through the pages of a SQLite file."""

Looked = tuple[Store, Contents | None, str | None]


def look_at_store(settings: Settings, clock: Callable[[], float] = time.time) -> Looked:
    """The store, what is in it, and why that cannot be read where it should be."""
    database = Database(os.fspath(settings.store), settings)
    try:
        url = database.url
    except StoreError as error:
        return Store("", "unknown", failure=str(error)), None, None
    if database.in_memory:
        return Store(":memory:", "memory"), None, None
    if not database.is_remote:
        return _sqlite(str(url.database), settings)
    name = without_password(url.render_as_string())
    found = Store(name, "postgresql", newest=migrations.HEAD, has_password=bool(url.password))
    try:
        engine = database.unopened()
    except StoreError as error:
        return _with(found, failure=str(error)), None, None
    try:
        with engine.connect() as connection:
            server = look_at_postgres(connection, engine, settings, clock)
            connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return _read(_with(found, postgres=server), connection)
    except sa.exc.DBAPIError as error:
        return _with(found, failure=f"The store {name} cannot be used: {_why(error)}"), None, None
    finally:
        engine.dispose()


def _sqlite(path: str, settings: Settings) -> Looked:
    file = Path(path)
    folder = next((parent for parent in file.parents if parent.exists()), file.parent)
    there = SqliteFacts(path, str(folder), os.access(folder, os.W_OK), _filesystem(folder), _free(folder))
    store = Store(path, "sqlite", newest=migrations.HEAD, sqlite=there)
    try:
        if not file.exists():
            return _with(store, exists=False), None, None
        places = tuple(_places(file, folder_of(settings)))
    except OSError as error:
        return _with(store, failure=f"The store {path} cannot be looked at: {error.strerror}."), None, None
    engine = sa.create_engine("sqlite://", creator=lambda: _opened(path), poolclass=sa.pool.NullPool)
    try:
        with engine.connect() as connection:
            damage = _damage(connection)
            connection.exec_driver_sql("BEGIN")
            sound = SqliteFacts(path, str(folder), there.folder_is_writable, there.filesystem, there.free_bytes, places, damage)
            return _read(_with(store, sqlite=sound), connection)
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        failure = f"The store {path} cannot be used: {_why(error)}"
        return _with(store, failure=failure, sqlite=SqliteFacts(path, str(folder), True, None, there.free_bytes, places)), None, None
    finally:
        engine.dispose()


def _opened(path: str) -> sqlite3.Connection:
    """For queries only. Where it can be it is opened for writing all the same: else SQLite's files beside it would be left behind."""
    mode = "rw" if os.access(path, os.W_OK) else "ro"
    connection = sqlite3.connect(f"file:{quote(path)}?mode={mode}", uri=True, timeout=PATIENCE, check_same_thread=False)
    connection.execute("PRAGMA query_only = 1")
    return connection


def _read(store: Store, connection: sa.Connection) -> Looked:
    revision = migrations.revision(connection)
    try:
        migrations.check_known(revision)
    except migrations.NewerStore:
        return _with(store, revision=revision, is_newer=True), None, None
    store = _with(store, revision=revision)
    if revision != migrations.HEAD:
        return store, None, None
    try:
        return store, look_into(connection), None
    except (sa.exc.SQLAlchemyError, ValueError, KeyError, TypeError) as error:
        return store, None, _why(error)


def _with(store: Store, **changed: object) -> Store:
    from dataclasses import replace

    return replace(store, **changed)  # type: ignore[arg-type]


def _why(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".") + "."


def _damage(connection: sa.Connection) -> tuple[str, ...] | None:
    """What `quick_check` finds, None where the file is too large for that."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    until = time.monotonic() + PATIENCE
    driver.set_progress_handler(lambda: int(time.monotonic() > until), 10_000)
    try:
        rows = driver.execute("PRAGMA quick_check(3)").fetchall()
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            return None
        raise
    finally:
        driver.set_progress_handler(None, 0)
    return tuple(str(row[0]) for row in rows if row[0] != "ok")


def _places(file: Path, files: Path | None) -> list[Place]:
    """Of the store's files those that are there. Windows tells of no modes."""
    if os.name != "posix":
        return []
    found = []
    for path in (file, *(Path(f"{file}{ending}") for ending in ("-wal", "-shm", ".secret")), *([files] if files else [])):
        with suppress(FileNotFoundError):
            stat = path.stat()
            found.append(Place(str(path), stat.st_mode & 0o777, stat.st_uid == os.geteuid(), os.access(path, os.W_OK)))
    return found


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _filesystem(folder: Path) -> str | None:
    """The kind of file system, where Linux tells."""
    try:
        lines = Path("/proc/self/mounts").read_text(errors="replace").splitlines()
        resolved = str(folder.resolve())
    except OSError:
        return None
    mounts = [line.split() for line in lines]
    above = [
        (len(point), kind)
        for _, point, kind, *_ in (mount for mount in mounts if len(mount) > 3)
        if resolved == point or resolved.startswith(point.rstrip("/") + "/")
    ]
    return max(above)[1] if above else None
