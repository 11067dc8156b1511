"""/threads/{thread_id}/runs and /threads/runs: every parameter, every default, and the run's object through its life."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.settings import Settings
from assistants_compat.testing import FunctionCall, OfflineUpstream, Text, Turn

from .support import LIST, RUN, USAGE, Json, events, function, is_id, user

pytestmark = pytest.mark.usefixtures("clock")

NO_USAGE = {
    "prompt_tokens": 0,
    "completion_tokens": 0,
    "total_tokens": 0,
    "prompt_token_details": {"cached_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0},
}
# What a run can say for itself: parameter, what is given, what the object shows.
OVERRIDES: list[tuple[str, Any, Any]] = [
    ("model", "gpt-4.1", "gpt-4.1"),
    ("instructions", "Be rude.", "Be rude."),
    ("tools", [function("f", parameters={"a": 1}, strict=True)], [function("f", parameters={"a": 1}, strict=True)]),
    ("tools", [], []),
    ("metadata", {"a": "b"}, {"a": "b"}),
    ("temperature", 0.2, 0.2),
    ("temperature", 0, 0.0),
    ("top_p", 0.3, 0.3),
    ("reasoning_effort", "high", "high"),
    ("max_completion_tokens", 1000, 1000),
    ("truncation_strategy", {"type": "auto"}, {"type": "auto", "last_messages": None}),
    ("truncation_strategy", {"last_messages": 3, "type": "last_messages"}, {"type": "last_messages", "last_messages": 3}),
    ("tool_choice", "none", "none"),
    ("tool_choice", "required", "required"),
    ("tool_choice", {"type": "function", "function": {"name": "get_weather"}}, {"type": "function", "function": {"name": "get_weather"}}),
    ("parallel_tool_calls", False, False),
    ("response_format", {"type": "text"}, {"type": "text"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def settings(one_store: Settings) -> Settings:
    return one_store


@pytest.fixture
def configured(client: openai.OpenAI) -> Any:
    """An assistant that has an opinion on everything a run can override."""
    return client.beta.assistants.create(
        model="gpt-4o-mini",
        instructions="Be kind.",
        tools=[{"type": "function", "function": {"name": "get_weather"}}],
        temperature=0.7,
        top_p=0.9,
        metadata={"of": "assistant"},
        reasoning_effort="low",
        response_format={"type": "json_object"},
    )


def test_a_new_run_has_every_recorded_default_in_the_recorded_order(call: Callable[..., Any], assistant: Any, thread: Any) -> None:
    run = call("POST", f"/threads/{thread.id}/runs", {"assistant_id": assistant.id})
    assert list(run) == RUN
    assert is_id("run", run["id"])
    assert {key: run[key] for key in RUN[1:]} == {
        "object": "thread.run",
        "created_at": 1_790_000_000,
        "assistant_id": assistant.id,
        "thread_id": thread.id,
        "status": "queued",
        "started_at": None,
        "expires_at": 1_790_000_600,
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": None,
        "required_action": None,
        "last_error": None,
        "model": "gpt-4o",
        "instructions": None,
        "tools": [],
        "tool_resources": {},
        "metadata": {},
        "temperature": 1.0,
        "top_p": 1.0,
        "reasoning_effort": None,
        "max_completion_tokens": None,
        "max_prompt_tokens": None,
        "truncation_strategy": {"type": "auto", "last_messages": None},
        "incomplete_details": None,
        "usage": None,
        "response_format": "auto",
        "tool_choice": "auto",
        "parallel_tool_calls": True,
    }


def test_a_completed_run_shows_when_and_what_it_cost(
    call: Callable[..., Any], finish: Callable[..., Any], assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    upstream.script(Turn("Hi", usage={"input_tokens": 40, "output_tokens": 2, "cached_tokens": 30}))
    run = call("POST", f"/threads/{thread.id}/runs", {"assistant_id": assistant.id})
    done = finish(run)
    assert list(done) == RUN
    assert {key: value for key, value in done.items() if value != run[key]} == {
        "status": "completed",
        "started_at": 1_790_000_000,
        "completed_at": 1_790_000_000,
        "expires_at": None,
        "usage": {
            "prompt_tokens": 40,
            "completion_tokens": 2,
            "total_tokens": 42,
            "prompt_token_details": {"cached_tokens": 30},
            "completion_tokens_details": {"reasoning_tokens": 0},
        },
    }
    assert list(done["usage"]) == USAGE
    assert call("GET", f"/threads/{thread.id}/runs/{run['id']}") == done


def test_a_run_has_its_assistants_settings_where_it_says_nothing_or_null(
    call: Callable[..., Any], finish: Callable[..., Any], configured: Any, thread: Any
) -> None:
    for more in ({}, dict.fromkeys(name for name, *_ in OVERRIDES)):
        run = call("POST", f"/threads/{thread.id}/runs", {"assistant_id": configured.id, **more})
        for name in ("model", "instructions", "temperature", "top_p", "reasoning_effort"):
            assert run[name] == getattr(configured, name, None), name
        assert run["tools"] == [tool.to_dict() for tool in configured.tools]
        assert run["response_format"] == {"type": "json_object"}
        assert (run["metadata"], run["tool_choice"], run["parallel_tool_calls"]) == ({}, "auto", True)
        finish(run)


@pytest.mark.parametrize(("name", "given", "shown"), OVERRIDES, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(OVERRIDES)])
@pytest.mark.parametrize("new_thread", [False, True], ids=["in a thread", "with a new thread"])
def test_a_run_can_say_otherwise_and_the_assistant_stays_as_it_is(
    call: Callable[..., Any], configured: Any, thread: Any, name: str, given: Any, shown: Any, new_thread: bool
) -> None:
    before = call("GET", f"/assistants/{configured.id}")
    body = {"assistant_id": configured.id, name: given}
    if new_thread:
        run = call("POST", "/threads/runs", {**body, "thread": {"messages": [{"role": "user", "content": "Hi"}]}})
    else:
        run = call("POST", f"/threads/{thread.id}/runs", body)
    assert repr(run[name]) == repr(shown)
    assert list(run) == RUN
    assert call("GET", f"/assistants/{configured.id}") == before


@pytest.mark.parametrize(
    ("own", "given", "additional", "shown"),
    [
        ("Be kind.", None, "Be brief.", "Be kind.\nBe brief."),
        ("Be kind.", "Be rude.", "Be brief.", "Be rude.\nBe brief."),
        (None, None, "Be brief.", "Be brief."),
        ("Be kind.", None, "", "Be kind."),
        ("Be kind.", None, None, "Be kind."),
        ("Be kind.", "", "Be brief.", "Be brief."),
    ],
)
def test_additional_instructions_come_after_the_others(
    client: openai.OpenAI, thread: Any, upstream: OfflineUpstream, own: Any, given: Any, additional: Any, shown: str
) -> None:
    assistant = client.beta.assistants.create(model="gpt-4o", instructions=own)
    run = client.beta.threads.runs.create_and_poll(
        thread_id=thread.id, assistant_id=assistant.id, instructions=given, additional_instructions=additional
    )
    assert run.instructions == shown
    assert upstream.requests[0].body["instructions"] == shown


def test_additional_messages_stay_in_the_thread(client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream) -> None:
    upstream.script("Hi")
    client.beta.threads.runs.create_and_poll(
        thread_id=thread.id,
        assistant_id=assistant.id,
        additional_messages=[{"role": "user", "content": "One", "metadata": {"n": "1"}}, {"role": "assistant", "content": "Two"}],
    )
    found = list(client.beta.threads.messages.list(thread.id, order="asc"))
    assert [(m.role, m.content[0].to_dict()["text"]["value"], m.run_id is None) for m in found] == [  # type: ignore[index]
        ("user", "Hello", True),
        ("user", "One", True),
        ("assistant", "Two", True),
        ("assistant", "Hi", False),
    ]
    assert found[1].metadata == {"n": "1"}
    assert [item["role"] for item in upstream.requests[0].body["input"]] == ["user", "user", "assistant"]


def test_a_thread_can_be_made_with_its_run(client: openai.OpenAI, assistant: Any, upstream: OfflineUpstream) -> None:
    upstream.script("Hi")
    run = client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Hello there"}], "metadata": {"a": "b"}}
    )
    assert (run.status, client.beta.threads.retrieve(run.thread_id).metadata) == ("completed", {"a": "b"})
    assert upstream.requests[0].body["input"] == [user("Hello there")]


def test_a_run_with_a_new_thread_needs_no_message_where_there_are_instructions(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    """The Responses API takes no request without input; the instructions are all there is to say."""
    assistant = client.beta.assistants.create(model="gpt-4o", instructions="Greet the user.")
    upstream.script("Welcome!", "And again.")
    run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id)
    assert (run.status, run.last_error) == ("completed", None)
    (message,) = client.beta.threads.messages.list(run.thread_id)
    assert message.content[0].to_dict()["text"]["value"] == "Welcome!"  # type: ignore[index]
    assert "Greet the user." in str(upstream.requests[0].body)
    client.beta.threads.runs.create_and_poll(thread_id=run.thread_id, assistant_id=assistant.id)
    assert upstream.requests[1].body["instructions"] == "Greet the user."


def test_runs_are_listed_newest_first(call: Callable[..., Any], finish: Callable[..., Any], assistant: Any, thread: Any) -> None:
    made = [finish(call("POST", f"/threads/{thread.id}/runs", {"assistant_id": assistant.id})) for _ in range(3)]
    listed = call("GET", f"/threads/{thread.id}/runs")
    assert list(listed) == LIST
    assert listed["data"] == made[::-1]


def test_a_runs_metadata_can_be_changed_in_any_state(
    call: Callable[..., Any], finish: Callable[..., Any], assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    upstream.script(FunctionCall("f"))
    body = {"assistant_id": assistant.id, "tools": [function("f")], "metadata": {"a": "b"}}
    run = finish(call("POST", f"/threads/{thread.id}/runs", body))
    at = f"/threads/{thread.id}/runs/{run['id']}"
    assert call("POST", at, {}) == run
    assert call("POST", at, {"metadata": {"c": "d"}}) == {**run, "metadata": {"c": "d"}}
    assert call("POST", at, {"metadata": None})["metadata"] == {}
    call("POST", f"{at}/cancel")
    ended = call("GET", at)
    assert call("POST", at, {"metadata": {"e": "f"}}) == {**ended, "metadata": {"e": "f"}}


def test_a_cancelled_run_says_cancelling_and_then_cancelled(
    call: Callable[..., Any], finish: Callable[..., Any], assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    upstream.script(Turn(FunctionCall("f"), usage={"input_tokens": 5, "output_tokens": 2}))
    run = finish(call("POST", f"/threads/{thread.id}/runs", {"assistant_id": assistant.id, "tools": [function("f")]}))
    at = f"/threads/{thread.id}/runs/{run['id']}"
    answer = call("POST", f"{at}/cancel")
    assert list(answer) == RUN
    assert (answer["status"], answer["cancelled_at"], answer["expires_at"]) == ("cancelling", None, run["expires_at"])
    ended = call("GET", at)
    assert (ended["status"], ended["cancelled_at"], ended["expires_at"]) == ("cancelled", 1_790_000_000, None)
    assert (ended["required_action"], ended["usage"]["total_tokens"]) == (None, 7)


def test_a_run_that_runs_out_of_tokens_is_incomplete(
    call: Callable[..., Any], finish: Callable[..., Any], http: Callable[..., Any], assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    words = " ".join(f"word{n}" for n in range(60))
    upstream.script(Text(words), Text(words))
    body = {"assistant_id": assistant.id, "max_completion_tokens": 20}
    done = finish(call("POST", f"/threads/{thread.id}/runs", body))
    assert upstream.requests[0].body["max_output_tokens"] == 20
    assert list(done) == RUN
    assert (done["status"], done["incomplete_details"]) == ("incomplete", {"reason": "max_completion_tokens"})
    assert (done["completed_at"], done["expires_at"], done["failed_at"]) == (1_790_000_000, None, None)
    assert done["usage"]["completion_tokens"] == 20
    (message, _) = call("GET", f"/threads/{thread.id}/messages")["data"]
    assert words.startswith(message["content"][0]["text"]["value"])
    (step,) = call("GET", f"/threads/{thread.id}/runs/{done['id']}/steps")["data"]
    assert (step["status"], step["usage"]) == ("completed", done["usage"])
    stream = events(http("POST", f"/threads/{thread.id}/runs", {**body, "stream": True}).content)
    told = {name: data for name, data in stream if data != "[DONE]"}
    assert told["thread.run.incomplete"]["incomplete_details"] == {"reason": "max_completion_tokens"}
    broken_off: Json = told["thread.message.incomplete"]
    assert (broken_off["status"], broken_off["incomplete_details"]) == ("incomplete", {"reason": "max_tokens"})
    assert (broken_off["incomplete_at"], broken_off["completed_at"]) == (1_790_000_000, None)


def test_an_answer_that_a_content_filter_ends_says_so_on_run_and_message(
    http: Callable[..., Any], assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    upstream.script(Text("Well, I", incomplete="content_filter"))
    told = dict(events(http("POST", f"/threads/{thread.id}/runs", {"assistant_id": assistant.id, "stream": True}).content))
    assert told["thread.run.incomplete"]["incomplete_details"] == {"reason": "content_filter"}
    broken_off: Json = told["thread.message.incomplete"]
    assert (broken_off["status"], broken_off["incomplete_details"]) == ("incomplete", {"reason": "content_filter"})


def test_the_token_budget_is_for_all_of_a_runs_model_calls(
    call: Callable[..., Any], finish: Callable[..., Any], assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    upstream.script(
        Turn(FunctionCall("f", call_id="call_1"), usage={"output_tokens": 60}),
        Turn(FunctionCall("f", call_id="call_2"), usage={"output_tokens": 40}),
    )
    body = {"assistant_id": assistant.id, "tools": [function("f")], "max_completion_tokens": 100}
    run = finish(call("POST", f"/threads/{thread.id}/runs", body))
    for id in ("call_1", "call_2"):
        at = f"/threads/{thread.id}/runs/{run['id']}/submit_tool_outputs"
        run = finish(call("POST", at, {"tool_outputs": [{"tool_call_id": id, "output": "ok"}]}))
    assert [request.body["max_output_tokens"] for request in upstream.requests] == [100, 40]
    assert (run["status"], run["incomplete_details"]) == ("incomplete", {"reason": "max_completion_tokens"})
    assert run["usage"]["completion_tokens"] == 100


def test_a_run_of_a_deleted_assistant_cannot_be_made_but_its_old_runs_stay(
    client: openai.OpenAI, refused: Callable[..., Any], assistant: Any, thread: Any
) -> None:
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    client.beta.assistants.delete(assistant.id)
    assert client.beta.threads.runs.retrieve(run.id, thread_id=thread.id) == run
    for path, body in (
        (f"/threads/{thread.id}/runs", {"additional_messages": [{"role": "user", "content": "Hi"}]}),
        ("/threads/runs", {"thread": {"messages": [{"role": "user", "content": "Hi"}]}}),
    ):
        status, error = refused("POST", path, {"assistant_id": assistant.id, **body})
        assert (status, error["message"]) == (404, f"No assistant found with id '{assistant.id}'.")
