"""The real SDK in front of the upstream: sync and async, streamed and not, both families of httpx, in process and over sockets."""

from __future__ import annotations

import importlib
import socket
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import httpx
import openai
import pytest

from assistants_compat.testing import (
    BrokenStream,
    Failed,
    FunctionCall,
    HttpError,
    OfflineUpstream,
    Reasoning,
    Refusal,
    Slow,
    Text,
    Turn,
    Unreachable,
)

MODULES: dict[str, Any] = {name: importlib.import_module(name) for name in ("httpx", "httpx2") if find_spec(name)}
NEWEST = list(MODULES)[-1]
DROPPED = (openai.APIConnectionError, *(module.RemoteProtocolError for module in MODULES.values()))


def async_client(upstream: OfflineUpstream, family: str = NEWEST) -> openai.AsyncOpenAI:
    transport = upstream.async_transport(family)
    return openai.AsyncOpenAI(api_key="sk-test", max_retries=0, http_client=MODULES[family].AsyncClient(transport=transport))


def types(events: Any) -> list[str]:
    return [event.type for event in events]


@pytest.mark.parametrize("family", MODULES)
def test_a_client_of_either_family_is_answered(family: str) -> None:
    upstream = OfflineUpstream(["Hello", "Hello again"])
    http_client = MODULES[family].Client(transport=upstream.transport(family))
    with openai.OpenAI(api_key="sk-test", http_client=http_client) as client:
        assert client.responses.create(model="gpt-4o", input="Hi").output_text == "Hello"
        events = list(client.responses.create(model="gpt-4o", input="Hi", stream=True))
    assert events[-1].response.output_text == "Hello again"  # type: ignore[union-attr]
    assert upstream.requests[-1].body["input"] == "Hi"
    assert upstream.requests[-1].headers["authorization"] == "[redacted]"


@pytest.mark.anyio
@pytest.mark.parametrize("family", MODULES)
async def test_an_async_client_is_answered_under_either_event_loop(family: str, anyio_backend: str) -> None:
    upstream = OfflineUpstream(["Hello", "Hello again"])
    async with async_client(upstream, family) as client:
        assert (await client.responses.create(model="gpt-4o", input="Hi")).output_text == "Hello"
        stream = await client.responses.create(model="gpt-4o", input="Hi", stream=True)
        deltas = [event.delta async for event in stream if event.type == "response.output_text.delta"]
    assert deltas == ["Hello", " again"]


def test_a_server_on_the_loopback_interface_answers(upstream: OfflineUpstream) -> None:
    upstream.script("Hello", Turn(FunctionCall("f", {"a": 1}), FunctionCall("g")))
    with upstream.serve() as base_url, openai.OpenAI(api_key="sk-test", base_url=base_url) as client:
        assert base_url.startswith("http://127.0.0.1:")
        assert client.responses.create(model="gpt-4o", input="Hi").output_text == "Hello"
        events = list(client.responses.create(model="gpt-4o", input="Hi", stream=True))
        assert [item.name for item in events[-1].response.output] == ["f", "g"]  # type: ignore[union-attr]
        assert client.models.retrieve("gpt-4o").id == "gpt-4o"


def test_a_turn_comes_as_its_items_in_order(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(Turn(Reasoning("Thinking."), "Let me look.", FunctionCall("f", '{"a": 1}', "call_1")))
    response = client.responses.create(model="gpt-5.5", input="Hi", reasoning={"summary": "auto"})
    reasoning, said, call = response.output
    assert reasoning.summary[0].text == "Thinking."  # type: ignore[union-attr]
    assert said.phase == "commentary"  # type: ignore[union-attr]
    assert (call.call_id, call.arguments) == ("call_1", '{"a": 1}')  # type: ignore[union-attr]
    assert len({item.id.split("_")[1][:16] for item in response.output if item.id}) == 1


def test_a_summary_nobody_asked_for_stays_hidden(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(Turn(Reasoning("Thinking."), "Hi"))
    assert client.responses.create(model="gpt-5", input="Hi").output[0].summary == []  # type: ignore[union-attr]


def test_a_refusal_is_streamed_as_one(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(Refusal("No."))
    events = list(client.responses.create(model="gpt-4o", input="Hi", stream=True))
    assert types(events)[4:7] == ["response.refusal.delta", "response.refusal.delta", "response.refusal.done"]


def test_chunks_are_the_deltas(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(Text("Hello", chunks=("He", "llo")))
    events = client.responses.create(model="gpt-4o", input="Hi", stream=True)
    assert [event.delta for event in events if event.type == "response.output_text.delta"] == ["He", "llo"]


def test_obfuscation_can_be_turned_off(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script("Hello", "Hello")
    on = list(client.responses.create(model="gpt-4o", input="Hi", stream=True))
    off = list(client.responses.create(model="gpt-4o", input="Hi", stream=True, stream_options={"include_obfuscation": False}))
    assert "obfuscation" in on[4].to_dict()
    assert "obfuscation" not in off[4].to_dict()


def test_a_spent_budget_leaves_the_response_incomplete(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(Text("one " * 40))
    events = list(client.responses.create(model="gpt-4o", input="Hi", stream=True, max_output_tokens=16))
    assert types(events)[-4:] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.incomplete",
    ]
    response = events[-1].response  # type: ignore[union-attr]
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response.output[0].status == "incomplete"
    assert response.output_text.split() == ["one"] * 16
    assert response.usage.output_tokens == 16


def test_a_budget_spent_on_reasoning_leaves_nothing_to_say(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(Turn(Reasoning(tokens=64), "Hello"))
    response = client.responses.create(model="gpt-5", input="Hi", max_output_tokens=32)
    assert response.status == "incomplete"
    assert [item.type for item in response.output] == ["reasoning"]


def test_a_content_filter_can_end_a_text(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(Text("Hello", incomplete="content_filter"))
    assert client.responses.create(model="gpt-4o", input="Hi").incomplete_details.reason == "content_filter"  # type: ignore[union-attr]


def test_a_failing_response_is_an_error_event_and_then_failed(upstream: OfflineUpstream, client: openai.OpenAI) -> None:
    upstream.script(*[Failed("server_error", "Sorry.")] * 2)
    response = client.responses.create(model="gpt-4o", input="Hi")
    assert (response.status, response.error.code) == ("failed", "server_error")  # type: ignore[union-attr]
    with upstream.serve() as base_url:
        reply = httpx.post(
            f"{base_url}/responses", json={"model": "gpt-4o", "input": "Hi", "stream": True}, headers={"authorization": "Bearer sk"}
        )
    kinds = [line.removeprefix("event: ") for line in reply.text.splitlines() if line.startswith("event: ")]
    assert kinds == ["response.created", "response.in_progress", "error", "response.failed"]


def test_an_http_error_reaches_the_client_with_its_headers(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(HttpError(429, "Slow down.", "rate_limit_exceeded", "requests", headers={"retry-after": "7"}))
    with pytest.raises(openai.RateLimitError) as raised:
        client.responses.create(model="gpt-4o", input="Hi")
    assert raised.value.code == "rate_limit_exceeded"
    assert raised.value.response.headers["retry-after"] == "7"


def test_an_unreachable_upstream_is_a_connection_error(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(Unreachable(), "Hello")
    with pytest.raises(openai.APIConnectionError):
        client.responses.create(model="gpt-4o", input="Hi")
    assert upstream.requests == []
    assert client.responses.create(model="gpt-4o", input="Hi").output_text == "Hello"


@pytest.mark.parametrize("family", MODULES)
def test_a_broken_stream_breaks_after_its_events(upstream: OfflineUpstream, family: str) -> None:
    upstream.script(BrokenStream("Hello there", after_events=5))
    seen = []
    with openai.OpenAI(api_key="sk-test", http_client=MODULES[family].Client(transport=upstream.transport(family))) as client:
        stream = client.responses.create(model="gpt-4o", input="Hi", stream=True)
        with pytest.raises(DROPPED):
            seen.extend(stream)
    assert len(seen) == 5


def test_a_broken_stream_breaks_over_sockets_too(upstream: OfflineUpstream) -> None:
    upstream.script(BrokenStream("Hello there", after_events=5), Unreachable())
    seen = []
    with upstream.serve() as base_url, openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as client:
        stream = client.responses.create(model="gpt-4o", input="Hi", stream=True)
        with pytest.raises(DROPPED):
            seen.extend(stream)
        assert len(seen) == 5
        with pytest.raises(openai.APIConnectionError):
            client.responses.create(model="gpt-4o", input="Hi")


def test_a_slow_answer_still_arrives(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(Slow("Hello", delay=0.0001, model_time=0.0001), Slow(Text("Hello"), delay=0.0001))
    assert client.responses.create(model="gpt-4o", input="Hi").output_text == "Hello"
    assert types(client.responses.create(model="gpt-4o", input="Hi", stream=True))[-1] == "response.completed"


def test_a_script_may_compute_its_answer_from_the_request(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(lambda body: f"You are with {body['model']}.")
    assert client.responses.create(model="gpt-4o", input="Hi").output_text == "You are with gpt-4o."


def test_usage_can_be_scripted(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(Turn("Hello", usage={"input_tokens": 100, "output_tokens": 20, "cached_tokens": 64}))
    usage = client.responses.create(model="gpt-4o", input="Hi").usage
    assert usage is not None
    assert (usage.input_tokens, usage.total_tokens, usage.input_tokens_details.cached_tokens) == (100, 120, 64)


def test_stored_responses_are_found_continued_and_deleted(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    first = client.responses.create(model="gpt-4o", input="My name is Ada.")
    second = client.responses.create(model="gpt-4o", input="Who am I?", previous_response_id=first.id)
    assert "message 2" in second.output_text
    assert client.responses.retrieve(first.id).output_text == first.output_text
    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError, match=f"Response with id '{first.id}' not found."):
        client.responses.retrieve(first.id)


def test_a_response_that_was_not_stored_is_not_found(client: openai.OpenAI) -> None:
    response = client.responses.create(model="gpt-4o", input="Hi", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)


def test_input_tokens_are_counted_as_usage_counts_them(client: openai.OpenAI) -> None:
    counted = client.responses.input_tokens.count(model="gpt-4o", input="x" * 41)
    used = client.responses.create(model="gpt-4o", input="x" * 41).usage
    assert used is not None
    assert counted.input_tokens == used.input_tokens == 11


def test_models_are_listed_with_their_last_day(client: openai.OpenAI) -> None:
    listed = {model.id: model.to_dict().get("shutdown_date") for model in client.models.list()}
    assert listed["gpt-4o"] == "2027-01-14"
    assert listed["gpt-6-luna"] is None
    assert "gpt-4" not in listed
    with pytest.raises(openai.NotFoundError, match="The model 'gpt-4' does not exist"):
        client.models.retrieve("gpt-4")


def test_the_assistants_api_is_gone(client: openai.OpenAI) -> None:
    with pytest.warns(DeprecationWarning, match="deprecated"), pytest.raises(openai.NotFoundError):
        client.beta.assistants.list()


@pytest.mark.parametrize(("key", "word"), [("sk-invalid", "sk-inval**"), ("sk-invalid-key", "sk-inval**-key")])
def test_an_invalid_key_is_refused(upstream: OfflineUpstream, key: str, word: str) -> None:
    with (
        openai.OpenAI(api_key=key, http_client=MODULES[NEWEST].Client(transport=upstream.transport(NEWEST))) as client,
        pytest.raises(openai.AuthenticationError) as raised,
    ):
        client.responses.create(model="gpt-4o", input="Hi")
    assert f"Incorrect API key provided: {word}. " in raised.value.message


def test_no_key_is_refused_and_an_azure_key_is_not(upstream: OfflineUpstream) -> None:
    body = b'{"model": "gpt-4o", "input": "Hi"}'
    assert upstream.handle("POST", "/openai/v1/responses?api-version=v1", {}, body).status == 401
    assert upstream.handle("POST", "/openai/v1/responses?api-version=v1", {"Api-Key": "abc"}, body).status == 200


def test_a_body_that_is_not_json_is_refused(upstream: OfflineUpstream) -> None:
    reply = upstream.handle("POST", "/v1/responses", {"authorization": "Bearer sk"}, b"{")
    assert reply.json["error"]["message"].startswith("We could not parse the JSON body of your request.")


def test_a_body_without_bounds_is_refused_by_the_server(upstream: OfflineUpstream) -> None:
    with upstream.serve() as base_url:
        address = urlsplit(base_url)
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(b"POST /v1/responses HTTP/1.1\r\nhost: a\r\ncontent-length: 68157440\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
        assert httpx.post(f"{base_url}/responses", content=iter([b"{}"])).status_code == 411
