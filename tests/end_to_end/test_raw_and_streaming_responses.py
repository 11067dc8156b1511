"""`with_raw_response` and `with_streaming_response` on every method, and the headers that every reply has."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.settings import Settings
from assistants_compat.testing import FunctionCall, OfflineUpstream

from .support import function, parsed, values


class World:
    """An assistant, a thread with a message, a run that waits for outputs, and its step."""

    def __init__(self, client: openai.OpenAI, upstream: OfflineUpstream) -> None:
        beta = client.beta
        tools: Any = [function("f")]
        self.assistant = beta.assistants.create(model="gpt-4o", tools=tools).id
        self.thread = beta.threads.create(messages=[{"role": "user", "content": "Hi"}]).id
        self.empty = beta.threads.create(messages=[{"role": "user", "content": "Hi"}]).id
        self.message = beta.threads.messages.list(self.thread).data[0].id
        upstream.script(FunctionCall("f", call_id="call_1"))
        self.run = beta.threads.runs.create_and_poll(thread_id=self.thread, assistant_id=self.assistant).id
        self.step = beta.threads.runs.steps.list(self.run, thread_id=self.thread).data[0].id


# Every method that sends one request, called on `client.beta` or on one of its views.
Method = Callable[[Any, World], Any]
METHODS: dict[str, Method] = {
    "assistants.create": lambda beta, _: beta.assistants.create(model="gpt-4o"),
    "assistants.retrieve": lambda beta, w: beta.assistants.retrieve(w.assistant),
    "assistants.update": lambda beta, w: beta.assistants.update(w.assistant, name="Ada"),
    "assistants.list": lambda beta, _: beta.assistants.list(),
    "assistants.delete": lambda beta, w: beta.assistants.delete(w.assistant),
    "threads.create": lambda beta, _: beta.threads.create(),
    "threads.retrieve": lambda beta, w: beta.threads.retrieve(w.thread),
    "threads.update": lambda beta, w: beta.threads.update(w.thread, metadata={"a": "b"}),
    "threads.delete": lambda beta, w: beta.threads.delete(w.thread),
    "threads.create_and_run": lambda beta, w: beta.threads.create_and_run(
        assistant_id=w.assistant, thread={"messages": [{"role": "user", "content": "Hi"}]}
    ),
    "messages.create": lambda beta, w: beta.threads.messages.create(w.empty, role="user", content="Hi"),
    "messages.retrieve": lambda beta, w: beta.threads.messages.retrieve(w.message, thread_id=w.thread),
    "messages.update": lambda beta, w: beta.threads.messages.update(w.message, thread_id=w.thread, metadata={"a": "b"}),
    "messages.list": lambda beta, w: beta.threads.messages.list(w.thread),
    "messages.delete": lambda beta, w: beta.threads.messages.delete(w.message, thread_id=w.thread),
    "runs.create": lambda beta, w: beta.threads.runs.create(w.empty, assistant_id=w.assistant),
    "runs.retrieve": lambda beta, w: beta.threads.runs.retrieve(w.run, thread_id=w.thread),
    "runs.update": lambda beta, w: beta.threads.runs.update(w.run, thread_id=w.thread, metadata={"a": "b"}),
    "runs.list": lambda beta, w: beta.threads.runs.list(w.thread),
    "runs.cancel": lambda beta, w: beta.threads.runs.cancel(w.run, thread_id=w.thread),
    "runs.submit_tool_outputs": lambda beta, w: beta.threads.runs.submit_tool_outputs(
        w.run, thread_id=w.thread, tool_outputs=[{"tool_call_id": "call_1", "output": "ok"}]
    ),
    "steps.list": lambda beta, w: beta.threads.runs.steps.list(w.run, thread_id=w.thread),
    "steps.retrieve": lambda beta, w: beta.threads.runs.steps.retrieve(w.step, thread_id=w.thread, run_id=w.run),
}


@pytest.fixture(scope="module")
def settings(one_store: Settings) -> Settings:
    return one_store


@pytest.fixture
def world(client: openai.OpenAI, upstream: OfflineUpstream) -> World:
    return World(client, upstream)


def check_headers(headers: Any, content_type: str = "application/json") -> None:
    assert re.fullmatch("req_[0-9a-f]{32}", headers["x-request-id"])
    assert headers["openai-version"] == "2020-10-01"
    assert re.fullmatch("[0-9]+", headers["openai-processing-ms"])
    assert headers["content-type"] == content_type
    assert not [name for name in headers if name == "openai-beta" or name.startswith("x-ratelimit")]


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_raw_response_has_the_recorded_headers_and_parses(client: openai.OpenAI, world: World, method: Method) -> None:
    raw = method(client.beta.with_raw_response, world)
    assert (raw.status_code, raw.http_response.is_closed) == (200, True)
    check_headers(raw.headers)
    assert int(raw.headers["content-length"]) == len(raw.content)
    assert raw.request_id == raw.headers["x-request-id"]
    body = parsed(raw.content)
    thing = raw.parse()
    if body["object"] == "list":
        assert [entry.id for entry in thing.data] == [entry["id"] for entry in body["data"]]
    else:
        assert (thing.id, thing.object, thing._request_id) == (body["id"], body["object"], raw.request_id)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_streaming_response_is_read_when_the_program_wants(client: openai.OpenAI, world: World, method: Method) -> None:
    with method(client.beta.with_streaming_response, world) as response:
        assert response.status_code == 200
        check_headers(response.headers)
        assert parsed(b"".join(response.iter_bytes()))["object"]


def test_every_request_has_an_id_of_its_own(client: openai.OpenAI) -> None:
    assert len({client.beta.threads.create()._request_id for _ in range(20)}) == 20


def test_a_stream_can_be_had_raw(client: openai.OpenAI, world: World, upstream: OfflineUpstream) -> None:
    upstream.script("One", "Two")
    raw = client.beta.threads.runs.with_raw_response.create(world.empty, assistant_id=world.assistant, stream=True)
    check_headers(raw.headers, "text/event-stream; charset=utf-8")
    assert [event.event for event in raw.parse()][-1] == "thread.run.completed"
    with client.beta.threads.runs.with_streaming_response.create(world.empty, assistant_id=world.assistant, stream=True) as response:
        check_headers(response.headers, "text/event-stream; charset=utf-8")
        lines = list(response.iter_lines())
    assert lines[0] == "event: thread.run.created"
    assert lines[-3:] == ["event: done", "data: [DONE]", ""]
    assert [values(m) for m in client.beta.threads.messages.list(world.empty, order="asc")] == [["Hi"], ["One"], ["Two"]]


def test_an_error_has_the_headers_too(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        client.beta.threads.with_raw_response.retrieve("thread_unknown")
    check_headers(raised.value.response.headers)
    assert raised.value.request_id == raised.value.response.headers["x-request-id"]
    assert raised.value.body == {
        "message": "No thread found with id 'thread_unknown'.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }
