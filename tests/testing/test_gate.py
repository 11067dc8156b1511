"""Gates: the upstream waits where a test wants it to, in threads and in event loops."""

from __future__ import annotations

import threading
from typing import Any

import anyio
import httpx
import openai
import pytest

from assistants_compat.testing import Gate, HttpError, OfflineUpstream, Text, Turn


def test_a_gate_holds_before_the_first_delta(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    gate = Gate()
    upstream.script(Turn(Text("Hello there"), hold=gate))
    seen: list[Any] = []
    reader = threading.Thread(target=lambda: seen.extend(client.responses.create(model="gpt-4o", input="Hi", stream=True)), daemon=True)
    reader.start()
    gate.wait_reached(timeout=10)
    assert len(seen) == 4
    gate.open()
    reader.join(10)
    assert seen[-1].type == "response.completed"


@pytest.mark.parametrize("at_event", ["response.output_text.delta", 4, "request"])
def test_a_gate_holds_over_sockets(upstream: OfflineUpstream, at_event: str | int) -> None:
    gate = Gate(at_event)
    upstream.script(Turn(Text("Hello there"), hold=gate))
    seen: list[Any] = []
    with upstream.serve() as base_url, openai.OpenAI(api_key="sk-test", base_url=base_url) as client:
        reader = threading.Thread(target=lambda: seen.extend(client.responses.create(model="gpt-4o", input="Hi", stream=True)), daemon=True)
        reader.start()
        gate.wait_reached()
        assert len(seen) <= 4
        gate.open()
        reader.join(10)
    assert seen[-1].type == "response.completed"


@pytest.mark.anyio
async def test_a_gate_does_not_block_the_event_loop(anyio_backend: str) -> None:
    upstream, gate = OfflineUpstream(), Gate()
    upstream.script(Turn(Text("Hello there"), hold=gate))
    seen: list[str] = []

    async def read() -> None:
        stream = await client.responses.create(model="gpt-4o", input="Hi", stream=True)
        seen.extend([event.type async for event in stream])

    http_client = httpx.AsyncClient(transport=upstream.async_transport("httpx"))
    async with openai.AsyncOpenAI(api_key="sk-test", http_client=http_client) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        await gate.wait_reached_async()
        assert seen == []
        gate.open()
    assert seen[-1] == "response.completed"


@pytest.mark.anyio
async def test_a_gate_can_be_opened_from_another_thread_and_left_by_cancelling(anyio_backend: str) -> None:
    first, second = Gate(), Gate("request")
    upstream = OfflineUpstream([Turn("Hello", hold=first), Turn("Hello", hold=second)])
    http_client = httpx.AsyncClient(transport=upstream.async_transport("httpx"))
    async with openai.AsyncOpenAI(api_key="sk-test", http_client=http_client) as client:
        opener = threading.Thread(target=lambda: (first.wait_reached(), first.open()))
        opener.start()
        assert (await client.responses.create(model="gpt-4o", input="Hi")).output_text == "Hello"
        opener.join(10)
        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                await client.responses.create(model="gpt-4o", input="Hi", stream=True)

            tasks.start_soon(ask)
            await second.wait_reached_async()
            tasks.cancel_scope.cancel()
    second.open()


def test_a_gate_may_hold_an_error(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    gate = Gate()
    gate.open()
    upstream.script(HttpError(500, "Sorry.", hold=gate))
    with pytest.raises(openai.InternalServerError):
        client.responses.create(model="gpt-4o", input="Hi")
    assert gate.reached


def test_a_gate_nobody_reaches_says_so() -> None:
    with pytest.raises(TimeoutError, match="did not reach the gate"):
        Gate().wait_reached(timeout=0.001)


def test_a_gate_nobody_opens_fails_the_request(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(Turn("Hello", hold=Gate(patience=0.001)))
    with pytest.raises(Exception, match=r"nobody opened the gate|Connection error"):
        client.responses.create(model="gpt-4o", input="Hi")
