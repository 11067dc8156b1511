"""A run is ended while its response is being made: the response is stopped too, by whoever ends the run, and deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.runs.runtime import Runtime
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import FunctionCall, Gate, HttpError, OfflineUpstream, Text, Turn, Unreachable
from runs.helpers import PATIENCE, WEATHER, Conversation

Make = Callable[..., Conversation]
Told = Callable[[], list[str]]

WORDS = Text("One two three", chunks=("One", " two", " three"))


class Speaking:
    """A run in the middle of its answer."""

    def __init__(self, talk: Conversation, upstream: OfflineUpstream) -> None:
        gate = Gate(6)
        upstream.script(Turn(WORDS, hold=gate))
        self.talk = talk
        self.stream = iter(talk.start(stream=True))
        self.run = next(self.stream).data
        while next(self.stream).event != "thread.message.delta":
            pass

    def rest(self) -> list[str]:
        return [event.event for event in self.stream]


@pytest.fixture
def speaking(conversation: Make, upstream: OfflineUpstream) -> Callable[[], Speaking]:
    return lambda: Speaking(conversation(), upstream)


def told_of(upstream: OfflineUpstream) -> list[str]:
    """What the upstream was told about responses."""
    calls = [call for call in upstream.calls if "/responses/" in call.path]
    return ["cancel" if call.path.endswith("/cancel") else call.method for call in calls]


def test_a_cancelled_run_costs_nothing_more_when_the_program_has_its_answer(
    speaking: Callable[[], Speaking], upstream: OfflineUpstream
) -> None:
    it = speaking()
    assert it.talk.cancel(it.run.id).status == "cancelling"
    assert told_of(upstream) == ["cancel", "DELETE"]
    assert it.talk.get(it.run.id).status == "cancelled"
    assert it.rest()[-1] == "thread.run.cancelled"


def test_it_is_told_once(speaking: Callable[[], Speaking], told: Told) -> None:
    it = speaking()
    it.talk.cancel(it.run.id)
    with pytest.raises(openai.BadRequestError):
        it.talk.cancel(it.run.id)
    it.rest()
    assert told() == ["cancel", "DELETE"]


def test_a_run_that_waits_for_outputs_has_nothing_to_stop(conversation: Make, upstream: OfflineUpstream, told: Told) -> None:
    talk = conversation(tools=[WEATHER])
    upstream.script(FunctionCall("get_weather"))
    run = talk.settled(talk.start().id)
    talk.cancel(run.id)
    assert told() == ["DELETE"]


@pytest.mark.parametrize("fault", [HttpError(500, "Not now."), Unreachable()])
def test_a_failure_to_stop_it_is_told_and_nothing_else(
    speaking: Callable[[], Speaking], upstream: OfflineUpstream, caplog: Any, fault: Any
) -> None:
    it = speaking()
    upstream.fail("POST /responses/*/cancel", fault)
    assert it.talk.cancel(it.run.id).status == "cancelling"
    assert it.talk.get(it.run.id).status == "cancelled"
    assert "could not be cancelled upstream: " in caplog.text


def test_a_run_that_has_expired_is_stopped_by_who_finds_it(speaking: Callable[[], Speaking], clock: Any, told: Told) -> None:
    it = speaking()
    clock.advance(600)
    assert it.talk.get(it.run.id).status == "expired"
    assert told() == ["cancel", "DELETE"]
    assert it.rest()[-1] == "thread.run.expired"


def test_a_run_that_has_expired_is_stopped_by_its_keeper(
    upstream: OfflineUpstream, settings: Settings, runtime: Runtime, clock: Any
) -> None:
    """Over a real connection, which is the only kind that can be hung up from another thread."""
    with upstream.serve() as base_url, openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as client:
        attach(client, settings)
        it = Speaking(Conversation(client, upstream, runtime), upstream)
        clock.advance(600)
        runtime.keeper.tick(runtime)
        assert it.rest()[-1] == "thread.run.expired"
        noted = lambda: it.talk.stored(it.run.id).progress["response"]  # noqa: E731
        assert runtime.moved.wait(lambda: noted() is None, PATIENCE)
        assert runtime.moved.wait(lambda: len(told_of(upstream)) == 2, PATIENCE)
    assert told_of(upstream) == ["cancel", "DELETE"]


def test_a_deleted_threads_run_is_stopped(speaking: Callable[[], Speaking], told: Told) -> None:
    it = speaking()
    assert it.talk.client.beta.threads.delete(it.talk.thread.id).deleted
    assert told() == ["cancel", "DELETE"]
    it.rest()


def test_another_process_stops_what_this_one_executes(
    speaking: Callable[[], Speaking], runtime: Runtime, told: Told, noted: Callable[[Any], Any]
) -> None:
    """Here, this process as another sees it: whoever ends the run takes the response's id out of the store, and sees to it."""
    it = speaking()
    execution = runtime.executions.pop(it.run.id)
    it.talk.cancel(it.run.id)
    assert noted(it.run) is None
    runtime.executions[it.run.id] = execution
    runtime.keeper.tick(runtime)
    assert it.rest() == ["thread.message.incomplete", "thread.run.step.cancelled", "thread.run.cancelled"]
    assert told() == ["cancel", "DELETE"]


def test_in_a_task_that_ends_at_once(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream) -> None:
    gate = Gate()
    upstream.script(Turn(WORDS, hold=gate))

    async def program() -> None:
        assistant = await async_client.beta.assistants.create(model="gpt-4o")
        thread: Any = {"messages": [{"role": "user", "content": "Hi"}]}
        run = await async_client.beta.threads.create_and_run(assistant_id=assistant.id, thread=thread)
        await gate.wait_reached_async()
        await async_client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)

    asyncio.run(program())
    assert [call.method for call in upstream.calls] == ["POST", "POST", "DELETE"]
    assert upstream.calls[1].path.endswith("/cancel")
