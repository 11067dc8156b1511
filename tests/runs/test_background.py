"""A run belongs to the store, not to whoever started or reads it: it goes on without them, and is finished once."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import openai
import pytest
import trio

from assistants_compat.runs import drivers
from assistants_compat.runs.runtime import Runtime, runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import FunctionCall, Gate, HttpError, OfflineUpstream, Text, Turn
from clients import sdk_family
from runs.helpers import PATIENCE, WEATHER, Conversation, Reader

Make = Callable[..., Conversation]

WORDS = Text("One two three", chunks=("One", " two", " three"))


@pytest.fixture
def gate() -> Any:
    gate = Gate(6)
    yield gate
    gate.open()


def test_a_run_that_nobody_waits_for_completes(conversation: Make, runtime: Runtime) -> None:
    talk = conversation()
    run = talk.start()
    assert run.status == "queued"
    assert runtime.moved.wait(lambda: talk.stored(run.id).status == "completed", PATIENCE)


def test_closing_the_stream_early_leaves_the_run_at_work(conversation: Make, upstream: OfflineUpstream, gate: Gate) -> None:
    talk = conversation()
    upstream.script(Turn(WORDS, hold=gate))
    stream = talk.start(stream=True)
    run_id = next(iter(stream)).data.id
    gate.wait_reached()
    stream.close()
    gate.open()
    assert talk.settled(run_id).status == "completed"
    assert talk.messages()[-1] == ("assistant", "One two three")
    assert len(upstream.requests) == 1


def test_leaving_the_stream_without_a_word_does_too(conversation: Make, upstream: OfflineUpstream, gate: Gate) -> None:
    talk = conversation()
    upstream.script(Turn(WORDS, hold=gate))
    with talk.runs.stream(thread_id=talk.thread.id, assistant_id=talk.assistant.id) as stream:
        for event in stream:
            if event.event == "thread.message.delta":
                break
    gate.wait_reached()
    (run,) = talk.runs.list(talk.thread.id)
    assert run.status == "in_progress"
    gate.open()
    assert talk.settled(run.id).status == "completed"


def test_a_stream_that_nobody_ever_reads_keeps_nobody(conversation: Make) -> None:
    talk = conversation()
    stream = talk.start(stream=True)
    assert talk.runtime.moved.wait(lambda: not talk.runtime.executions, PATIENCE)
    (run,) = talk.runs.list(talk.thread.id)
    assert run.status == "completed"
    stream.close()


def test_a_stream_read_again_has_nothing_more_to_say(conversation: Make, upstream: OfflineUpstream) -> None:
    """Some SDKs ask once more after `[DONE]`: that must not start the run again."""
    talk = conversation()
    response = talk.start(stream=True).response
    first = b"".join(response.iter_raw())
    assert first.endswith(b"event: done\ndata: [DONE]\n\n")
    assert b"".join(response.stream) == b""
    assert b"".join(response.stream) == b""
    assert len(upstream.requests) == 1


@pytest.mark.anyio
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the SDK leaves generators to trio
async def test_an_async_stream_read_again_has_nothing_more_to_say(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream) -> None:
    assistant = await async_client.beta.assistants.create(model="gpt-4o", instructions="Be brief.")
    thread = await async_client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
    stream = await async_client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id, stream=True)
    assert [event.event async for event in stream][-1] == "thread.run.completed"
    assert [chunk async for chunk in stream.response.stream] == []  # type: ignore[union-attr]
    assert len(upstream.requests) == 1


def client_of(base_url: str, settings: Settings) -> openai.OpenAI:
    client = openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0)
    attach(client, settings)
    return client


@pytest.mark.parametrize("streaming", [False, True])
def test_a_client_that_is_closed_leaves_its_run_to_the_next(settings: Settings, runtime: Runtime, gate: Gate, streaming: bool) -> None:
    upstream = OfflineUpstream()
    upstream.script(Turn(WORDS, hold=gate), "Four five.")
    with upstream.serve() as base_url:
        client = client_of(base_url, settings)
        talk = Conversation(client, upstream, runtime)
        if streaming:
            reader = Reader(talk.start(stream=True))
            run_id = reader.run_id
        else:
            run_id = talk.start().id
        gate.wait_reached()
        client.close()
        runtime.keeper.tick(runtime)
        assert runtime.executions == {}
        assert talk.stored(run_id).lease_until == 0.0
        with client_of(base_url, settings) as second:
            run = second.beta.threads.runs.poll(run_id, thread_id=talk.thread.id)
            assert run.status == "completed"
            gate.open()  # the first answer comes after all, to nobody
            talk.client = second
            assert talk.messages()[1:] == [("assistant", "Four five.")]
            assert len(talk.steps(run_id)) == 1
            assert len(upstream.requests) == 2
            if streaming:
                assert "thread.run.completed" not in reader.finish()


def test_a_client_closed_between_two_attempts_leaves_its_run_too(conversation: Make, runtime: Runtime, upstream: OfflineUpstream) -> None:
    talk = conversation()
    first = Gate("request")
    upstream.script(HttpError(500, "Oops.", headers={"retry-after-ms": "1"}, hold=first), "All is well.")
    run = talk.start()
    first.wait_reached()
    talk.client.close()
    first.open()
    assert runtime.moved.wait(lambda: not runtime.executions, PATIENCE)
    assert talk.stored(run.id).lease_until == 0.0
    assert len(upstream.requests) == 1


Loop = Callable[[Callable[..., Any], Any], Any]


def _asyncio_run(work: Callable[..., Any], *arguments: Any) -> Any:
    return asyncio.run(work(*arguments))


def _loop_closed_under_its_tasks(work: Callable[..., Any], *arguments: Any) -> Any:
    loop = asyncio.new_event_loop()
    result = loop.run_until_complete(work(*arguments))
    loop.close()
    return result


async def _start(upstream: OfflineUpstream, settings: Settings, gate: Gate) -> tuple[str, str]:
    family = sdk_family()
    http_client = family.AsyncClient(transport=upstream.async_transport(family.__name__))
    client = openai.AsyncOpenAI(api_key="sk-test", max_retries=0, http_client=http_client)
    attach(client, settings)
    assistant = await client.beta.assistants.create(model="gpt-4o")
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": "How are you?"}])
    run = await client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
    await gate.wait_reached_async()
    return thread.id, run.id


@pytest.mark.parametrize("run_in_loop", [_asyncio_run, trio.run, _loop_closed_under_its_tasks])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_event_loop_that_ends_leaves_its_run_to_the_next(
    client: openai.OpenAI, upstream: OfflineUpstream, settings: Settings, runtime: Runtime, gate: Gate, run_in_loop: Loop
) -> None:
    upstream.script(Turn(WORDS, hold=gate), "Four five.")
    thread_id, run_id = run_in_loop(_start, upstream, settings, gate)  # type: ignore[call-arg]
    runtime.keeper.tick(runtime)
    assert runtime.executions == {}
    with suppress(RuntimeError):  # nobody is left to be told
        gate.open()
    run = client.beta.threads.runs.poll(run_id, thread_id=thread_id)
    assert run.status == "completed"
    listed = client.beta.threads.messages.list(thread_id, order="asc")
    assert [message.content[0].text.value for message in listed] == ["How are you?", "Four five."]  # type: ignore[union-attr]
    assert len(list(client.beta.threads.runs.steps.list(run_id, thread_id=thread_id))) == 1
    assert len(upstream.requests) == 2
    drivers._tasks.clear()
    gc.collect()


# -- two executions of one run


def test_a_run_taken_over_while_its_first_process_still_lives_is_finished_once(
    conversation: Make, settings: Settings, upstream: OfflineUpstream, clock: Any, gate: Gate
) -> None:
    """A process that was stopped for longer than its lease wakes up and finds its work done."""
    talk = conversation()
    upstream.script(Turn(WORDS, hold=gate), "Four five.")
    reader = Reader(talk.start(stream=True))
    gate.wait_reached()
    clock.advance(talk.runtime.settings.lease + 1)
    others = Settings(store=settings.store, hold=19)
    runtime_for(others).clock = clock
    second = talk.client.with_options(base_url="https://second.test/v1")
    attach(second, others)
    run = second.beta.threads.runs.poll(reader.run_id, thread_id=talk.thread.id)
    assert run.status == "completed"
    gate.open()
    assert reader.finish()[-1] == "thread.run.completed"
    assert reader.last("thread.run.completed").usage == run.usage
    assert talk.messages()[1:] == [("assistant", "Four five.")]
    assert [step.status for step in talk.steps(run.id)] == ["completed"]
    assert len(upstream.requests) == 2
    talk.goes_on()


def test_a_process_that_slept_goes_on_with_its_own_work(conversation: Make, upstream: OfflineUpstream, clock: Any, gate: Gate) -> None:
    """Nobody else was there: the model's answer is not paid for twice, and the stream goes on."""
    talk = conversation()
    upstream.script(Turn(WORDS, hold=gate))
    reader = Reader(talk.start(stream=True))
    gate.wait_reached()
    clock.advance(talk.runtime.settings.lease + 1)
    assert talk.get(reader.run_id).status == "in_progress"
    gate.open()
    assert reader.finish()[-1] == "thread.run.completed"
    assert len(upstream.requests) == 1


def test_of_many_who_look_at_once_one_takes_the_run_over(conversation: Make, upstream: OfflineUpstream, clock: Any, gate: Gate) -> None:
    talk = conversation()
    upstream.script(Turn(WORDS, hold=gate), *["Four five."] * 8)
    run = talk.start()
    gate.wait_reached()
    talk.runtime.executions[run.id].release()
    barrier = threading.Barrier(8)

    def look() -> None:
        barrier.wait(PATIENCE)
        talk.get(run.id)

    lookers = [threading.Thread(target=look, daemon=True) for _ in range(8)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join(PATIENCE)
    gate.open()
    assert talk.settled(run.id).status == "completed"
    assert len(upstream.requests) == 2
    assert talk.messages()[1:] == [("assistant", "Four five.")]


def test_a_run_that_processes_die_of_is_given_up(conversation: Make, upstream: OfflineUpstream, clock: Any) -> None:
    talk = conversation()
    gates = [Gate("request") for _ in range(3)]
    upstream.script(*[Turn("Never.", hold=gate) for gate in gates])
    run = talk.start()
    for gate in gates:
        gate.wait_reached()
        talk.runtime.executions.clear()  # as far as the store can tell, the process has died
        clock.advance(talk.runtime.settings.lease + 1)
        talk.client.beta.threads.runs.list(talk.thread.id)
    run = talk.get(run.id)
    assert (run.status, run.last_error.to_dict()) == ("failed", {"code": "server_error", "message": "Sorry, something went wrong."})
    for gate in gates:
        gate.open()
    assert len(upstream.requests) == 3
    talk.goes_on()


def test_a_leg_that_ends_late_does_not_take_the_next_one_for_its_own(conversation: Make, upstream: OfflineUpstream) -> None:
    """Outputs may be submitted while the first leg's thread is still telling its stream."""
    talk = conversation(tools=[WEATHER])
    first, second = Gate("response.completed"), Gate("response.output_text.delta")
    upstream.script(Turn(FunctionCall("get_weather"), hold=first), Turn("Sunny it is.", hold=second))
    run = talk.start()
    first.wait_reached()
    late = talk.runtime.executions[run.id]
    first.open()
    talk.submit(talk.settled(run.id))
    second.wait_reached()
    late._end_channel([])
    assert talk.runtime.executions[run.id].owner == talk.stored(run.id).lease_owner
    second.open()
    assert talk.settled(run.id).status == "completed"
