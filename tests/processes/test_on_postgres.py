"""Many processes on one PostgreSQL store, whatever `--store` says: one thread, 8 processes; and the two halves of a run in two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assistants_compat.settings import Settings
from assistants_compat.testing import FunctionCall, Gate, OfflineUpstream, Text, Turn
from processes.conftest import Process
from stores import Postgres

pytestmark = pytest.mark.slow

Start = Callable[..., Process]

WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
WORDS = Text("One two three", chunks=("One", " two", " three"))


@pytest.fixture
def stores(postgres: Postgres) -> Postgres:
    return postgres


def forbid_two_runs_at_once(postgres: Postgres, store: str) -> None:
    """The database itself refuses that a thread's lock goes from one run to another, or that a locked thread is given a message."""
    check = """
        BEGIN
            IF OLD.active_run IS NOT NULL AND NEW.active_run IS NOT NULL AND OLD.active_run <> NEW.active_run THEN
                RAISE EXCEPTION 'two runs at once';
            END IF;
            RETURN NEW;
        END
    """
    postgres.statement(store, f"CREATE FUNCTION check_lock() RETURNS trigger LANGUAGE plpgsql AS $${check}$$")
    postgres.statement(store, "CREATE TRIGGER check_lock BEFORE UPDATE ON threads FOR EACH ROW EXECUTE FUNCTION check_lock()")


def test_eight_processes_on_one_thread(process: Start, upstream: OfflineUpstream, settings: Settings, postgres: Postgres) -> None:
    store = str(settings.store)
    forbid_two_runs_at_once(postgres, store)
    upstream.script(*["Fine."] * 24)
    workers = [process(lease=15) for _ in range(8)]
    ids = workers[0].do("ask", text="First", tools=[])
    for number, worker in enumerate(workers):
        worker.send("contend", **ids, name=f"process {number}", count=3)
    answers: list[Any] = [worker.answer() for worker in workers]
    assert all("error" not in answer for answer in answers), answers
    runs = [run for answer in answers for run in answer["runs"]]
    assert [status for _, status in runs] == ["completed"] * 24
    assert len({id for id, _ in runs}) == 24
    assert sum(answer["refused"] for answer in answers) > 0, "they never met"
    said = workers[0].do("messages", thread=ids["thread"])
    assert [text for role, text in said if role == "assistant"] == ["Fine."] * 24
    asked = [text for role, text in said if role == "user"]
    accepted = [f"process {number} {index}" for number, answer in enumerate(answers) for index in range(len(answer["messages"]))]
    assert sorted(asked) == sorted(["First", *accepted])
    for number in range(8):
        own = [text for text in asked if text.startswith(f"process {number} ")]
        assert own == [f"process {number} {index}" for index in range(len(own))]
    # A run's own messages stand between those that were there when it began and those that came when it was over.
    order = (
        "SELECT count(*) FROM items a JOIN items b ON a.run_id <> b.run_id AND a.seq < b.seq JOIN runs x ON x.id = a.run_id JOIN runs y "
    )
    assert postgres.statement(store, order + "ON y.id = b.run_id WHERE x.seq > y.seq") == 0
    assert postgres.statement(store, "SELECT message_count FROM threads") == len(said)
    assert postgres.statement(store, "SELECT count(*) FROM threads WHERE active_run IS NOT NULL") == 0


def test_outputs_are_submitted_to_another_process_than_asked_for_them(process: Start, upstream: OfflineUpstream) -> None:
    upstream.script(FunctionCall("get_weather"), "Sunny it is.")
    first, second, third = process(lease=15), process(lease=15), process(lease=15)
    ids = first.do("ask", text="How is the weather?", tools=[WEATHER])
    run = first.do("poll", thread=ids["thread"], run=first.do("start", **ids))
    assert run["status"] == "requires_action"
    calls = [call["id"] for call in run["required_action"]["submit_tool_outputs"]["tool_calls"]]
    second.do("submit", thread=ids["thread"], run=run["id"], calls=calls)
    assert [each.do("poll", thread=ids["thread"], run=run["id"])["status"] for each in (third, first)] == ["completed"] * 2
    assert first.do("messages", thread=ids["thread"]) == [["user", "How is the weather?"], ["assistant", "Sunny it is."]]


def test_a_killed_process_leaves_its_run_to_another(process: Start, upstream: OfflineUpstream) -> None:
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate), "Four five.")
    first = process()
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("start", **ids)
    gate.wait_reached()
    first.kill()
    gate.open()
    second = process()
    assert second.do("poll", thread=ids["thread"], run=run)["status"] == "completed"
    assert second.do("messages", thread=ids["thread"]) == [["user", "How are you?"], ["assistant", "Four five."]]
    assert len(upstream.requests) == 2


def test_a_process_may_fork_while_it_writes(process: Start, upstream: OfflineUpstream) -> None:
    first = process()
    ids = first.do("ask", text="How are you?", tools=[])
    assert first.do("fork", **ids, rounds=3) == [0] * 3
    texts = [text for _, text in first.do("messages", thread=ids["thread"])]
    assert texts == ["How are you?", *[f"child {number} completed" for number in range(3)], "parent"]
