"""Function tools: what a run asks for, what it takes for an answer, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.settings import Settings
from assistants_compat.testing import FunctionCall, Gate, OfflineUpstream, Text, Turn

from .support import RUN, Json, function, submit, values

WEATHER = function("get_weather", description="Weather", parameters={"type": "object", "properties": {"city": {"type": "string"}}})


@pytest.fixture(scope="module")
def settings(one_store: Settings) -> Settings:
    return one_store


@pytest.fixture
def waiting(client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream) -> Any:
    """A run that waits for the outputs of two calls."""
    upstream.script(Turn(FunctionCall("get_weather", {"city": "Paris"}, "call_a"), FunctionCall("get_weather", {"city": "Rome"}, "call_b")))
    tools: Any = [WEATHER]
    return client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, tools=tools)


@pytest.fixture
def outputs_of(waiting: Any) -> str:
    return f"/threads/{waiting.thread_id}/runs/{waiting.id}/submit_tool_outputs"


def given(**outputs: str) -> Json:
    return {"tool_outputs": [{"tool_call_id": id, "output": output} for id, output in outputs.items()]}


def test_a_run_asks_for_all_calls_of_a_response_at_once(call: Callable[..., Any], waiting: Any) -> None:
    run = call("GET", f"/threads/{waiting.thread_id}/runs/{waiting.id}")
    assert list(run) == RUN
    assert run["status"] == "requires_action"
    assert run["required_action"] == {
        "type": "submit_tool_outputs",
        "submit_tool_outputs": {
            "tool_calls": [
                {"id": "call_a", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'}},
                {"id": "call_b", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Rome"}'}},
            ]
        },
    }
    assert (run["usage"], run["completed_at"], run["expires_at"]) == (None, None, run["created_at"] + 600)


def test_outputs_queue_the_run_anew(call: Callable[..., Any], clock: Any, waiting: Any, outputs_of: str) -> None:
    clock.advance(30)
    run = call("POST", outputs_of, given(call_a="Sunny", call_b="Rain"))
    assert list(run) == RUN
    assert (run["status"], run["required_action"], run["usage"]) == ("queued", None, None)
    assert (run["started_at"], run["created_at"], run["expires_at"]) == (waiting.started_at, waiting.created_at, waiting.expires_at)


def test_a_resumed_run_has_started_anew_and_expires_when_it_would_have(
    client: openai.OpenAI, clock: Any, upstream: OfflineUpstream, thread: Any, assistant: Any
) -> None:
    upstream.script(FunctionCall("f", call_id="call_1"), FunctionCall("f", call_id="call_2"))
    tools: Any = [function("f")]
    first = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, tools=tools)
    clock.advance(30)
    again = submit(client, first, {"call_1": "ok"})
    assert again.status == "requires_action"
    assert (again.started_at, again.created_at, again.expires_at) == (first.started_at + 30, first.created_at, first.expires_at)


def test_the_model_is_given_the_outputs_in_the_order_of_its_calls(client: openai.OpenAI, waiting: Any, upstream: OfflineUpstream) -> None:
    upstream.script("Sunny in Paris, rain in Rome.")
    run = submit(client, waiting, {"call_b": "Rain", "call_a": ""})
    assert run.status == "completed"
    assert upstream.requests[1].body["input"][1:] == [
        {"type": "function_call", "call_id": "call_a", "name": "get_weather", "arguments": '{"city":"Paris"}'},
        {"type": "function_call", "call_id": "call_b", "name": "get_weather", "arguments": '{"city":"Rome"}'},
        {"type": "function_call_output", "call_id": "call_a", "output": ""},
        {"type": "function_call_output", "call_id": "call_b", "output": "Rain"},
    ]
    assert values(client.beta.threads.messages.list(waiting.thread_id).data[0]) == ["Sunny in Paris, rain in Rome."]


def test_a_run_may_call_for_as_many_rounds_as_it_likes(
    client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream
) -> None:
    for n in range(5):
        upstream.script(Turn(f"Round {n}.", FunctionCall("f", {"n": n}, f"call_{n}")))
    upstream.script("Done.")
    tools: Any = [function("f")]
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, tools=tools)
    for n in range(5):
        assert run.status == "requires_action"
        assert [c.function.arguments for c in run.required_action.submit_tool_outputs.tool_calls] == [f'{{"n":{n}}}']
        run = submit(client, run, {f"call_{n}": str(n)})
    assert run.status == "completed"
    texts = [values(message)[0] for message in client.beta.threads.messages.list(thread.id, order="asc")]
    assert texts == ["Hello", *(f"Round {n}." for n in range(5)), "Done."]


@pytest.mark.parametrize("arguments", ["", "not json", '{"a":', '{"a": 1,\n "b": "\\u00fc ☃"}'])
def test_arguments_are_handed_on_as_the_model_wrote_them(
    client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream, arguments: str
) -> None:
    upstream.script(FunctionCall("f", arguments, "call_1"), "Done.")
    tools: Any = [function("f")]
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, tools=tools)
    assert run.required_action is not None
    assert run.required_action.submit_tool_outputs.tool_calls[0].function.arguments == arguments
    assert submit(client, run, {"call_1": "?"}).status == "completed"
    assert upstream.requests[1].body["input"][1]["arguments"] == arguments


# What is submitted, and the list that the reply says it got.
WRONG_IDS: list[tuple[Any, str]] = [
    ([], "[]"),
    (["call_a"], "['call_a']"),
    (["call_b"], "['call_b']"),
    (["call_a", "call_c"], "['call_a', 'call_c']"),
    (["call_a", "call_b", "call_c"], "['call_a', 'call_b', 'call_c']"),
    (["call_a", "call_a"], "['call_a', 'call_a']"),
    (["call_a", "call_b", "call_b"], "['call_a', 'call_b', 'call_b']"),
    (["it's"], '["it\'s"]'),
]


@pytest.mark.parametrize(("ids", "got"), WRONG_IDS, ids=[got for _, got in WRONG_IDS])
def test_outputs_that_are_not_those_of_the_calls_are_refused_and_may_be_sent_again(
    client: openai.OpenAI, refused: Callable[..., Any], waiting: Any, outputs_of: str, ids: list[str], got: str
) -> None:
    body = {"tool_outputs": [{"tool_call_id": id, "output": "ok"} for id in ids]}
    status, error = refused("POST", outputs_of, body)
    message = f"Expected tool outputs for call_ids ['call_a', 'call_b'], got {got}"
    assert (status, error) == (400, {"message": message, "type": "invalid_request_error", "param": None, "code": None})
    assert submit(client, waiting, {"call_a": "ok", "call_b": "ok"}).status == "completed"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Missing required parameter: 'tool_outputs'."),
        ({"tool_outputs": "ok"}, "Invalid type for 'tool_outputs': expected an array of objects, but got a string instead."),
        ({"tool_outputs": [{"output": "ok"}]}, "Missing required parameter: 'tool_outputs[0].tool_call_id'."),
        (
            {"tool_outputs": [{"tool_call_id": "call_a", "output": {"a": 1}}]},
            "Invalid type for 'tool_outputs[0].output': expected a string, but got an object instead.",
        ),
        ({"tool_outputs": [], "stream": "yes"}, "Invalid type for 'stream': expected a boolean, but got a string instead."),
    ],
)
def test_outputs_of_another_form_are_refused(refused: Callable[..., Any], outputs_of: str, body: Json, message: str) -> None:
    status, error = refused("POST", outputs_of, body)
    assert (status, error["message"]) == (400, message)


def test_outputs_are_taken_only_by_a_run_that_waits_for_them(
    client: openai.OpenAI,
    call: Callable[..., Any],
    http: Callable[..., Any],
    waiting: Any,
    outputs_of: str,
    upstream: OfflineUpstream,
    clock: Any,
) -> None:
    outputs = given(call_a="ok", call_b="ok")

    def refusal() -> tuple[int, str]:
        response = http("POST", outputs_of, outputs)
        return response.status_code, response.json()["error"]["message"]

    gate = Gate("request")
    upstream.script(Turn("Done.", hold=gate))
    call("POST", outputs_of, outputs)
    gate.wait_reached()
    assert refusal() == (400, 'Runs in status "in_progress" do not accept tool outputs.')
    gate.open()
    client.beta.threads.runs.poll(run_id=waiting.id, thread_id=waiting.thread_id)
    assert refusal() == (400, 'Runs in status "completed" do not accept tool outputs.')
    for end, status in ((lambda at: call("POST", f"{at}/cancel"), "cancelled"), (lambda _: clock.advance(601), "expired")):
        upstream.script(FunctionCall("f", call_id="call_a"))
        tools: Any = [function("f")]
        run = client.beta.threads.runs.create_and_poll(thread_id=waiting.thread_id, assistant_id=waiting.assistant_id, tools=tools)
        at = f"/threads/{run.thread_id}/runs/{run.id}"
        end(at)
        response = http("POST", f"{at}/submit_tool_outputs", outputs)
        message = f'Runs in status "{status}" do not accept tool outputs.'
        assert (response.status_code, response.json()["error"]["message"]) == (400, message)


def test_text_before_a_call_is_a_message_of_its_own(client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream) -> None:
    upstream.script(Turn(Text("Let me look."), FunctionCall("f", call_id="call_1")), "Found.")
    tools: Any = [function("f")]
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, tools=tools)
    assert values(client.beta.threads.messages.list(thread.id).data[0]) == ["Let me look."]
    submit(client, run, {"call_1": "ok"})
    assert [values(m)[0] for m in client.beta.threads.messages.list(thread.id, run_id=run.id)] == ["Found.", "Let me look."]
