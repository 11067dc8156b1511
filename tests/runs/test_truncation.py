"""A thread longer than the model's context, and the budgets of a run: what is sent, and what the run says when nothing may be."""

from __future__ import annotations

import sys
import threading
from types import SimpleNamespace
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistants_compat.runs import models, tokens
from assistants_compat.runs.truncation import select
from assistants_compat.store.items import Item
from assistants_compat.testing import FunctionCall, HttpError, OfflineUpstream, Text

WEATHER: Any = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
LONG = "word " * 20_000  # about 28,000 tokens by the estimate, so that five of them are too many for gpt-4o


def texts(upstream: OfflineUpstream) -> list[str]:
    """What the last request's messages begin with."""
    return [item["content"][0]["text"][:9].strip() for item in upstream.requests[-1].body["input"] if item["type"] == "message"]


def ask(client: openai.OpenAI, thread: str, assistant: str, text: str, **parameters: Any) -> Any:
    client.beta.threads.messages.create(thread, role="user", content=text)
    return client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant, **parameters)


@pytest.fixture
def assistant(client: openai.OpenAI) -> str:
    return client.beta.assistants.create(model="gpt-4o", instructions="Be brief.").id


@pytest.fixture
def thread(client: openai.OpenAI) -> str:
    return client.beta.threads.create(messages=[{"role": "user", "content": "The topic is bears."}]).id


def test_a_thread_that_is_too_long_loses_its_middle_and_the_strict_upstream_takes_it(
    client: openai.OpenAI, upstream: OfflineUpstream, thread: str, assistant: str
) -> None:
    for number in range(8):
        client.beta.threads.messages.create(thread, role="user", content=f"long {number:3} {LONG}")
    run = ask(client, thread, assistant, "And now?")
    assert run.status == "completed", run.last_error
    sent = texts(upstream)
    assert sent[0] == "The topic"
    assert sent[-1] == "And now?"
    kept = [text for text in sent if text.startswith("long")]
    assert 0 < len(kept) < 8
    assert kept == [f"long {number:3}".strip() for number in range(8 - len(kept), 8)]
    assert len(upstream.requests) == 1


def test_a_thread_that_fits_is_sent_whole(client: openai.OpenAI, upstream: OfflineUpstream, thread: str, assistant: str) -> None:
    client.beta.threads.messages.create(thread, role="user", content=f"long {LONG}")
    ask(client, thread, assistant, "And now?")
    assert texts(upstream) == ["The topic", "long word", "And now?"]


def test_a_request_that_the_upstream_finds_too_long_is_sent_once_more_with_less(
    client: openai.OpenAI, upstream: OfflineUpstream, thread: str, assistant: str
) -> None:
    for number in range(3):
        client.beta.threads.messages.create(thread, role="user", content=f"long {number:3} {LONG}")
    upstream.script(
        HttpError(400, "Your input exceeds the context window of this model.", "context_length_exceeded", param="input"), "Fine."
    )
    run = ask(client, thread, assistant, "And now?")
    assert run.status == "completed", run.last_error
    assert [len(request.body["input"]) for request in upstream.requests] == [5, 4]
    assert texts(upstream)[0] == "The topic"


def test_a_request_that_is_still_too_long_then_fails_the_run(
    client: openai.OpenAI, upstream: OfflineUpstream, thread: str, assistant: str
) -> None:
    upstream.script(*[HttpError(400, "Too long.", "context_length_exceeded", param="input")] * 2)
    run = ask(client, thread, assistant, "And now?")
    assert (run.status, run.last_error.code, run.last_error.message) == ("failed", "invalid_prompt", "Too long.")
    assert len(upstream.requests) == 2


def test_a_message_that_alone_is_longer_than_the_context_is_the_upstreams_to_refuse(
    client: openai.OpenAI, upstream: OfflineUpstream, thread: str
) -> None:
    small = client.beta.assistants.create(model="gpt-4o").id
    for _ in range(4):
        client.beta.threads.messages.create(thread, role="assistant", content=LONG)
    content: Any = [{"type": "text", "text": "x" * 250_000}] * 3
    client.beta.threads.messages.create(thread, role="user", content=content)
    run = client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=small)
    assert (run.status, run.last_error.code) == ("failed", "invalid_prompt")
    assert ask(client, thread, small, "Never mind.").status == "completed"


def test_the_last_messages_are_cut_too_where_they_do_not_fit(
    client: openai.OpenAI, upstream: OfflineUpstream, thread: str, assistant: str
) -> None:
    for number in range(8):
        client.beta.threads.messages.create(thread, role="user", content=f"long {number:3} {LONG}")
    run = ask(client, thread, assistant, "And now?", truncation_strategy={"type": "last_messages", "last_messages": 7})
    assert run.status == "completed", run.last_error
    assert "The topic" not in texts(upstream)
    assert len(texts(upstream)) < 7


def test_a_prompt_budget_leaves_out_what_it_cannot_pay_for(
    client: openai.OpenAI, upstream: OfflineUpstream, thread: str, assistant: str
) -> None:
    for number in range(4):
        client.beta.threads.messages.create(thread, role="user", content=f"long {number:3} {'word ' * 200}")
    run = ask(client, thread, assistant, "And now?", max_prompt_tokens=700)
    assert run.status == "completed", run.last_error
    assert run.max_prompt_tokens == 700
    assert texts(upstream) == ["The topic", "long   2", "long   3", "And now?"]


def test_a_prompt_budget_is_one_for_all_calls_of_a_run(client: openai.OpenAI, upstream: OfflineUpstream, thread: str) -> None:
    guide = client.beta.assistants.create(model="gpt-4o", tools=[WEATHER]).id
    upstream.script(FunctionCall("get_weather", {}))
    run = ask(client, thread, guide, "word " * 200, max_prompt_tokens=600)
    assert run.status == "requires_action"
    calls = run.required_action.submit_tool_outputs.tool_calls
    run = client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=thread, tool_outputs=[{"tool_call_id": call.id, "output": "sunny"} for call in calls]
    )
    assert run.status == "incomplete"
    assert run.incomplete_details.reason == "max_prompt_tokens"
    assert len(upstream.requests) == 1
    assert run.usage.prompt_tokens == upstream_prompt_tokens(client, thread, run.id)
    assert ask(client, thread, guide, "Never mind.").status == "completed"


def upstream_prompt_tokens(client: openai.OpenAI, thread: str, run: str) -> int:
    return sum(step.usage.prompt_tokens for step in client.beta.threads.runs.steps.list(run, thread_id=thread) if step.usage)


def test_a_prompt_budget_too_small_for_the_newest_message_makes_no_call(
    client: openai.OpenAI, upstream: OfflineUpstream, thread: str, assistant: str
) -> None:
    run = ask(client, thread, assistant, "word " * 400, max_prompt_tokens=256)
    assert (run.status, run.incomplete_details.reason) == ("incomplete", "max_prompt_tokens")
    assert upstream.requests == []


def test_the_next_call_gets_what_the_first_left_of_the_completion_budget(
    client: openai.OpenAI, upstream: OfflineUpstream, thread: str
) -> None:
    guide = client.beta.assistants.create(model="gpt-4o", tools=[WEATHER]).id
    upstream.script(FunctionCall("get_weather", {}), Text("Sunny."))
    run = ask(client, thread, guide, "The weather?", max_completion_tokens=1000)
    calls = run.required_action.submit_tool_outputs.tool_calls
    client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=thread, tool_outputs=[{"tool_call_id": call.id, "output": "sunny"} for call in calls]
    )
    first, second = (request.body["max_output_tokens"] for request in upstream.requests)
    step = client.beta.threads.runs.steps.list(run.id, thread_id=thread, order="asc").data[0]
    assert (first, second) == (1000, 1000 - step.usage.completion_tokens)


# -- the pure part


def entries(kinds: list[str]) -> list[Item]:
    """Items, oldest first, of the kinds named: u, a (messages), r (reasoning), f (a call with its output)."""
    made: list[Item] = []
    for place, kind in enumerate(kinds):
        if kind in "ua":
            made.append(Item(f"m{place}", "message", {"u": "user", "a": "assistant"}[kind], None, {"content": []}, {}))
        elif kind == "r":
            made.append(Item(f"r{place}", "reasoning", None, "run", {}, {}))
        else:
            made.append(Item(f"c{place}", "function_call", None, "run", {"call_id": f"{place}"}, {}))
            made.append(Item(f"o{place}", "function_call_output", None, "run", {"call_id": f"{place}"}, {}))
    return made


@given(st.lists(st.sampled_from(["u", "a", "f", "ra", "rf", "rrf"]), max_size=20), st.integers(0, 40))
def test_any_selection_keeps_the_head_and_an_unbroken_tail_in_order_and_breaks_no_round(kinds: list[str], budget: int) -> None:
    history = entries(list("".join(kinds)))
    first = next((item for item in history if item.role == "user"), None)
    chosen = select(reversed(history), budget, lambda item: 1, first).items
    ids = [item.id for item in chosen]
    assert len(set(ids)) == len(ids)
    tail = chosen[1:] if first is not None and chosen and chosen[0] is first and chosen != history[-len(chosen) :] else chosen
    assert tail == history[len(history) - len(tail) :]
    if first is not None:
        assert first in chosen
        newest_turn = history[max(place for place, item in enumerate(history) if item.role == "user") :]
        assert tail[-len(newest_turn) :] == newest_turn
        if len(chosen) < len(history):
            assert len(chosen) <= max(budget, len(newest_turn) + 1)
    calls = {item.body["call_id"] for item in chosen if item.type == "function_call"}
    assert calls == {item.body["call_id"] for item in chosen if item.type == "function_call_output"}


def test_a_selection_reads_no_further_than_it_needs() -> None:
    history = entries(["u"] * 1000)
    read = []

    def newest_first() -> Any:
        for item in reversed(history):
            read.append(item)
            yield item

    assert len(select(newest_first(), 10, lambda item: 1, history[0]).items) == 10
    assert len(read) < 15


@pytest.mark.parametrize(
    ("model", "window"),
    [("gpt-4", 8_192), ("gpt-4-0613", 8_192), ("gpt-4-turbo", 128_000), ("gpt-4.1-mini", 1_047_576), ("gpt-4o-2024-08-06", 128_000),
     ("gpt-5-nano", 400_000), ("gpt-5.6-sol", 1_050_000), ("ft:gpt-3.5-turbo:acme::1", 16_385), ("my-deployment", models.UNKNOWN_WINDOW)],
)  # fmt: skip
def test_a_models_context_is_known_by_its_name(model: str, window: int) -> None:
    assert models.window(model) == window
    assert models.room_for_input(model, None) < window
    assert models.room_for_input(model, 16) == window - 16


def test_tiktoken_counts_once_it_has_its_vocabulary_and_is_done_without_until_then(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = threading.Event()
    encoding = SimpleNamespace(encode_ordinary=str.split)
    fake = SimpleNamespace(get_encoding=lambda name: loaded.wait(10) and encoding)
    monkeypatch.setitem(sys.modules, "tiktoken", fake)
    counts = tokens.Tiktoken()
    assert counts.count() is None
    loaded.set()
    for thread in threading.enumerate():
        if thread.name == "assistants-compat-tiktoken":
            thread.join(10)
    count = counts.count()
    assert count is not None
    assert count("one two three") == 3


def test_without_tiktoken_the_estimate_is_all_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tiktoken", None)
    counts = tokens.Tiktoken()
    counts._load()
    assert counts._count is None


@given(st.text())
def test_the_estimate_counts_no_script_for_nothing(text: str) -> None:
    assert tokens.estimate(text) >= len(text) / 4
    assert tokens.estimate(text) <= len(text) + 1
