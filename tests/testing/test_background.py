"""Responses in the background, through the real SDK: they go on by themselves, are followed, looked at, cancelled and forgotten."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai.resources.responses import Responses

from assistants_compat.testing import BrokenStream, Failed, Gate, OfflineUpstream, Text, Turn

pytestmark = pytest.mark.skipif(
    "starting_after" not in inspect.signature(Responses.retrieve).parameters, reason="this SDK cannot ask for it yet"
)

WORDS = Text("One two three", chunks=("One", " two", " three"))
ASKED: Any = {"model": "gpt-4o", "input": "Count.", "background": True}


def asked(client: openai.OpenAI, **more: Any) -> Any:
    return client.responses.create(**ASKED, **more)


def followed(client: openai.OpenAI, id: str, after: int) -> list[Any]:
    return list(client.responses.retrieve(id, stream=True, starting_after=after))


def test_it_is_queued_then_at_work_then_done(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    gate = Gate("response.output_item.added")
    upstream.script(Turn(WORDS, hold=gate))
    queued = asked(client)
    assert (queued.status, queued.background, queued.output, queued.usage) == ("queued", True, [], None)
    gate.wait_reached()
    assert client.responses.retrieve(queued.id).status == "in_progress"
    gate.open()
    while (found := client.responses.retrieve(queued.id)).status == "in_progress":
        pass
    assert (found.status, found.output_text, found.background) == ("completed", "One two three", True)


def test_its_stream_opens_as_recorded(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(WORDS)
    events = list(asked(client, stream=True))
    assert [(event.type, event.response.status) for event in events[:3]] == [
        ("response.created", "queued"),
        ("response.queued", "queued"),
        ("response.in_progress", "in_progress"),
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))


@pytest.mark.parametrize("after", [0, 5, 11])
def test_a_resumed_stream_is_the_rest_of_the_first(client: openai.OpenAI, upstream: OfflineUpstream, after: int) -> None:
    upstream.script(WORDS)
    whole = list(asked(client, stream=True))
    rest = followed(client, whole[0].response.id, after)
    assert [event.to_dict() for event in rest] == [event.to_dict() for event in whole[after + 1 :]]


def test_it_goes_on_when_its_reader_hangs_up(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    gate = Gate()
    upstream.script(Turn(WORDS, hold=gate))
    with asked(client, stream=True) as stream:
        first = next(iter(stream))
    gate.wait_reached()
    gate.open()
    assert followed(client, first.response.id, 0)[-1].response.output_text == "One two three"
    assert len(upstream.requests) == 1


def test_a_broken_connection_breaks_nothing_else(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(BrokenStream(WORDS, after_events=6))
    seen: list[Any] = []
    with pytest.raises(openai.APIConnectionError):
        seen.extend(asked(client, stream=True))
    rest = followed(client, seen[0].response.id, seen[-1].sequence_number)
    assert [event.sequence_number for event in [*seen, *rest]] == list(range(12))
    assert rest[-1].type == "response.completed"


def test_cancelling_it_says_so_at_once_and_again(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    gate = Gate()
    upstream.script(Turn(WORDS, hold=gate))
    stream = asked(client, stream=True)
    first = next(stream)
    gate.wait_reached()
    for _ in range(2):
        cancelled = client.responses.cancel(first.response.id)
        assert (cancelled.status, cancelled.usage, cancelled.output) == ("cancelled", None, [])
    assert [event.type for event in stream][-1] == "response.content_part.added"
    assert client.responses.retrieve(first.response.id).status == "cancelled"


def test_cancelling_what_is_done_changes_nothing(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(WORDS)
    done = asked(client)
    assert client.responses.cancel(done.id).status == "completed"
    assert client.responses.retrieve(done.id).output_text == "One two three"


def test_a_response_that_fails(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(Failed("server_error", "Something broke."))
    assert client.responses.retrieve(asked(client).id).status == "failed"


def refusal(ask: Callable[[], Any]) -> tuple[int, Any]:
    with pytest.raises(openai.APIStatusError) as refused:
        ask()
    return refused.value.status_code, json.loads(refused.value.response.content)["error"]["message"]


def test_what_is_refused(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    assert refusal(lambda: asked(client, store=False)) == (400, "Background mode requires 'store' to be true.")
    in_front = client.responses.create(model="gpt-4o", input="Count.")
    assert refusal(lambda: client.responses.cancel(in_front.id)) == (400, "Cannot cancel a synchronous response.")
    unknown = (404, "Response with id 'resp_123' not found.")
    assert refusal(lambda: client.responses.cancel("resp_123")) == unknown
    assert refusal(lambda: followed(client, "resp_123", 0)) == unknown
    assert "was not created with 'stream'" in refusal(lambda: followed(client, asked(client).id, 0))[1]


def test_after_five_minutes_it_can_be_looked_at_but_not_followed(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(WORDS)
    first = next(asked(client, stream=True)).response
    now = upstream._jobs._clock()
    upstream._jobs._clock = lambda: now + 301
    assert refusal(lambda: followed(client, first.id, 0)) == (
        400,
        "This response can no longer be streamed because it is more than 5 minutes old",
    )
    assert client.responses.retrieve(first.id).output_text == "One two three"


def test_deleted_or_forgotten_it_is_not_found(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    deleted, forgotten = asked(client), asked(client)
    client.responses.delete(deleted.id)
    assert refusal(lambda: client.responses.retrieve(deleted.id))[0] == 404
    assert client.responses.retrieve(forgotten.id).status == "completed"
    upstream.forget_responses()
    assert refusal(lambda: client.responses.retrieve(forgotten.id))[0] == 404


@pytest.mark.anyio
async def test_an_async_reader_waits_for_the_next_event(upstream: OfflineUpstream) -> None:
    gate = Gate()
    upstream.script(Turn(WORDS, hold=gate))
    async with openai.AsyncOpenAI(api_key="sk-test", max_retries=0, http_client=upstream.async_http_client()) as client:
        stream = await client.responses.create(**ASKED, stream=True)
        await gate.wait_reached_async()
        gate.open()
        assert [event.type async for event in stream][-1] == "response.completed"
