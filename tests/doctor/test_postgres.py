"""The doctor before a store on PostgreSQL, whatever `--store` says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
import sqlalchemy as sa

from assistants_compat.doctor.looking.store import look_at_store
from assistants_compat.settings import Settings
from assistants_compat.store.database import store_url
from stores import Postgres

Diagnose = Callable[..., dict[str, list[dict[str, Any]]]]


@pytest.fixture
def stores(postgres: Postgres) -> Postgres:
    return postgres


@pytest.fixture
def empty(postgres: Postgres) -> Iterator[str]:
    store = postgres.empty()
    yield store
    postgres.drop(store)


@pytest.fixture
def user(postgres: Postgres, store: str) -> Iterator[str]:
    """The store's URL for a user of little power, with a password."""
    postgres.statement(store, "CREATE ROLE doctor_test LOGIN PASSWORD 'correct-horse'")
    postgres.statement(store, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO doctor_test")
    postgres.statement(store, "GRANT INSERT, UPDATE ON threads TO doctor_test")
    yield store_url(store).set(username="doctor_test", password="correct-horse").render_as_string(hide_password=False)
    postgres.statement(store, "DROP OWNED BY doctor_test")
    postgres.statement(store, "DROP ROLE doctor_test")


def levels(found: dict[str, list[dict[str, Any]]], check: str) -> list[str]:
    return [finding["level"] for finding in found.get(check, [])]


def test_a_healthy_one_is_looked_at_in_all_respects(diagnosed: Diagnose, client: openai.OpenAI) -> None:
    client.beta.threads.create()
    found = diagnosed()
    checks = ("store", "schema", "database-user", "database-connections", "database-words", "clock-of-database")
    assert [levels(found, check) for check in checks] == [["ok"]] * len(checks)
    assert ": 0 assistants, 1 thread, 0 runs." in found["store"][0]["text"]
    assert found["database-user"][0]["text"].startswith("The server is PostgreSQL 1")


def test_an_empty_one_is_not_upgraded_but_told_how(diagnosed: Diagnose, empty: str, postgres: Postgres) -> None:
    found = diagnosed("--store", empty)
    assert (levels(found, "schema"), found["schema"][0]["advice"]) == (["problem"], "Run 'assistants-compat db upgrade'.")
    assert levels(diagnosed("--store", empty, ASSISTANTS_COMPAT_MIGRATE="auto"), "schema") == ["note"]
    assert postgres.statement(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


def test_what_a_user_may_not_do_is_told_and_no_password_shown(run: Callable[..., Any], user: str) -> None:
    result = run("--store", user)
    assert result.exit_code == 1
    assert "lacks INSERT on assistants, UPDATE on assistants, DELETE on assistants" in result.output
    assert "DELETE on threads" in result.output
    assert "INSERT on threads" not in result.output
    assert "The store's URL has a password in it." in result.output
    assert "correct-horse" not in result.output


def test_a_server_that_is_not_there_is_a_problem(run: Callable[..., Any]) -> None:
    result = run("--store", "postgresql://me:correct-horse@127.0.0.1:9/threads")
    assert result.exit_code == 1
    assert "The store postgresql+psycopg://me:***@127.0.0.1:9/threads cannot be used:" in result.output
    assert "correct-horse" not in result.output


def test_a_database_that_takes_no_writes_is_a_problem(diagnosed: Diagnose, store: str, postgres: Postgres) -> None:
    postgres.statement(store, f"ALTER DATABASE {store_url(store).database} SET default_transaction_read_only = on")
    found = diagnosed()
    assert "takes no writes" in found["database-user"][1]["text"]


def test_more_connections_than_there_are_is_warned_about(diagnosed: Diagnose) -> None:
    assert levels(diagnosed(ASSISTANTS_COMPAT_POOL_SIZE="5000"), "database-connections") == ["warning"]


def test_words_are_not_looked_for_where_nobody_listens(diagnosed: Diagnose) -> None:
    assert levels(diagnosed(ASSISTANTS_COMPAT_LISTEN="off"), "database-words") == ["note"]


def test_words_that_do_not_arrive_are_warned_about(diagnosed: Diagnose, empty: str) -> None:
    """Another database carries no words from this one."""
    assert levels(diagnosed(ASSISTANTS_COMPAT_LISTEN=empty), "database-words") == ["warning"]


def test_the_servers_clock_is_compared(store: str) -> None:
    import time

    found, _, _ = look_at_store(Settings(store=store), clock=lambda: time.time() - 30)
    assert found.postgres is not None
    assert 29 < found.postgres.clock_ahead < 31
    assert found.postgres.clock_error < 1


def test_a_store_that_changes_meanwhile_is_read_as_it_was_at_one_moment(
    store: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistants_compat.doctor.looking import contents

    def look_in_between(connection: sa.Connection, *arguments: Any) -> Any:
        postgres.statement(
            store, "INSERT INTO threads (id, tenant, created_at, message_count, active_run, body) VALUES ('t', '', 1, 0, 'r', '{}')"
        )
        return []

    monkeypatch.setattr(contents, "_unread", look_in_between)
    _, found, _ = look_at_store(Settings(store=store))
    assert found is not None
    assert (found.counts["threads"], found.locks) == (0, ())
