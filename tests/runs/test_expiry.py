"""A run expires 600 seconds after its creation, whatever it is doing and whether or not anybody asks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.runs.lifecycle import WORKING
from assistants_compat.runs.runtime import Runtime
from assistants_compat.testing import FunctionCall, Gate, OfflineUpstream, Text, Turn
from runs.helpers import PATIENCE, WEATHER, Conversation, Reader, nulls_of_a_terminal

Make = Callable[..., Conversation]


@pytest.fixture
def gate() -> Any:
    """Held before the first word of the answer; opened at the end, so that no thread waits for it."""
    gate = Gate("response.output_text.delta")
    yield gate
    gate.open()


def expired(run: Any) -> None:
    nulls_of_a_terminal(run)
    assert run.status == "expired"
    assert run.completed_at is not None


def test_a_run_that_never_ends_expires_when_somebody_looks(conversation: Make, upstream: OfflineUpstream, clock: Any, gate: Gate) -> None:
    talk = conversation()
    upstream.script(Turn("Too late.", hold=gate))
    run = talk.start()
    assert run.expires_at == run.created_at + 600
    gate.wait_reached()
    clock.advance(599.5)
    assert talk.get(run.id).status == "in_progress"
    clock.advance(0.5)
    run = talk.get(run.id)
    expired(run)
    assert run.completed_at == run.created_at + 600
    gate.open()
    talk.goes_on()
    assert ("assistant", "Too late.") not in talk.messages()


def test_nobody_has_to_look(conversation: Make, runtime: Runtime, upstream: OfflineUpstream, clock: Any, gate: Gate) -> None:
    """The keeper ends it in the store: the run, its step, its message, the lock."""
    talk = conversation()
    upstream.script(Turn(Text("Too late."), hold=gate))
    run = talk.start()
    gate.wait_reached()
    clock.advance(600)
    runtime.keeper.tick(runtime)
    stored = talk.stored(run.id).body
    assert (stored["status"], stored["expires_at"], stored["completed_at"]) == ("expired", None, int(clock.now))
    (step,) = talk.steps(run.id)
    assert step.status == "expired"
    assert step.expired_at == int(clock.now)
    assert step.completed_at is None
    assert talk.client.beta.threads.messages.create(talk.thread.id, role="user", content="Hello?").role == "user"


def test_a_queued_run_expires(conversation: Make, runtime: Runtime, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = conversation()
    monkeypatch.setattr("assistants_compat.runs.drivers.drive", lambda execution: None)
    run = talk.start()
    assert run.status == "queued"
    clock.advance(600)
    runtime.keeper.tick(runtime)
    run = talk.get(run.id)
    expired(run)
    assert run.started_at is None
    monkeypatch.undo()
    talk.goes_on()


def test_a_run_that_waits_for_outputs_expires_too(conversation: Make, runtime: Runtime, upstream: OfflineUpstream, clock: Any) -> None:
    talk = conversation(tools=[WEATHER])
    upstream.script(FunctionCall("get_weather"))
    run = talk.settled(talk.start().id)
    assert run.status == "requires_action"
    clock.advance(600)
    runtime.keeper.tick(runtime)
    assert talk.stored(run.id).status == "expired"
    with pytest.raises(openai.BadRequestError) as refused:
        talk.submit(run)
    assert refused.value.body["message"] == 'Runs in status "expired" do not accept tool outputs.'  # type: ignore[index]
    expired(talk.get(run.id))
    (step,) = talk.steps(run.id)
    assert step.status == "expired"
    talk.goes_on()  # the call without an output is not sent again


def test_a_streams_reader_is_told(conversation: Make, runtime: Runtime, upstream: OfflineUpstream, clock: Any) -> None:
    talk = conversation()
    upstream.script(Turn(Text("One two three", chunks=("One", " two", " three")), hold=(gate := Gate(6))))
    reader = Reader(talk.start(stream=True))
    gate.wait_reached()
    reader.wait_for("thread.message.delta")
    clock.advance(600)
    runtime.keeper.tick(runtime)
    assert reader.finish()[-4:] == ["thread.message.delta", "thread.message.incomplete", "thread.run.step.expired", "thread.run.expired"]
    gate.open()
    message = reader.last("thread.message.incomplete")
    assert message.status == "incomplete"
    assert message.incomplete_details.reason == "run_expired"
    assert message.content[0].text.value == "One two"
    assert message.completed_at is None
    expired(reader.last("thread.run.expired"))
    assert talk.messages() == [("user", "How are you?"), ("assistant", "One two")]
    talk.goes_on()


def test_a_held_poll_is_answered_when_the_run_expires(
    conversation: Make, runtime: Runtime, upstream: OfflineUpstream, clock: Any, gate: Gate
) -> None:
    talk = conversation()
    upstream.script(Turn("Too late.", hold=gate))
    run = talk.start()
    gate.wait_reached()
    polled: list[Any] = []
    poller = threading.Thread(target=lambda: polled.append(talk.runs.poll(run.id, thread_id=talk.thread.id)))
    poller.start()
    clock.advance(600)
    runtime.keeper.tick(runtime)
    poller.join(PATIENCE)
    assert [run.status for run in polled] == ["expired"]


def test_the_time_of_a_run_is_not_prolonged_by_its_outputs(conversation: Make, upstream: OfflineUpstream, clock: Any, gate: Gate) -> None:
    talk = conversation(tools=[WEATHER])
    upstream.script(FunctionCall("get_weather"), Turn("Too late.", hold=gate))
    run = talk.settled(talk.start().id)
    clock.advance(590)
    run = talk.submit(run)
    assert run.expires_at == run.created_at + 600
    gate.wait_reached()
    clock.advance(10)
    run = talk.get(run.id)
    expired(run)
    assert run.usage.total_tokens > 0  # the first call's
    called, message = talk.steps(run.id)
    assert (called.status, message.status) == ("completed", "expired")
    gate.open()
    talk.goes_on()


def test_another_request_on_the_thread_finds_an_expired_run_out_of_its_way(
    conversation: Make, upstream: OfflineUpstream, clock: Any, gate: Gate
) -> None:
    talk = conversation()
    upstream.script(Turn("Too late.", hold=gate))
    run = talk.start()
    gate.wait_reached()
    clock.advance(601)
    talk.client.beta.threads.messages.create(talk.thread.id, role="user", content="Hello?")
    assert talk.stored(run.id).status == "expired"
    assert [run.status for run in talk.runs.list(talk.thread.id)] == ["expired"]


def test_the_thread_of_a_run_that_is_over_is_not_watched_any_more(
    conversation: Make, runtime: Runtime, upstream: OfflineUpstream, clock: Any
) -> None:
    talk = conversation()
    upstream.script("Fine.")
    run = talk.settled(talk.start().id)
    clock.advance(10_000)
    runtime.keeper.tick(runtime)
    assert talk.get(run.id) == run
    assert runtime.executions == {}


def test_outputs_submitted_in_the_last_moment_count(conversation: Make, upstream: OfflineUpstream, clock: Any) -> None:
    talk = conversation(tools=[WEATHER])
    upstream.script(FunctionCall("get_weather"), "Sunny it is.")
    run = talk.settled(talk.start().id)
    clock.advance(599.5)
    run = talk.submit(run)
    assert run.status in WORKING
    assert talk.settled(run.id).status == "completed"
