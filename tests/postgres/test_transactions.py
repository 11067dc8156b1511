"""What SQLite's one writer kept safe is kept safe by locks on rows; what the database gives up is done again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import openai
import pytest
import sqlalchemy as sa

from assistants_compat.runs.runtime import Runtime
from assistants_compat.settings import Settings
from assistants_compat.store import items, runs, threads
from assistants_compat.store.connections import LostInCommit
from assistants_compat.store.database import Database, StoreError
from assistants_compat.store.postgres import MOST_ATTEMPTS
from assistants_compat.testing import FunctionCall, OfflineUpstream
from stores import Postgres

from .conftest import Other

PATIENCE = 20.0
WEATHER: Any = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


class Doing:
    """Something done in a thread of its own."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.result: Any = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._do, args=(work,), daemon=True)
        self._thread.start()

    def _do(self, work: Callable[[], Any]) -> None:
        try:
            self.result = work()
        except BaseException as error:  # noqa: BLE001 - for the test's own thread
            self.error = error

    def done(self) -> Any:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error
        return self.result


def until_somebody_waits(postgres: Postgres, store: str, count: int = 1) -> None:
    """For a lock, in the database."""
    until = time.monotonic() + PATIENCE
    while postgres.statement(store, WAITING) < count:
        assert time.monotonic() < until


def texts(client: openai.OpenAI, thread: str) -> list[str]:
    return [message.content[0].text.value for message in client.beta.threads.messages.list(thread, order="asc", limit=100)]  # type: ignore[union-attr]


# -- one thread, many writers


def test_messages_stand_in_the_order_of_their_commits(client: openai.OpenAI, runtime: Runtime, postgres: Postgres, store: str) -> None:
    """The number that orders them is drawn only once the thread is locked, so nobody who commits later has drawn a smaller one."""
    thread = client.beta.threads.create().id
    with runtime.database.write() as connection:
        threads.count_more(connection, "", thread, 1)
        later = Doing(lambda: client.beta.threads.messages.create(thread, role="user", content="later"))
        until_somebody_waits(postgres, store)
        body = {"id": "msg_first", "thread_id": thread, "run_id": None, "role": "user", "object": "thread.message"}
        items.insert(connection, [items.message_row(body)])
    message = later.done()
    with runtime.database.read() as connection:
        order = sa.text("SELECT id FROM items WHERE thread_id = :thread ORDER BY seq")
        assert connection.execute(order, {"thread": thread}).scalars().all() == ["msg_first", message.id]


def test_of_many_runs_created_at_once_one_is(upstream: OfflineUpstream, client: openai.OpenAI, other: Callable[..., Other]) -> None:
    assistant = client.beta.assistants.create(model="gpt-6-sol", tools=[WEATHER])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}]).id
    upstream.script(FunctionCall("get_weather"))
    programs = [other() for _ in range(6)]
    together = threading.Barrier(len(programs))

    def create(program: Other) -> str:
        together.wait(PATIENCE)
        return program.client.beta.threads.runs.create(thread_id=thread, assistant_id=assistant.id).id

    attempts = [Doing(lambda program=program: create(program)) for program in programs]  # type: ignore[misc]
    refused, created = [], []
    for attempt in attempts:
        try:
            created.append(attempt.done())
        except openai.BadRequestError as error:
            refused.append(error)
    assert len(created) == 1
    assert all(f"Thread {thread} already has an active run {created[0]}" in str(error) for error in refused)


def test_outputs_submitted_twice_at_once_are_taken_once(
    upstream: OfflineUpstream, client: openai.OpenAI, other: Callable[..., Other]
) -> None:
    assistant = client.beta.assistants.create(model="gpt-6-sol", tools=[WEATHER])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}]).id
    upstream.script(FunctionCall("get_weather"), "Sunny.")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant.id)
    assert run.required_action is not None
    outputs: Any = [{"tool_call_id": call.id, "output": "Sunny"} for call in run.required_action.submit_tool_outputs.tool_calls]
    programs = [other() for _ in range(4)]
    together = threading.Barrier(len(programs))

    def submit(program: Other) -> None:
        together.wait(PATIENCE)
        program.client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=thread, tool_outputs=outputs)

    accepted = 0
    for attempt in [Doing(lambda program=program: submit(program)) for program in programs]:  # type: ignore[misc]
        try:
            attempt.done()
            accepted += 1
        except openai.BadRequestError as error:
            assert "do not accept tool outputs" in str(error)  # noqa: PT017
    assert accepted == 1
    assert client.beta.threads.runs.poll(run.id, thread_id=thread).status == "completed"
    assert len(upstream.requests) == 2


def test_modifying_a_run_that_ends_meanwhile_does_not_bring_it_back(
    upstream: OfflineUpstream, client: openai.OpenAI, runtime: Runtime, postgres: Postgres, store: str
) -> None:
    assistant = client.beta.assistants.create(model="gpt-6-sol", tools=[WEATHER])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}]).id
    upstream.script(FunctionCall("get_weather"))
    run_id = client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant.id).id
    with runtime.database.write() as connection:
        run = runs.get_to_end(connection, run_id)
        assert run is not None
        modified = Doing(lambda: client.beta.threads.runs.update(run_id, thread_id=thread, metadata={"a": "b"}))
        until_somebody_waits(postgres, store)
        runs.replace(connection, {**run.body, "status": "cancelled", "required_action": None})
        threads.unlock(connection, thread, run_id)
    modified.done()
    run_now = client.beta.threads.runs.retrieve(run_id, thread_id=thread)
    assert (run_now.status, run_now.metadata) == ("cancelled", {"a": "b"})


def test_a_message_deleted_twice_at_once_is_counted_once(client: openai.OpenAI, runtime: Runtime, postgres: Postgres, store: str) -> None:
    thread = client.beta.threads.create(messages=[{"role": "user", "content": text} for text in ("one", "two")]).id
    message = client.beta.threads.messages.list(thread).data[0].id
    with runtime.database.write() as connection:
        threads.hold(connection, thread)
        deletions = [Doing(lambda: client.beta.threads.messages.delete(message, thread_id=thread)) for _ in range(2)]
        until_somebody_waits(postgres, store, 2)
    ended = []
    for deletion in deletions:
        try:
            ended.append(deletion.done().deleted)
        except openai.NotFoundError:
            ended.append(False)
    assert sorted(ended) == [False, True]
    with runtime.database.read() as connection:
        found = threads.get(connection, "", thread)
    assert found is not None
    assert found.message_count == 1


def test_a_thread_deleted_while_its_run_writes_leaves_nothing(
    client: openai.OpenAI, runtime: Runtime, postgres: Postgres, store: str, upstream: OfflineUpstream
) -> None:
    assistant = client.beta.assistants.create(model="gpt-6-sol", tools=[WEATHER])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}]).id
    upstream.script(FunctionCall("get_weather"))
    run_id = client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant.id).id
    with runtime.database.write() as connection:
        runs.get(connection, run_id, to_write=True)
        deleted = Doing(lambda: client.beta.threads.delete(thread))
        until_somebody_waits(postgres, store)
        items.insert(connection, [items.item_row("item_late", thread, run_id, {"type": "reasoning", "summary": []})])
    assert deleted.done().deleted
    for table in ("threads", "runs", "items", "steps"):
        assert postgres.statement(store, f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608


# -- given up, and done again


@pytest.fixture
def database(store: str) -> Any:
    database = Database(store)
    yield database
    database.close()


def add_thread(connection: sa.Connection, id: str) -> None:
    threads.insert(connection, "", {"id": id, "created_at": 0})


def test_of_two_transactions_that_lock_each_other_out_both_are_done(database: Database, postgres: Postgres, store: str) -> None:
    with database.write() as connection:
        for id in ("thread_a", "thread_b"):
            add_thread(connection, id)
    both_hold_one = threading.Barrier(2)
    attempts = {"ab": 0, "ba": 0}

    def in_order(name: str) -> Callable[[sa.Connection], None]:
        def work(connection: sa.Connection) -> None:
            attempts[name] += 1
            threads.count_more(connection, "", f"thread_{name[0]}", 1)
            if attempts[name] == 1:
                both_hold_one.wait(PATIENCE)
            threads.count_more(connection, "", f"thread_{name[1]}", 1)

        return work

    doing = [Doing(lambda name=name: database.transact(in_order(name))) for name in attempts]  # type: ignore[misc]
    for each in doing:
        each.done()
    assert sorted(attempts.values()) == [1, 2]
    assert postgres.statement(store, "SELECT sum(message_count) FROM threads") == 4


GIVE_UP = "DO $$ BEGIN RAISE EXCEPTION 'restart transaction' USING ERRCODE = '40001'; END $$"


@pytest.mark.parametrize("failures", [1, MOST_ATTEMPTS - 1, MOST_ATTEMPTS])
def test_a_transaction_is_begun_so_often_and_no_more(database: Database, postgres: Postgres, store: str, failures: int) -> None:
    attempts = []

    def work(connection: sa.Connection) -> str:
        attempts.append(1)
        add_thread(connection, "thread_1")
        if len(attempts) <= failures:
            connection.exec_driver_sql(GIVE_UP)
        return "done"

    if failures < MOST_ATTEMPTS:
        assert database.transact(work) == "done"
    else:
        with pytest.raises(sa.exc.OperationalError, match="restart transaction"):
            database.transact(work)
    assert len(attempts) == min(failures + 1, MOST_ATTEMPTS)
    assert postgres.statement(store, "SELECT count(*) FROM threads") == (1 if failures < MOST_ATTEMPTS else 0)


def test_what_raises_for_its_own_reasons_is_not_repeated_and_leaves_nothing(database: Database, postgres: Postgres, store: str) -> None:
    attempts = []

    def work(connection: sa.Connection) -> None:
        attempts.append(1)
        add_thread(connection, "thread_1")
        raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            database.transact(work)
    assert len(attempts) == 3
    assert postgres.statement(store, "SELECT count(*) FROM threads") == 0


def test_a_connection_lost_before_the_commit_is_not_noticed(database: Database, postgres: Postgres, store: str) -> None:
    attempts = []

    def work(connection: sa.Connection) -> None:
        attempts.append(1)
        add_thread(connection, "thread_1")
        if len(attempts) == 1:
            postgres.end_sessions(store)

    database.transact(work)
    assert len(attempts) == 2
    assert postgres.statement(store, "SELECT count(*) FROM threads") == 1


def test_a_connection_lost_in_the_commit_is_told(database: Database, postgres: Postgres, store: str) -> None:
    """It may have been committed: done again, it might be done twice."""
    body = "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'"
    postgres.statement(store, f"CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS {body}")
    trigger = "AFTER INSERT ON threads DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hang_up()"
    postgres.statement(store, f"CREATE CONSTRAINT TRIGGER hang_up {trigger}")
    attempts = []

    def work(connection: sa.Connection) -> None:
        attempts.append(1)
        add_thread(connection, "thread_1")

    with pytest.raises(LostInCommit):
        database.transact(work)
    assert len(attempts) == 1


def test_a_server_that_was_restarted_is_reached_again(client: openai.OpenAI, postgres: Postgres, store: str) -> None:
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "before"}]).id
    for _ in range(3):
        postgres.end_sessions(store)
        assert texts(client, thread)[0] == "before"
        postgres.end_sessions(store)
        client.beta.threads.messages.create(thread, role="user", content="after")
    assert texts(client, thread) == ["before", "after", "after", "after"]


# -- limits


def test_a_lock_is_waited_for_so_long_and_then_told(other: Callable[..., Other], runtime: Runtime) -> None:
    program = other(store_timeout=0.2)
    thread = program.client.beta.threads.create().id
    with runtime.database.write() as connection:
        threads.hold(connection, thread)
        with pytest.raises(openai.InternalServerError, match="The store failed: canceling statement due to statement timeout") as late:
            program.client.beta.threads.messages.create(thread, role="user", content="Hello")
    assert late.value.status_code == 503
    program.client.beta.threads.messages.create(thread, role="user", content="Hello")
    assert texts(program.client, thread) == ["Hello"]


def test_a_process_has_so_many_connections_and_no_more(store: str, postgres: Postgres) -> None:
    database = Database(store, Settings(pool_size=2, store_timeout=0.2))
    with database.read() as first, database.write() as second:
        assert first is not second
        with pytest.raises(StoreError, match=r"is busy: all 2 connections of this process were in use for 0\.2 s") as busy, database.read():
            raise AssertionError("there was a third")
    assert "ASSISTANTS_COMPAT_POOL_SIZE" in str(busy.value)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM threads").scalar() == 0
    database.close()


def test_a_pooler_that_shares_connections_is_asked_for_nothing_that_stays(store: str, postgres: Postgres) -> None:
    """No PgBouncer runs here: what would be left on its connections is what is looked for."""
    database = Database(store, Settings(transaction_pooling=True, store_timeout=7))
    assert not database.hears
    with database.write() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "7s"
    for number in range(20):
        with database.write() as connection:
            add_thread(connection, f"thread_{number}")
    with database.read() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "0"
        assert connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar() == 0
    database.close()


@pytest.mark.parametrize(
    "path",
    ["/threads/thread_%00", "/threads/{thread}/messages/msg_%00", "/threads/{thread}/runs/run_%00", "/assistants/asst_%00"],
)
def test_an_id_that_the_database_cannot_hold_names_nothing(wire: Callable[..., Any], client: openai.OpenAI, path: str) -> None:
    thread = client.beta.threads.create().id
    status, reply = wire("GET", path.format(thread=thread))
    assert status == 404, reply
    for cursor in ("after", "before"):
        status, reply = wire("GET", f"/threads/{thread}/messages?{cursor}=%00")
        assert status == 404, reply


def test_text_of_any_kind_comes_back_as_it_was(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    """A NUL character too, which a program may not send but a model may."""
    odd = "a\0b é 中 \U0001f600 \\u0000 '; DROP TABLE threads; --"
    sent = "é 中 \U0001f600 \\u0000 %s %(x)s :x '; DROP TABLE threads; --"
    assistant = client.beta.assistants.create(model="gpt-6-sol")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": sent}]).id
    upstream.script(odd)
    assert client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant.id).status == "completed"
    assert texts(client, thread) == [sent, odd]
