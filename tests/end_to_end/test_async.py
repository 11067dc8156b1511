"""The async client under asyncio and under trio: the same answers, helpers and handlers. `test_trio` runs these again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest

from assistants_compat.testing import FunctionCall, Gate, OfflineUpstream, Text, Turn

from .handlers import CALLS, TEXT, AsyncNotes
from .support import function, said, user, values

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def async_client(async_client: openai.AsyncOpenAI) -> AsyncIterator[openai.AsyncOpenAI]:
    yield async_client
    await async_client.close()


async def start(client: openai.AsyncOpenAI, *tools: Any) -> tuple[Any, Any]:
    """An assistant and a thread with a message in it."""
    assistant = await client.beta.assistants.create(model="gpt-4o", tools=list(tools))
    return assistant, await client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])


async def test_objects_are_made_changed_listed_and_deleted(async_client: openai.AsyncOpenAI) -> None:
    beta = async_client.beta
    assistant, thread = await start(async_client)
    assert (await beta.assistants.update(assistant.id, name="Ada")).name == "Ada"
    assert [found.id async for found in beta.assistants.list()] == [assistant.id]
    message = await beta.threads.messages.create(thread.id, role="user", content="More")
    assert (await beta.threads.messages.update(message.id, thread_id=thread.id, metadata={"a": "b"})).metadata == {"a": "b"}
    assert [values(found) async for found in beta.threads.messages.list(thread.id, order="asc", limit=1)] == [["Hello"], ["More"]]
    assert (await beta.threads.messages.delete(message.id, thread_id=thread.id)).deleted
    assert (await beta.threads.update(thread.id, metadata={"c": "d"})).metadata == {"c": "d"}
    assert (await beta.threads.delete(thread.id)).deleted
    assert (await beta.assistants.delete(assistant.id)).deleted
    with pytest.raises(openai.NotFoundError, match="No thread found with id"):
        await beta.threads.retrieve(thread.id)


async def test_a_run_is_polled_to_its_end(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream) -> None:
    assistant, thread = await start(async_client)
    upstream.script("Hi")
    run = await async_client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.status == "completed"
    assert values((await async_client.beta.threads.messages.list(thread.id)).data[0]) == ["Hi"]
    upstream.script("Hi again")
    new: Any = {"messages": [{"role": "user", "content": "Hello"}]}
    run = await async_client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=new)
    assert (run.status, len(upstream.requests)) == ("completed", 2)


async def test_functions_are_called_and_answered(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream) -> None:
    assistant, thread = await start(async_client, function("f"))
    upstream.script(FunctionCall("f", {"a": 1}, "call_1"), "Done.")
    runs = async_client.beta.threads.runs
    run = await runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.status == "requires_action"
    run = await runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=thread.id, tool_outputs=[{"tool_call_id": "call_1", "output": "ok"}]
    )
    assert run.status == "completed"
    types = [step.type async for step in runs.steps.list(run.id, thread_id=thread.id)]
    assert types == ["message_creation", "tool_calls"]
    assert upstream.requests[1].body["input"][0] == user("Hello")


async def test_every_callback_is_called_in_order(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream) -> None:
    assistant, thread = await start(async_client, function("f"))
    for script, expected in (
        (Text("Hello, world!", chunks=("Hello, ", "world!")), TEXT),
        (Turn(FunctionCall("f", "1", "call_1"), FunctionCall("f", "2", "call_2")), CALLS),
    ):
        upstream.script(script)
        handler = AsyncNotes()
        async with async_client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, event_handler=handler) as stream:
            await stream.until_done()
        assert handler.calls == expected


async def test_outputs_are_submitted_from_within_a_handler(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream) -> None:
    assistant, thread = await start(async_client, function("f"))
    texts: list[str] = []

    class Handler(openai.AsyncAssistantEventHandler):
        async def on_event(self, event: Any) -> None:
            if event.event == "thread.run.requires_action":
                calls = event.data.required_action.submit_tool_outputs.tool_calls
                async with async_client.beta.threads.runs.submit_tool_outputs_stream(
                    thread_id=event.data.thread_id,
                    run_id=event.data.id,
                    tool_outputs=[{"tool_call_id": call.id, "output": "ok"} for call in calls],
                    event_handler=Handler(),
                ) as stream:
                    await stream.until_done()

        async def on_text_done(self, text: Any) -> None:
            texts.append(text.value)

    upstream.script(FunctionCall("f"), FunctionCall("f"), "Done.")
    async with async_client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, event_handler=Handler()) as stream:
        await stream.until_done()
    assert texts == ["Done."]
    assert (await async_client.beta.threads.runs.list(thread.id)).data[0].status == "completed"


async def test_a_stream_gives_its_deltas_and_its_final_messages(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream) -> None:
    assistant, thread = await start(async_client)
    upstream.script(Text("A b", chunks=("A ", "b")), "C")
    async with async_client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
        assert [delta async for delta in stream.text_deltas] == ["A ", "b"]
        assert (await stream.get_final_run()).status == "completed"
    new: Any = {"messages": [{"role": "user", "content": "Hi"}]}
    async with async_client.beta.threads.create_and_run_stream(assistant_id=assistant.id, thread=new) as stream:
        assert [values(message) for message in await stream.get_final_messages()] == [["C"]]


async def test_a_stream_asked_again_after_its_end_yields_nothing(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream) -> None:
    assistant, thread = await start(async_client)
    told = await async_client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id, stream=True)
    assert [event.event async for event in told][-1] == "thread.run.completed"
    assert [event async for event in told] == []
    assert len(upstream.requests) == 1


async def test_a_locked_thread_is_told_as_one_and_many_threads_run_at_once(
    async_client: openai.AsyncOpenAI, upstream: OfflineUpstream
) -> None:
    assistant, first = await start(async_client)
    gates = [Gate("request") for _ in range(3)]
    runs = []
    for gate in gates:
        upstream.script(Turn("Hi", hold=gate))
        thread = await async_client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
        runs.append(await async_client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id))
        await gate.wait_reached_async()
    for run in runs:
        with pytest.raises(openai.BadRequestError, match=f"Can't add messages to {run.thread_id} while a run {run.id} is active."):
            await async_client.beta.threads.messages.create(run.thread_id, role="user", content="Now?")
    for gate in gates:
        gate.open()
    for run in runs:
        assert (await async_client.beta.threads.runs.poll(run_id=run.id, thread_id=run.thread_id)).status == "completed"
    assert (await async_client.beta.threads.messages.create(first.id, role="user", content="Fine")).role == "user"


async def test_a_history_goes_on_from_run_to_run(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream) -> None:
    assistant, thread = await start(async_client)
    upstream.script("One.", "Two.")
    for _ in range(2):
        await async_client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert upstream.requests[1].body["input"] == [user("Hello"), said("One.")]


@pytest.mark.parametrize("view", ["with_raw_response", "with_streaming_response"])
async def test_responses_can_be_had_raw(async_client: openai.AsyncOpenAI, view: str) -> None:
    threads = getattr(async_client.beta.threads, view)
    if view == "with_raw_response":
        raw = await threads.create()
        assert raw.parse().object == "thread"
        assert raw.headers["x-request-id"].startswith("req_")
    else:
        async with threads.create() as response:
            assert (await response.parse()).object == "thread"
            assert response.headers["content-type"] == "application/json"
