"""The schema on PostgreSQL: made by a command, and refused where it is not this version's."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from typing import Any

import openai
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click.testing import CliRunner, Result

from assistants_compat.cli import main
from assistants_compat.runs.runtime import runtime_for
from assistants_compat.settings import Settings
from assistants_compat.store import migrations
from assistants_compat.store.database import Database, StoreError, store_url
from assistants_compat.store.schema import Schema
from assistants_compat.store.tables import metadata
from stores import Postgres

from .conftest import Other

COMMAND = "Run 'assistants-compat db upgrade', or set ASSISTANTS_COMPAT_MIGRATE=auto."


def cli(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"ASSISTANTS_COMPAT_STORE": "", **environment})


def refusal(store: str, **settings: Any) -> str:
    with pytest.raises(StoreError) as refused, Database(store, Settings(**settings)).read():
        raise AssertionError("it was opened")
    return str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_it_is_chosen_by_its_url(scheme: str) -> None:
    assert store_url(f"{scheme}://me@host/threads").drivername == "postgresql+psycopg"
    assert Database(f"{scheme}://me@host/threads").is_remote


def test_the_migrations_make_what_the_tables_say(store: str) -> None:
    database = Database(store)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    database.close()


def test_an_empty_database_is_refused_with_the_command_to_run(empty: str, other: Callable[..., Other]) -> None:
    assert refusal(empty).endswith(f"is empty. {COMMAND}")
    with pytest.raises(openai.InternalServerError, match="db upgrade") as refused:
        other(store=empty).client.beta.threads.create()
    assert refused.value.status_code == 503
    assert refused.value.response.headers["x-should-retry"] == "false"


def test_the_command_upgrades_it_once(empty: str) -> None:
    checked = cli("db", "check", "--store", empty)
    assert checked.exit_code == 1
    assert "is empty; this version needs schema" in checked.output
    assert f"was empty and is at schema {migrations.HEAD} now" in cli("db", "upgrade", "--store", empty).output
    assert f"is at schema {migrations.HEAD} already" in cli("db", "upgrade", ASSISTANTS_COMPAT_STORE=empty).output
    assert f"is at schema {migrations.HEAD};" in cli("db", "current", "--store", empty).output
    assert cli("db", "check", "--store", empty).exit_code == 0
    database = Database(empty)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM threads").scalar() == 0
    database.close()


def test_an_older_schema_is_refused_until_it_is_upgraded(empty: str, postgres: Postgres) -> None:
    Schema(Settings(store=empty)).upgrade()
    postgres.statement(empty, "DROP TABLE files, conversations, conversation_items")
    postgres.statement(empty, "UPDATE alembic_version SET version_num = '0001'")
    assert refusal(empty).endswith(f"has schema 0001, and this version needs {migrations.HEAD}. {COMMAND}")
    assert cli("db", "upgrade", "--store", empty).exit_code == 0
    assert postgres.statement(empty, "SELECT count(*) FROM files") == 0


def test_a_setting_lets_whoever_opens_it_upgrade_it(empty: str, postgres: Postgres) -> None:
    databases = [Database(empty, Settings(migrate="auto")) for _ in range(4)]
    failures: list[BaseException] = []
    together = threading.Barrier(len(databases))

    def open_it(database: Database) -> None:
        together.wait(20)
        try:
            with database.read():
                pass
        except BaseException as failure:  # noqa: BLE001 - for the test's own thread to tell
            failures.append(failure)

    openers = [threading.Thread(target=open_it, args=(database,)) for database in databases]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join(60)
    assert failures == []
    assert postgres.statement(empty, "SELECT version_num FROM alembic_version") == migrations.HEAD
    for database in databases:
        database.close()


def test_a_newer_schema_is_refused_by_everybody(empty: str, postgres: Postgres) -> None:
    Schema(Settings(store=empty)).upgrade()
    postgres.statement(empty, "UPDATE alembic_version SET version_num = '9999'")
    assert "was written by a newer assistants-compat (schema 9999" in refusal(empty)
    assert "was written by a newer" in refusal(empty, migrate="auto")
    upgraded = cli("db", "upgrade", "--store", empty)
    assert upgraded.exit_code == 1
    assert "was written by a newer" in upgraded.output


@pytest.mark.parametrize(
    "store",
    [
        "postgresql://me:secret@127.0.0.1:1/threads",
        "postgresql://me:secret@127.0.0.1:1/threads?connect_timeout=soon",
        "postgresql://me:secret@127.0.0.1:99999/threads",
        "postgresql://me:secret@/threads?host=/nowhere",
        "postgresql://127.0.0.1:1/threads?user=me&password=secret",
        "postgresql+asyncpg://me:secret@127.0.0.1/threads",
    ],
)
def test_a_server_that_cannot_be_used_is_told_without_the_password(
    store: str, other: Callable[..., Other], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = Settings(store=store)
    said = [refusal(store), repr(settings), repr(runtime_for(settings).__dict__)]
    with pytest.raises(openai.InternalServerError, match="The store ") as refused:
        other(store=store).client.beta.threads.create()
    said += [refused.value.response.text, *(cli("db", name, "--store", store).output for name in ("upgrade", "current", "check"))]
    assert refused.value.status_code == 503
    for each in (*said, caplog.text):
        assert "secret" not in each


def test_without_its_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    refused = refusal("postgresql://me:secret@host/threads")
    assert refused.endswith("pip install 'assistants-compat[postgres]'")
    assert "secret" not in refused


def test_a_sqlite_store_is_looked_at_by_the_same_commands(tmp_path: Any) -> None:
    store = str(tmp_path / "store.db")
    assert "is empty; this version needs" in cli("db", "current", "--store", store).output
    assert not (tmp_path / "store.db").exists()
    assert cli("db", "check", "--store", store).exit_code == 1
    assert f"is at schema {migrations.HEAD} now" in cli("db", "upgrade", "--store", store).output
    assert cli("db", "check", "--store", store).exit_code == 0
    with sa.create_engine(f"sqlite:///{store}").connect() as connection:
        assert sa.inspect(connection).has_table("threads")
