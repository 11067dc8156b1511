"""Cancelling a run, in every state: it answers `cancelling`, and whoever looks again finds it cancelled and the thread free."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.runs.runtime import Runtime
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import Failed, FunctionCall, Gate, HttpError, OfflineUpstream, Reasoning, Text, Turn
from runs.helpers import PATIENCE, WEATHER, Conversation, Reader, nulls_of_a_terminal

Make = Callable[..., Conversation]

WORDS = Text("One two three", chunks=("One", " two", " three"))


@pytest.fixture
def gate() -> Any:
    """Held after two words of WORDS; opened at the end, so that no thread waits for it."""
    gate = Gate(6)
    yield gate
    gate.open()


def cancelled(run: Any) -> None:
    nulls_of_a_terminal(run)
    assert run.status == "cancelled"
    assert run.cancelled_at is not None


def worker_of(run_id: str) -> threading.Thread:
    """The thread that executes a run."""
    (worker,) = [thread for thread in threading.enumerate() if thread.name == f"assistants-compat-{run_id}"]
    return worker


def test_a_queued_run(conversation: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = conversation()
    monkeypatch.setattr("assistants_compat.runs.drivers.drive", lambda execution: None)
    run = talk.start()
    assert run.status == "queued"
    answer = talk.cancel(run.id)
    assert (answer.status, answer.cancelled_at, answer.expires_at) == ("cancelling", None, run.expires_at)
    run = talk.get(run.id)
    cancelled(run)
    assert run.started_at is None
    monkeypatch.undo()
    talk.goes_on()


def test_a_run_at_work(conversation: Make, upstream: OfflineUpstream, gate: Gate) -> None:
    talk = conversation()
    upstream.script(Turn(WORDS, hold=gate))
    run = talk.start()
    gate.wait_reached()
    assert talk.cancel(run.id).status == "cancelling"
    cancelled(talk.get(run.id))
    (step,) = talk.steps(run.id)
    assert step.status == "cancelled"
    assert step.cancelled_at is not None
    assert step.usage is None
    talk.goes_on()
    assert len(upstream.requests) == 2
    gate.open()
    assert talk.runtime.moved.wait(lambda: not talk.runtime.executions, PATIENCE)
    cancelled(talk.get(run.id))


@pytest.mark.anyio
async def test_a_run_at_work_in_an_event_loop(
    async_client: openai.AsyncOpenAI, upstream: OfflineUpstream, runtime: Runtime, gate: Gate
) -> None:
    threads = async_client.beta.threads
    assistant = await async_client.beta.assistants.create(model="gpt-4o")
    thread = await threads.create(messages=[{"role": "user", "content": "Hi"}])
    upstream.script(Turn(WORDS, hold=gate), "And on it goes.")
    run = await threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
    await gate.wait_reached_async()
    assert (await threads.runs.cancel(run.id, thread_id=thread.id)).status == "cancelling"
    cancelled(await threads.runs.retrieve(run.id, thread_id=thread.id))
    run = await threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.status == "completed"
    assert runtime.executions == {}


def test_a_run_that_waits_for_outputs(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation(tools=[WEATHER])
    upstream.script(Turn(Reasoning(), "Let me see.", FunctionCall("get_weather")))
    waiting = talk.settled(talk.start().id)
    answer = talk.cancel(waiting.id)
    assert (answer.status, answer.required_action) == ("cancelling", None)
    run = talk.get(waiting.id)
    cancelled(run)
    assert run.usage.total_tokens > 0
    said, called = talk.steps(run.id)
    assert (said.status, called.status) == ("completed", "cancelled")
    assert called.usage.total_tokens > 0
    with pytest.raises(openai.BadRequestError, match='Runs in status "cancelled" do not accept tool outputs'):
        talk.submit(waiting)
    talk.goes_on()  # what was said stays, the call without an output is not sent again
    assert ("assistant", "Let me see.") in talk.messages()


def _completed(talk: Conversation) -> Any:
    talk.upstream.script("Fine.")
    return talk.settled(talk.start().id)


def _failed(talk: Conversation) -> Any:
    talk.upstream.script(HttpError(400, "No."))
    return talk.settled(talk.start().id)


def _incomplete(talk: Conversation) -> Any:
    talk.upstream.script(Text("Fine, but", incomplete=True))
    return talk.settled(talk.start().id)


def _cancelled(talk: Conversation) -> Any:
    talk.upstream.script(FunctionCall("get_weather"))
    run = talk.settled(talk.start().id)
    talk.cancel(run.id)
    return talk.get(run.id)


def _expired(talk: Conversation) -> Any:
    talk.upstream.script(FunctionCall("get_weather"))
    run = talk.settled(talk.start().id)
    talk.runtime.clock.advance(600)  # type: ignore[attr-defined]
    return talk.get(run.id)


@pytest.mark.parametrize("end", [_completed, _failed, _incomplete, _cancelled, _expired])
def test_a_run_that_is_over_cannot_be_cancelled(conversation: Make, clock: Any, end: Callable[[Conversation], Any]) -> None:
    talk = conversation(tools=[WEATHER])
    run = end(talk)
    assert f"_{run.status}" == end.__name__
    with pytest.raises(openai.BadRequestError) as refused:
        talk.cancel(run.id)
    assert refused.value.body == {
        "message": f"Cannot cancel run with status '{run.status}'.", "type": "invalid_request_error", "param": None, "code": None,
    }  # fmt: skip
    assert talk.get(run.id) == run


def test_a_run_that_is_not_there_cannot_be_cancelled(conversation: Make) -> None:
    talk = conversation()
    with pytest.raises(openai.NotFoundError, match="No run found with id 'run_nowhere'"):
        talk.cancel("run_nowhere")


def test_a_streams_reader_sees_it_to_the_end(conversation: Make, upstream: OfflineUpstream, gate: Gate) -> None:
    talk = conversation()
    upstream.script(Turn(WORDS, hold=gate))
    reader = Reader(talk.start(stream=True))
    gate.wait_reached()
    reader.wait_for("thread.message.delta")
    run_id = reader.run_id
    assert talk.cancel(run_id).status == "cancelling"
    assert reader.finish()[-6:] == [
        "thread.message.delta", "thread.message.delta",
        "thread.run.cancelling", "thread.message.incomplete", "thread.run.step.cancelled", "thread.run.cancelled",
    ]  # fmt: skip
    assert reader.last("thread.run.cancelling").status == "cancelling"
    cancelled(reader.last("thread.run.cancelled"))
    message = reader.last("thread.message.incomplete")
    assert message.incomplete_details.reason == "run_cancelled"
    assert message.content[0].text.value == "One two"
    assert message.incomplete_at is not None
    assert talk.messages() == [("user", "How are you?"), ("assistant", "One two")]
    talk.goes_on()
    assert [item["content"][0]["text"] for item in upstream.requests[-1].body["input"]] == ["How are you?", "One two", "And now?"]


def test_text_that_is_complete_but_for_the_end_of_the_call_is_kept(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation()
    gate = Gate("response.completed")
    upstream.script(Turn(WORDS, hold=gate))
    run = talk.start()
    gate.wait_reached()
    talk.cancel(run.id)
    gate.open()
    assert talk.messages() == [("user", "How are you?"), ("assistant", "One two three")]
    talk.goes_on()


def test_a_message_without_a_word_is_not_listed(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation(model="gpt-6-sol")
    gate = Gate("response.output_text.delta")
    upstream.script(Turn(Reasoning(), WORDS, hold=gate))
    reader = Reader(talk.start(stream=True))
    gate.wait_reached()
    run_id = reader.run_id
    talk.cancel(run_id)
    assert "thread.message.incomplete" in reader.finish()
    gate.open()
    assert talk.messages() == [("user", "How are you?")]
    (stored,) = talk.raw_messages(run_id)
    assert (stored["status"], stored["content"], stored["incomplete_details"]) == ("incomplete", [], {"reason": "run_cancelled"})
    talk.goes_on()


def test_what_was_said_before_the_last_message_stays_complete(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation()
    gate = Gate(11)
    upstream.script(Turn(Text("First.", chunks=("First.",)), Text("Then more", chunks=("Then", " more")), hold=gate))
    run = talk.start()
    gate.wait_reached()
    talk.cancel(run.id)
    gate.open()
    first, second = talk.raw_messages(run.id)
    assert (first["status"], second["status"]) == ("completed", "incomplete")
    assert talk.messages()[1:] == [("assistant", "First."), ("assistant", "Then")]
    assert [step.status for step in talk.steps(run.id)] == ["completed", "cancelled"]
    talk.goes_on()


def test_it_wakes_a_held_poll(conversation: Make, upstream: OfflineUpstream, gate: Gate) -> None:
    talk = conversation()
    upstream.script(Turn(WORDS, hold=gate))
    run = talk.start()
    gate.wait_reached()
    polled: list[Any] = []
    poller = threading.Thread(target=lambda: polled.append(talk.runs.poll(run.id, thread_id=talk.thread.id)))
    poller.start()
    talk.cancel(run.id)
    poller.join(PATIENCE)
    assert [run.status for run in polled] == ["cancelled"]


def test_it_ends_a_wait_between_two_attempts(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation()
    gate = Gate("request")
    upstream.script(HttpError(429, "Slow down.", headers={"retry-after": "60"}, hold=gate))
    run = talk.start()
    gate.wait_reached()
    worker = worker_of(run.id)
    gate.open()
    talk.cancel(run.id)
    worker.join(PATIENCE)
    assert not worker.is_alive()
    cancelled(talk.get(run.id))
    talk.goes_on()


def test_the_connection_to_the_model_is_dropped(settings: Settings, runtime: Runtime) -> None:
    """A model that nobody listens to stops writing; here its server finds the socket closed, and the thread has ended."""
    upstream = OfflineUpstream()
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate))
    with upstream.serve() as base_url, openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as client:
        attach(client, settings)
        talk = Conversation(client, upstream, runtime)
        reader = Reader(talk.start(stream=True))
        gate.wait_reached()
        run_id = reader.run_id
        worker = worker_of(run_id)
        talk.cancel(run_id)
        assert reader.finish()[-1] == "thread.run.cancelled"
        worker.join(PATIENCE)  # the gate is closed still: nothing but the cancel can have woken it
        assert not worker.is_alive()
        assert not gate._opened.is_raised()
        gate.open()
        talk.goes_on()


def test_deleting_the_thread_ends_the_run_and_its_stream(conversation: Make, upstream: OfflineUpstream, gate: Gate) -> None:
    talk = conversation()
    upstream.script(Turn(WORDS, hold=gate))
    reader = Reader(talk.start(stream=True))
    gate.wait_reached()
    run_id = reader.run_id
    talk.client.beta.threads.delete(talk.thread.id)
    assert not {"thread.run.completed", "thread.run.failed", "thread.run.cancelled"} & set(reader.finish())
    gate.open()
    assert talk.runtime.moved.wait(lambda: not talk.runtime.executions, PATIENCE)
    with pytest.raises(openai.NotFoundError, match="No thread found"):
        talk.get(run_id)
    with talk.runtime.database.read() as connection:
        for table in ("items", "runs", "steps"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0  # noqa: S608


# -- races: the run's own thread and the keeper come between the two halves of a cancellation


def between_the_halves(talk: Conversation, run_id: str, act: Callable[[], None]) -> None:
    """Do `act` when `cancelling` has been committed and told, before anything else happens."""
    channel = talk.runtime.executions[run_id].channel
    assert channel is not None
    real = channel.send

    def send(events: list[bytes]) -> None:
        real(events)
        if any(b"thread.run.cancelling" in event for event in events):
            act()

    channel.send = send  # type: ignore[method-assign]


def test_the_runs_own_thread_does_not_cut_the_stream_short(conversation: Make, upstream: OfflineUpstream, gate: Gate) -> None:
    """The next thing the upstream says comes between `cancelling` and `cancelled`."""
    talk = conversation()
    upstream.script(Turn(WORDS, Text("More"), hold=gate))
    reader = Reader(talk.start(stream=True))
    gate.wait_reached()
    run_id = reader.run_id
    worker = worker_of(run_id)

    def speak() -> None:
        gate.open()
        reader.wait_for("thread.message.delta", 3)
        worker.join(0.3)  # its next word to the store is refused, unless it has to wait for this very thread

    between_the_halves(talk, run_id, speak)
    talk.cancel(run_id)
    names = reader.finish()
    after = names[names.index("thread.run.cancelling") + 1 :]
    assert after == ["thread.message.delta", "thread.message.incomplete", "thread.run.step.cancelled", "thread.run.cancelled"]
    assert talk.messages()[1:] == [("assistant", "One two three")]  # all of it, though its end could not be written any more
    talk.goes_on()


def test_the_keeper_does_not_cut_the_stream_short(conversation: Make, upstream: OfflineUpstream, gate: Gate) -> None:
    talk = conversation()
    upstream.script(Turn(WORDS, hold=gate))
    reader = Reader(talk.start(stream=True))
    gate.wait_reached()
    reader.wait_for("thread.message.delta")
    run_id = reader.run_id
    between_the_halves(talk, run_id, lambda: talk.runtime.keeper.tick(talk.runtime))
    talk.cancel(run_id)
    assert reader.finish()[-4:] == [
        "thread.run.cancelling",
        "thread.message.incomplete",
        "thread.run.step.cancelled",
        "thread.run.cancelled",
    ]
    assert talk.messages()[1] == ("assistant", "One two")


def test_a_run_left_half_cancelled_is_ended_by_its_keeper(conversation: Make, upstream: OfflineUpstream, clock: Any, gate: Gate) -> None:
    """The process that cancelled it has died between `cancelling` and `cancelled`."""
    from assistants_compat.runs.lifecycle import move
    from assistants_compat.store import runs

    talk = conversation()
    upstream.script(Turn(WORDS, hold=gate))
    reader = Reader(talk.start(stream=True))
    gate.wait_reached()
    reader.wait_for("thread.message.delta")
    run_id = reader.run_id
    with talk.runtime.database.write() as connection:
        runs.replace(connection, move(talk.stored(run_id).body, "cancelling", int(clock.now)))
    talk.runtime.keeper.tick(talk.runtime)
    assert talk.stored(run_id).status == "cancelling"
    clock.advance(talk.runtime.settings.lease + 1)
    talk.runtime.keeper.tick(talk.runtime)
    assert reader.finish()[-3:] == ["thread.message.incomplete", "thread.run.step.cancelled", "thread.run.cancelled"]
    assert talk.stored(run_id).status == "cancelled"
    talk.goes_on()


def test_a_run_that_fails_as_it_is_cancelled_is_cancelled(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation()
    gate = Gate("request")
    upstream.script(lambda body: HttpError(400, "No.", hold=gate))
    run = talk.start()
    gate.wait_reached()
    talk.cancel(run.id)
    gate.open()
    assert talk.runtime.moved.wait(lambda: not talk.runtime.executions, PATIENCE)
    cancelled(talk.get(run.id))
    talk.goes_on()


def test_a_response_that_fails_after_the_run_was_cancelled_changes_nothing(
    conversation: Make, upstream: OfflineUpstream, gate: Gate
) -> None:
    talk = conversation()
    upstream.script(Turn(WORDS, hold=gate), Failed("server_error", "No."))
    run = talk.start()
    gate.wait_reached()
    talk.cancel(run.id)
    before = talk.get(run.id)
    gate.open()
    assert talk.runtime.moved.wait(lambda: not talk.runtime.executions, PATIENCE)
    assert talk.get(run.id) == before
