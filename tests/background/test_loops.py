"""An event loop ends, or its client is closed, in the middle of a response: whoever looks next reads it on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import openai
import pytest
import trio

from assistants_compat.seam import attach
from assistants_compat.testing import Gate, OfflineUpstream, Text, Turn

WORDS = Text("One two three", chunks=("One", " two", " three"))
LOOPS: Any = pytest.mark.parametrize("run", [asyncio.run, lambda coroutine: trio.run(lambda: coroutine)], ids=["asyncio", "trio"])


async def begun(client: openai.AsyncOpenAI, upstream: OfflineUpstream, gate: Gate) -> tuple[Any, str]:
    """A run that has begun to speak, and the id of its step."""
    upstream.script(Turn(WORDS, hold=gate))
    assistant = await client.beta.assistants.create(model="gpt-4o")
    thread: Any = {"messages": [{"role": "user", "content": "Hi"}]}
    run = await client.beta.threads.create_and_run(assistant_id=assistant.id, thread=thread)
    await gate.wait_reached_async()
    while True:
        steps = (await client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id)).data
        if steps:
            return run, steps[0].id


@LOOPS
def test_a_loop_that_ends_leaves_its_response_to_whoever_looks(
    client: openai.OpenAI, async_client: openai.AsyncOpenAI, upstream: OfflineUpstream, run: Callable[[Any], Any]
) -> None:
    gate = Gate(6)
    left, step = run(begun(async_client, upstream, gate))
    gate.open()
    done = client.beta.threads.runs.poll(left.id, thread_id=left.thread_id)
    assert done.status == "completed"
    assert [each.id for each in client.beta.threads.runs.steps.list(left.id, thread_id=left.thread_id)] == [step]
    said = client.beta.threads.messages.list(left.thread_id).data[0]
    assert said.content[0].text.value == "One two three"  # type: ignore[union-attr]
    assert len(upstream.requests) == 1


@LOOPS
def test_so_does_one_loop_to_the_next(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream, run: Callable[[Any], Any]) -> None:
    gate = Gate(6)
    left, _ = run(begun(async_client, upstream, gate))
    gate.open()

    async def poll() -> str:
        return (await async_client.beta.threads.runs.poll(left.id, thread_id=left.thread_id)).status

    assert run(poll()) == "completed"
    assert len(upstream.requests) == 1


@LOOPS
def test_a_cancelled_run_of_a_loop_that_goes_on(
    async_client: openai.AsyncOpenAI, upstream: OfflineUpstream, run: Callable[[Any], Any]
) -> None:
    gate = Gate(6)

    async def program() -> str:
        left, _ = await begun(async_client, upstream, gate)
        await async_client.beta.threads.runs.cancel(left.id, thread_id=left.thread_id)
        return (await async_client.beta.threads.runs.retrieve(left.id, thread_id=left.thread_id)).status

    assert run(program()) == "cancelled"
    assert [call.method for call in upstream.calls] == ["POST", "POST", "DELETE"]


def test_a_client_that_is_closed_leaves_it_too(client: openai.OpenAI, upstream: OfflineUpstream, settings: Any) -> None:
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate))
    with openai.OpenAI(api_key="sk-test", http_client=upstream.http_client()) as first:
        attach(first, settings)
        assistant = first.beta.assistants.create(model="gpt-4o")
        thread: Any = {"messages": [{"role": "user", "content": "Hi"}]}
        stream = iter(first.beta.threads.create_and_run(assistant_id=assistant.id, thread=thread, stream=True))
        next(stream)
        left = next(stream).data
        while next(stream).event != "thread.message.delta":
            pass
    gate.open()
    done: Any = client.beta.threads.runs.poll(left.id, thread_id=left.thread_id)  # type: ignore[union-attr, arg-type]
    assert done.status == "completed"
    assert len(upstream.requests) == 1
