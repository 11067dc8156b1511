"""What happens to a run in one process is heard in the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.api import over_http
from assistants_compat.runs.runtime import Runtime
from assistants_compat.store import announcements
from assistants_compat.store.postgres import _can_notify
from assistants_compat.testing import Gate, OfflineUpstream, Text, Turn
from stores import Postgres

from .conftest import Other

PATIENCE = 20.0
NEVER = 600.0
"""A lease whose holder shows no sign of life while a test lasts: nothing is found by looking then."""

WORDS = Text("One two three", chunks=("One", " two", " three"))


@pytest.fixture
def gate() -> Any:
    gate = Gate("response.output_text.delta")
    yield gate
    gate.open()


def started(program: Other, upstream: OfflineUpstream, gate: Gate) -> Any:
    """A run that stands still in the middle of its text."""
    beta = program.client.beta
    assistant = beta.assistants.create(model="gpt-6-sol")
    thread = beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
    upstream.script(Turn(WORDS, hold=gate))
    run = beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
    gate.wait_reached()
    return run


def is_let_go(runtime: Runtime, run: Any) -> bool:
    return runtime.moved.wait(lambda: run.id not in runtime.executions, PATIENCE)


def test_a_run_cancelled_elsewhere_is_stopped_at_once(other: Callable[..., Other], upstream: OfflineUpstream, gate: Gate) -> None:
    at_work, elsewhere = other(lease=NEVER), other(lease=NEVER)
    run = started(at_work, upstream, gate)
    execution = at_work.runtime.executions[run.id]
    elsewhere.client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)
    assert is_let_go(at_work.runtime, run)
    assert execution.interrupted.wait(PATIENCE)


def test_so_is_the_run_of_a_thread_that_is_deleted_elsewhere(other: Callable[..., Other], upstream: OfflineUpstream, gate: Gate) -> None:
    at_work, elsewhere = other(lease=NEVER), other(lease=NEVER)
    run = started(at_work, upstream, gate)
    elsewhere.client.beta.threads.delete(run.thread_id)
    assert is_let_go(at_work.runtime, run)


def test_a_stream_of_it_ends(other: Callable[..., Other], upstream: OfflineUpstream, gate: Gate) -> None:
    at_work, elsewhere = other(lease=NEVER), other(lease=NEVER)
    beta = at_work.client.beta
    assistant = beta.assistants.create(model="gpt-6-sol")
    thread = beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
    upstream.script(Turn(WORDS, hold=gate))
    stream = beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id, stream=True)
    run = next(event.data for event in stream if event.event == "thread.run.created")
    gate.wait_reached()
    elsewhere.client.beta.threads.runs.cancel(run.id, thread_id=thread.id)
    assert [event.event for event in stream if event.event != "done"][-1] == "thread.run.cancelled"
    assert is_let_go(at_work.runtime, run)


def test_a_stream_hears_at_once_what_came_of_its_run_elsewhere(other: Callable[..., Other], upstream: OfflineUpstream, gate: Gate) -> None:
    at_work, elsewhere = other(lease=300), other(lease=300, hold=0.0)
    elsewhere.runtime.clock = lambda: time.time() + 301  # sees no sign of life
    beta = at_work.client.beta
    assistant = beta.assistants.create(model="gpt-6-sol")
    thread = beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
    upstream.script(Turn(WORDS, hold=gate), WORDS)
    stream = beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id, stream=True)
    run = next(event.data for event in stream if event.event == "thread.run.created")
    gate.wait_reached()
    assert at_work.runtime.elsewhere.connected.wait(PATIENCE)
    elsewhere.client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)
    told = [event for event in stream if event.event != "done"]
    assert told[-1].event == "thread.run.completed"
    (message,) = elsewhere.client.beta.threads.messages.list(thread.id, run_id=run.id).data
    assert [event.data.id for event in told if event.event == "thread.message.completed"] == [message.id]


def test_a_held_poll_is_woken(other: Callable[..., Other], upstream: OfflineUpstream, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(over_http, "LONGEST_LOOK", NEVER)
    at_work, elsewhere = other(), other(hold=NEVER)
    run = started(at_work, upstream, gate)
    polled: list[Any] = []
    poller = threading.Thread(target=lambda: polled.append(elsewhere.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)))
    poller.start()
    assert elsewhere.runtime.elsewhere.connected.wait(PATIENCE)
    gate.open()
    poller.join(PATIENCE)
    assert [each.status for each in polled] == ["completed"]


@pytest.mark.parametrize("silent", [{"listen": "off"}, {"transaction_pooling": True}], ids=["off", "pooled"])
def test_where_nothing_is_heard_it_is_looked(other: Callable[..., Other], upstream: OfflineUpstream, gate: Gate, silent: Any) -> None:
    at_work, elsewhere = other(lease=0.5, **silent), other(lease=0.5, **silent)
    run = started(at_work, upstream, gate)
    elsewhere.client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)
    assert is_let_go(at_work.runtime, run)
    assert at_work.runtime.elsewhere._thread is None


def test_where_the_database_does_not_know_the_word_it_is_looked(
    other: Callable[..., Other], upstream: OfflineUpstream, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "CHANNEL", "is no word of any language")
    at_work, elsewhere = other(lease=0.5), other(lease=0.5)
    run = started(at_work, upstream, gate)
    elsewhere.client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)
    assert is_let_go(at_work.runtime, run)
    assert elsewhere.client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id).status == "cancelled"


@pytest.mark.parametrize(
    ("version", "can"),
    [
        ("PostgreSQL 18.1 on x86_64-pc-linux-gnu, compiled by gcc", True),
        ("PostgreSQL 15.2-YB-2025.1.0.0-b0 on x86_64-pc-linux-gnu", False),
        ("CockroachDB CCL v25.2.0 (x86_64-pc-linux-gnu)", False),
    ],
)
def test_a_distributed_database_is_known_by_its_version(version: str, can: bool) -> None:
    assert _can_notify(version) is can


def test_a_url_of_its_own_leads_past_a_pooler(other: Callable[..., Other], upstream: OfflineUpstream, gate: Gate, store: str) -> None:
    at_work = other(lease=NEVER, transaction_pooling=True, listen=store)
    elsewhere = other(lease=NEVER, transaction_pooling=True)
    run = started(at_work, upstream, gate)
    elsewhere.client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)
    assert is_let_go(at_work.runtime, run)


def test_a_listener_that_was_cut_off_listens_again(
    other: Callable[..., Other], upstream: OfflineUpstream, gate: Gate, postgres: Postgres, store: str, caplog: pytest.LogCaptureFixture
) -> None:
    at_work, elsewhere = other(lease=3), other(lease=NEVER)
    run = started(at_work, upstream, gate)
    assert at_work.runtime.elsewhere.connected.wait(PATIENCE)
    postgres.end_sessions(store)
    elsewhere.client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)
    assert is_let_go(at_work.runtime, run)


def test_a_process_that_does_nothing_has_no_listener(client: openai.OpenAI, runtime: Runtime) -> None:
    thread = client.beta.threads.create()
    client.beta.threads.messages.create(thread.id, role="user", content="Hello")
    assert runtime.elsewhere._thread is None
