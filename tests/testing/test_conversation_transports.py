"""The same conversation over every way to the upstream: in process and served, sync and async, whole, streamed, in the background."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from assistants_compat.testing import OfflineUpstream, Text

pytestmark = pytest.mark.skipif(not hasattr(openai.OpenAI, "conversations"), reason="this SDK has no conversations")

WAYS = ("create", "create_stream", "stream_helper", "background", "background_stream")
WORDS = Text("One two three", chunks=("One", " two", " three"))


@pytest.fixture(params=["in process", "served"])
def place(request: pytest.FixtureRequest, upstream: OfflineUpstream) -> Iterator[str | None]:
    """The address of the upstream; None in process."""
    if request.param == "in process":
        yield None
        return
    with upstream.serve() as base_url:
        yield base_url


def answered(client: openai.OpenAI, way: str, asked: dict[str, Any]) -> str:
    if way == "create":
        return client.responses.create(**asked).output_text
    if way == "create_stream":
        return "".join(event.delta for event in client.responses.create(**asked, stream=True) if event.type.endswith("output_text.delta"))
    if way == "stream_helper":
        with client.responses.stream(**{"input": [], **asked}) as stream:  # the helper asks for an input, however empty
            stream.until_done()
            return str(stream.get_final_response().output_text)
    if way == "background_stream":
        events = list(client.responses.create(**asked, background=True, stream=True))
        return str(events[-1].response.output_text)
    response = client.responses.create(**asked, background=True)
    while response.status in ("queued", "in_progress"):
        response = client.responses.retrieve(response.id)
    return response.output_text


async def answered_async(client: openai.AsyncOpenAI, way: str, asked: dict[str, Any]) -> str:
    if way == "create":
        return (await client.responses.create(**asked)).output_text
    if way == "create_stream":
        stream = await client.responses.create(**asked, stream=True)
        return "".join([event.delta async for event in stream if event.type.endswith("output_text.delta")])
    if way == "stream_helper":
        async with client.responses.stream(**asked) as events:
            await events.until_done()
            return str((await events.get_final_response()).output_text)
    if way == "background_stream":
        stream = await client.responses.create(**asked, background=True, stream=True)
        return str([event async for event in stream][-1].response.output_text)
    response = await client.responses.create(**asked, background=True)
    while response.status in ("queued", "in_progress"):
        response = await client.responses.retrieve(response.id)
    return response.output_text


def settings(place: str | None) -> dict[str, Any]:
    return {"api_key": "sk-test", "max_retries": 0, "base_url": place or "https://offline.test/v1"}


@pytest.mark.parametrize("way", WAYS)
def test_it_grows(upstream: OfflineUpstream, place: str | None, way: str) -> None:
    upstream.script(WORDS, WORDS)
    client_of: Any = {} if place else {"http_client": upstream.http_client()}
    with openai.OpenAI(**settings(place), **client_of) as client:
        conversation = client.conversations.create(items=[{"role": "user", "content": "Count."}]).id
        asked = {"model": "gpt-4o", "conversation": conversation}
        assert answered(client, way, asked) == "One two three"
        assert answered(client, way, {**asked, "input": "Again."}) == "One two three"
        items: Any = client.conversations.items.list(conversation, order="asc")
        assert [item.content[0].text for item in items] == ["Count.", "One two three", "Again.", "One two three"]
    assert [len(request.asked) for request in upstream.requests] == [1, 3]


@pytest.mark.anyio
@pytest.mark.parametrize("way", WAYS)
async def test_it_grows_in_an_event_loop(upstream: OfflineUpstream, place: str | None, way: str) -> None:
    upstream.script(WORDS, WORDS)
    client_of: Any = {} if place else {"http_client": upstream.async_http_client()}
    async with openai.AsyncOpenAI(**settings(place), **client_of) as client:
        conversation = (await client.conversations.create(items=[{"role": "user", "content": "Count."}])).id
        asked = {"model": "gpt-4o", "conversation": conversation}
        assert await answered_async(client, way, asked) == "One two three"
        assert await answered_async(client, way, {**asked, "input": "Again."}) == "One two three"
        items: Any = [item async for item in client.conversations.items.list(conversation, order="asc")]
        assert [item.content[0].text for item in items] == ["Count.", "One two three", "Again.", "One two three"]
    assert [len(request.asked) for request in upstream.requests] == [1, 3]
