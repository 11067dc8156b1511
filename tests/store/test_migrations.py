"""A store's schema: made by the migrations, the same as the tables say, and refused where a newer version wrote it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from assistants_compat.runs.runtime import runtime_for
from assistants_compat.settings import Settings
from assistants_compat.store import migrations
from assistants_compat.store.database import Database, StoreError
from assistants_compat.store.tables import metadata


def test_the_migrations_make_what_the_tables_say(tmp_path: Path) -> None:
    with Database(str(tmp_path / "store.db")).read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_store_says_which_revision_it_is() -> None:
    with Database(":memory:").read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == migrations.HEAD


def test_the_newest_revision_is_the_one_that_is_asked_for() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_heads() == [migrations.HEAD]


def test_ids_are_not_given_twice_after_the_newest_row_is_gone(tmp_path: Path) -> None:
    """`AUTOINCREMENT`, which no comparison of schemas sees: the order of a thread's items rests on it."""
    with Database(str(tmp_path / "store.db")).read() as connection:
        made = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all()
    for name, statement in made:
        if name in metadata.tables:
            assert "AUTOINCREMENT" in statement, name


def newer(path: Path) -> None:
    with Database(str(path)).write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    newer(path)
    for _ in range(2):
        with pytest.raises(StoreError, match=r"was written by a newer assistants-compat \(schema 9999, this version knows up to \d+\)"):
            Database(str(path))._open()
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"


def test_a_program_is_told_so(client: openai.OpenAI, settings: Settings) -> None:
    runtime = runtime_for(settings)
    with runtime.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    runtime.database.close()
    with pytest.raises(openai.InternalServerError, match="upgrade it") as refused:
        client.beta.threads.create()
    assert refused.value.status_code == 503
    assert refused.value.response.headers["x-should-retry"] == "false"


def test_opening_a_store_that_is_up_to_date_takes_no_write(tmp_path: Path) -> None:
    """Another process may be in the middle of a transaction for as long as it likes."""
    path = tmp_path / "store.db"
    writer = Database(str(path))
    with writer.write(), Database(str(path)).read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM threads").scalar() == 0


_OPEN = """
import sys
from assistants_compat.store.database import Database
print("ready", flush=True)
sys.stdin.readline()
with Database(sys.argv[1]).write() as connection:
    row = (sys.argv[2], "", 0, 0, "{}")
    connection.exec_driver_sql("INSERT INTO threads (id, tenant, created_at, message_count, body) VALUES (?, ?, ?, ?, ?)", row)
print("done", flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(3))
def test_several_processes_may_open_a_new_file_at_once(tmp_path: Path, attempt: int) -> None:
    path = tmp_path / "store.db"
    processes = [
        subprocess.Popen([sys.executable, "-c", _OPEN, str(path), f"thread_{n}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for n in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0] for process in processes] == ["done\n"] * 4
    with Database(str(path)).read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM threads").scalar() == 4


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.db"
    real: Callable[..., Any] = migrations._run_alembic

    def half(connection: sa.Connection, revision: str | None) -> None:
        real(connection, revision)
        raise ZeroDivisionError

    monkeypatch.setattr(migrations, "_run_alembic", half)
    with pytest.raises(ZeroDivisionError):
        Database(str(path))._open()
    monkeypatch.undo()
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        assert sa.inspect(connection).get_table_names() == []
    with Database(str(path)).read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM threads").scalar() == 0
