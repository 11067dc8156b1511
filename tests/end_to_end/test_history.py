"""The history that a run sends: the same byte for byte from run to run, whole, and without loose ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import openai
import pytest

from assistants_compat.runs.context import model_input
from assistants_compat.settings import Settings
from assistants_compat.store.items import Item
from assistants_compat.testing import FunctionCall, OfflineUpstream, Reasoning, Text, Turn, UpstreamRequest

from .support import function, said, submit, user

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture(scope="module")
def settings(one_store: Settings) -> Settings:
    return one_store


def inputs(upstream: OfflineUpstream) -> list[str]:
    """The input of every call, as bytes on the wire would have it."""
    return [json.dumps(request.body["input"], separators=(",", ":")) for request in upstream.requests]


@pytest.mark.parametrize("model", ["gpt-4o", "o3", "gpt-5.5"])
def test_what_was_sent_once_is_sent_again_byte_for_byte(
    client: openai.OpenAI, assistant: Any, upstream: OfflineUpstream, model: str
) -> None:
    """So that the model's server finds it in its cache, under the thread's name."""
    thread = client.beta.threads.create()
    for n in range(3):
        upstream.script(
            Turn(Reasoning("Hm."), Text("I look it up."), FunctionCall("f", {"n": n}, f"call_{n}a"), FunctionCall("f", {}, f"call_{n}b")),
            Turn(Reasoning("So."), Text(f"It is {n}. ☃")),
        )
        client.beta.threads.messages.create(thread.id, role="user", content=f"Question {n} ☃")
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, model=model, tools=[function("f")])
        assert submit(client, run, {f"call_{n}{b}": "ok" for b in "ab"}).status == "completed"
    sent = inputs(upstream)
    assert len(sent) == 6
    for before, after in pairwise(sent):
        assert after.startswith(before.removesuffix("]") + ",")
    assert {request.body["prompt_cache_key"] for request in upstream.requests} == {thread.id}


def kinds(request: UpstreamRequest) -> list[str]:
    return [item.get("role") or item["type"] for item in request.body["input"]]


def test_reasoning_goes_with_what_followed_it_and_is_carried_encrypted(
    client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    """The upstream here is strict: it opens every seal, and refuses reasoning without its follower."""
    upstream.script(
        Turn(Reasoning("Hm."), FunctionCall("f", {}, "call_1"), FunctionCall("f", {}, "call_2")), Turn(Reasoning("So."), "Ten.")
    )
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, model="gpt-5.5", tools=[function("f")])
    submit(client, run, {"call_1": "5", "call_2": "5"})
    client.beta.threads.messages.create(thread.id, role="user", content="Sure?")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, model="gpt-5.5")
    assert run.status == "completed"
    rounds = ["reasoning", "function_call", "function_call", "function_call_output", "function_call_output"]
    assert [kinds(request) for request in upstream.requests] == [
        ["user"],
        ["user", *rounds],
        ["user", *rounds, "reasoning", "assistant", "user"],
    ]
    for request in upstream.requests:
        assert (request.body["store"], request.body["include"]) == (False, ["reasoning.encrypted_content"])
        for item in request.body["input"]:
            assert "id" not in item
            if item.get("type") == "reasoning":
                assert set(item) == {"type", "summary", "encrypted_content"}
    assert upstream.requests[2].body["input"][-2] == said("Ten.", phase="final_answer")


def test_another_models_reasoning_is_left_out(client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream) -> None:
    upstream.script(Turn(Reasoning("Hm."), "One."), "Two.", "Three.")
    for model in ("gpt-5.5", "gpt-5.6-sol", "gpt-5.5"):
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, model=model)
        assert run.status == "completed"
    assert [kinds(request) for request in upstream.requests] == [
        ["user"],
        ["user", "assistant"],
        ["user", "reasoning", "assistant", "assistant"],
    ]


def test_reasoning_of_a_deleted_message_goes_with_it(client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream) -> None:
    upstream.script(Turn(Reasoning("Hm."), "One."), "Two.")
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, model="gpt-5.5")
    client.beta.threads.messages.delete(client.beta.threads.messages.list(thread.id).data[0].id, thread_id=thread.id)
    client.beta.threads.messages.create(thread.id, role="assistant", content="Another's words")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, model="gpt-5.5")
    assert run.status == "completed"
    assert kinds(upstream.requests[1]) == ["user", "assistant"]


@pytest.mark.parametrize("last", [1, 2, 3, 4, 9])
def test_last_messages_are_exactly_the_last_messages(client: openai.OpenAI, assistant: Any, upstream: OfflineUpstream, last: int) -> None:
    thread = client.beta.threads.create(
        messages=[{"role": "user" if n % 2 == 0 else "assistant", "content": f"Message {n}"} for n in range(5)]
    )
    client.beta.threads.runs.create_and_poll(
        thread_id=thread.id, assistant_id=assistant.id, truncation_strategy={"type": "last_messages", "last_messages": last}
    )
    everything = [user(f"Message {n}") if n % 2 == 0 else said(f"Message {n}") for n in range(5)]
    assert upstream.requests[0].body["input"] == everything[-last:]


def test_last_messages_keep_a_runs_own_calls_and_messages_through_its_rounds(
    client: openai.OpenAI, assistant: Any, upstream: OfflineUpstream
) -> None:
    thread = client.beta.threads.create(messages=[{"role": "user", "content": f"Message {n}"} for n in range(3)])
    upstream.script(Turn("Let me see.", FunctionCall("f", {}, "call_1")), Turn(FunctionCall("f", {}, "call_2")), "Done.")
    truncation: Any = {"type": "last_messages", "last_messages": 1}
    run = client.beta.threads.runs.create_and_poll(
        thread_id=thread.id, assistant_id=assistant.id, truncation_strategy=truncation, tools=[function("f")]
    )
    for id in ("call_1", "call_2"):
        run = submit(client, run, {id: "ok"})
    assert run.status == "completed"
    round_ = ["function_call", "function_call_output"]
    assert [kinds(request) for request in upstream.requests] == [
        ["user"],
        ["user", "assistant", *round_],
        ["user", "assistant", *round_ * 2],
    ]
    assert upstream.requests[2].body["input"][0] == user("Message 2")


def test_earlier_calls_and_their_outputs_stay_in_the_models_sight(
    client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    upstream.script(FunctionCall("f", {"a": "ü"}, "call_1"), "Done.", "Yes.")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, tools=[function("f")])
    submit(client, run, {"call_1": "It is ☃"})
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert upstream.requests[2].body["input"] == [
        user("Hello"),
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": '{"a":"ü"}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "It is ☃"},
        said("Done."),
    ]


def test_calls_of_a_cancelled_run_leave_no_loose_ends(
    client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    upstream.script(Turn(Reasoning("Hm."), "Wait.", FunctionCall("f", {}, "call_1")), "Hello again.")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, model="gpt-5.5", tools=[function("f")])
    client.beta.threads.runs.cancel(run.id, thread_id=thread.id)
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, model="gpt-5.5")
    assert (run.status, kinds(upstream.requests[1])) == ("completed", ["user", "reasoning", "assistant"])


def test_a_call_goes_with_its_own_output_where_a_model_makes_the_same_id_twice(
    client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    """Some do (recorded: pydantic-ai's test_reused_tool_call_ids)."""
    upstream.script(FunctionCall("f", {"n": 1}, "call_1"), FunctionCall("f", {"n": 2}, "call_1"), "Done.", FunctionCall("f", {}, "call_1"))
    tools: Any = [function("f")]
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, tools=tools)
    for output in ("one", "two"):
        run = submit(client, run, {"call_1": output})
    cancelled = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, tools=tools)
    client.beta.threads.runs.cancel(cancelled.id, thread_id=thread.id)
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert (run.status, run.last_error) == ("completed", None)
    pairs = [
        (item["call_id"], item.get("arguments") or item["output"]) for item in upstream.requests[-1].body["input"] if "call_id" in item
    ]
    assert pairs == [("call_1", '{"n":1}'), ("call_1", "one"), ("call_1-2", '{"n":2}'), ("call_1-2", "two")]


def test_a_message_that_was_cut_off_before_its_first_word_does_not_spoil_the_thread(
    client: openai.OpenAI, call: Callable[..., Any], assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    """The budget goes by tokens, and a message can begin with none left: it has no text, or no part at all."""
    upstream.script(Turn(Text(" ".join(["word"] * 16)), Text("No room for this")), "Go on.")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, max_completion_tokens=16)
    assert run.status == "incomplete"
    assert client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id).status == "completed"
    assert len(call("GET", f"/threads/{thread.id}/messages")["data"]) == 4


def test_a_message_without_any_part_is_not_sent() -> None:
    """The Responses API refuses a message whose content is an empty list."""
    empty = Item("msg_1", "message", "assistant", "run_1", {"content": []}, {})
    reasoning = Item("item_1", "reasoning", None, "run_1", {"type": "reasoning"}, {"model": "gpt-5.5"})
    hello = Item("msg_2", "message", "user", None, {"content": [{"type": "text", "text": {"value": "Hello", "annotations": []}}]}, {})
    assert model_input([reasoning, empty, hello], "gpt-5.5") == [user("Hello")]
