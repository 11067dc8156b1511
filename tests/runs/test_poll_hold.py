"""A poll helper's GET is held until the run moves: `create_and_poll` costs one request and no waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import openai
import pytest

from assistants_compat.runs.runtime import Runtime, runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import FunctionCall, Gate, OfflineUpstream, Turn
from clients import sdk_family
from runs.helpers import PATIENCE, WEATHER, Conversation

Make = Callable[..., Conversation]


@pytest.fixture
def gate() -> Any:
    gate = Gate("response.output_text.delta")
    yield gate
    gate.open()


@pytest.fixture
def gets(client: openai.OpenAI) -> list[Any]:
    """The responses to the GETs of a run."""
    seen: list[Any] = []
    client._client.event_hooks["response"].append(
        lambda response: seen.append(response) if response.request.method == "GET" and "/runs/run_" in response.request.url.path else None
    )
    return seen


def in_thread(work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(work()), daemon=True)
    thread.start()
    return thread, results


def waiting_since(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once somebody waits for a run to move."""
    waits = threading.Event()
    real = runtime.moved.wait

    def wait(ready: Callable[[], bool], timeout: float | None) -> bool:
        waits.set()
        return real(ready, timeout)

    monkeypatch.setattr(runtime.moved, "wait", wait)
    return waits


def test_create_and_poll_gets_the_run_once(
    conversation: Make, runtime: Runtime, upstream: OfflineUpstream, gate: Gate, gets: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = conversation()
    upstream.script(Turn("Fine.", hold=gate))
    held = waiting_since(runtime, monkeypatch)
    poller, results = in_thread(lambda: talk.runs.create_and_poll(thread_id=talk.thread.id, assistant_id=talk.assistant.id))
    gate.wait_reached()
    assert held.wait(PATIENCE)
    assert gets == []
    gate.open()
    poller.join(PATIENCE)
    assert [run.status for run in results] == ["completed"]
    assert len(gets) == 1


def test_so_does_submit_and_poll(conversation: Make, upstream: OfflineUpstream, gets: list[Any]) -> None:
    talk = conversation(tools=[WEATHER])
    upstream.script(FunctionCall("get_weather"), "Sunny it is.")
    run = talk.runs.create_and_poll(thread_id=talk.thread.id, assistant_id=talk.assistant.id)
    assert run.status == "requires_action"
    outputs = [{"tool_call_id": call.id, "output": "Sunny"} for call in run.required_action.submit_tool_outputs.tool_calls]
    run = talk.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=talk.thread.id, tool_outputs=outputs)
    assert run.status == "completed"
    assert len(gets) == 2


def test_a_plain_get_answers_at_once(conversation: Make, upstream: OfflineUpstream, gate: Gate) -> None:
    talk = conversation()
    upstream.script(Turn("Fine.", hold=gate))
    run = talk.start()
    gate.wait_reached()
    assert talk.get(run.id).status == "in_progress"  # else it would wait for the gate, and the test with it


def test_a_run_that_nobody_is_at_work_on_is_not_waited_for(conversation: Make, upstream: OfflineUpstream, runtime: Runtime) -> None:
    talk = conversation(tools=[WEATHER])
    upstream.script(FunctionCall("get_weather"))
    run = talk.settled(talk.start().id)
    for _ in range(2):
        assert talk.runs.poll(run.id, thread_id=talk.thread.id).status == "requires_action"


def other_client(upstream: OfflineUpstream, settings: Settings) -> openai.OpenAI:
    family = sdk_family()
    http_client = family.Client(transport=upstream.transport(family.__name__))
    client = openai.OpenAI(api_key="sk-test", max_retries=0, http_client=http_client)
    attach(client, settings)
    return client


@pytest.fixture
def another(upstream: OfflineUpstream) -> Iterator[Callable[..., openai.OpenAI]]:
    """Clients with settings of their own, and so with a runtime of their own, as another process has."""
    clients: list[openai.OpenAI] = []

    def make(**settings: Any) -> openai.OpenAI:
        clients.append(other_client(upstream, Settings(**settings)))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def test_holding_can_be_turned_off(another: Any, settings: Settings, upstream: OfflineUpstream, gate: Gate) -> None:
    client = another(store=settings.store, hold=0)
    talk = Conversation(client, upstream, runtime_for(Settings(store=settings.store, hold=0)))
    upstream.script(Turn("Fine.", hold=gate))
    run = talk.start()
    gate.wait_reached()
    raw = talk.runs.with_raw_response.retrieve(run.id, thread_id=talk.thread.id, extra_headers={"X-Stainless-Poll-Helper": "true"})
    assert raw.parse().status == "in_progress"


def test_a_hold_ends_when_its_time_is_over(another: Any, settings: Settings, upstream: OfflineUpstream, gate: Gate) -> None:
    client = another(store=settings.store, hold=0.05)
    talk = Conversation(client, upstream, runtime_for(Settings(store=settings.store, hold=0.05)))
    upstream.script(Turn("Fine.", hold=gate))
    run = talk.start()
    gate.wait_reached()
    raw = talk.runs.with_raw_response.retrieve(run.id, thread_id=talk.thread.id, extra_headers={"X-Stainless-Poll-Helper": "true"})
    assert raw.parse().status == "in_progress"
    assert int(raw.headers["openai-poll-after-ms"]) <= 100  # the SDK keeps to the first such value for the rest of its loop


def test_a_hold_ends_before_the_program_loses_patience(conversation: Make, upstream: OfflineUpstream, gate: Gate) -> None:
    """A read timeout of half a second against a hold of twenty; the SDK would raise APITimeoutError."""
    talk = conversation()
    upstream.script(Turn("Fine.", hold=gate))
    run = talk.start()
    gate.wait_reached()
    raw = talk.runs.with_raw_response.retrieve(
        run.id, thread_id=talk.thread.id, extra_headers={"X-Stainless-Poll-Helper": "true"}, timeout=0.5
    )
    assert raw.parse().status == "in_progress"
    assert 0.3 < raw.elapsed.total_seconds() < 0.5


def test_a_run_that_another_process_executes_is_waited_for_as_well(
    conversation: Make, another: Any, settings: Settings, upstream: OfflineUpstream, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistants_compat.api.over_http.LONGEST_LOOK", 0.02)
    talk = conversation()
    upstream.script(Turn("Fine.", hold=gate))
    run = talk.start()
    gate.wait_reached()
    own = Settings(store=settings.store, hold=19)
    held = waiting_since(runtime_for(own), monkeypatch)
    observer = another(store=settings.store, hold=19)
    poller, results = in_thread(lambda: observer.beta.threads.runs.poll(run.id, thread_id=talk.thread.id))
    assert held.wait(PATIENCE)
    assert results == []
    gate.open()
    poller.join(PATIENCE)
    assert [run.status for run in results] == ["completed"]
    assert len(upstream.requests) == 1


@pytest.mark.anyio
async def test_an_event_loop_goes_on_while_a_get_is_held(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream, gate: Gate) -> None:
    threads = async_client.beta.threads
    assistant = await async_client.beta.assistants.create(model="gpt-4o")
    thread = await threads.create(messages=[{"role": "user", "content": "Hi"}])
    upstream.script(Turn("Fine.", hold=gate))
    runs = []

    async def poll() -> None:
        runs.append(await threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(poll)
        await gate.wait_reached_async()
        assert (await threads.retrieve(thread.id)).id == thread.id
        assert runs == []
        gate.open()
    assert [run.status for run in runs] == ["completed"]


@pytest.mark.anyio
async def test_two_hundred_at_once(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream, runtime: Runtime) -> None:
    """All of them are held by one gate, so that they really are under way at the same time."""
    gate = Gate("response.output_text.delta")
    upstream.script(*[lambda body: Turn(body["input"][0]["content"][0]["text"], hold=gate)] * 200)
    threads = async_client.beta.threads
    assistant = await async_client.beta.assistants.create(model="gpt-4o")
    answers: dict[int, str] = {}

    async def ask(number: int) -> None:
        thread = await threads.create(messages=[{"role": "user", "content": f"Number {number}"}])
        run = await threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        (answer, _) = (await threads.messages.list(thread.id)).data
        assert run.status == "completed"
        answers[number] = answer.content[0].text.value  # type: ignore[union-attr]

    async with anyio.create_task_group() as tasks:
        for number in range(200):
            tasks.start_soon(ask, number)
        with anyio.fail_after(PATIENCE):
            while len(upstream.requests) < 200:
                await runtime.moved.wait_async(lambda: len(upstream.requests) == 200, 0.05)
        assert len(runtime.executions) == 200
        gate.open()
    assert answers == {number: f"Number {number}" for number in range(200)}
    assert runtime.executions == {}
