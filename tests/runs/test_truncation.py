"""A thread longer than the model's context, and the budgets of a run: what is sent, and what the run says when nothing may be."""

from __future__ import annotations

import sys
import threading
from types import SimpleNamespace
from typing import Any

import openai
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistants_compat.runs import models, tokens
from assistants_compat.runs.truncation import select
from assistants_compat.store.items import Item
from assistants_compat.testing import FunctionCall, HttpError, OfflineUpstream, Reasoning, Text, Turn
from budget import examples

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
    assert [len(request.body["input"]) for request in upstream.requests] == [5, 3]
    assert texts(upstream)[0] == "The topic"


@pytest.mark.parametrize("upstream", [OfflineUpstream(models={"gpt-4.1-of-ours": "gpt-4o"})])
def test_it_is_sent_with_less_also_where_the_model_reads_less_than_its_name_says(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    """A deployment may be called anything. Taken for one of a million tokens, this one has 128,000."""
    guide = client.beta.assistants.create(model="gpt-4.1-of-ours").id
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "The topic is bears."}]).id
    for number in range(6):
        client.beta.threads.messages.create(thread, role="user", content=f"long {number:3} {LONG}")
    run = ask(client, thread, guide, "And now?")
    assert run.status == "completed", run.last_error
    assert [len(request.body["input"]) for request in upstream.requests] == [8, 5]
    assert texts(upstream) == ["The topic", "long   3", "long   4", "long   5", "And now?"]


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


def answered(client: openai.OpenAI, run: Any, output: str) -> Any:
    """The run after all that it asked for has been submitted."""
    outputs: Any = [{"tool_call_id": call.id, "output": output} for call in run.required_action.submit_tool_outputs.tool_calls]
    return client.beta.threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs)


def test_a_run_whose_own_rounds_are_too_long_loses_the_earlier_ones_and_keeps_its_question(
    client: openai.OpenAI, upstream: OfflineUpstream, thread: str
) -> None:
    guide = client.beta.assistants.create(model="gpt-4o", tools=[WEATHER]).id
    upstream.script(*[Turn(*[FunctionCall("get_weather", {}, f"call_{n}{part}") for part in "ab"]) for n in range(6)], "Sunny.")
    run = ask(client, thread, guide, "Everywhere?")
    for _ in range(6):
        run = answered(client, run, LONG[:70_000])
    assert run.status == "completed", run.last_error
    assert texts(upstream) == ["The topic", "Everywher"]
    sent = [item["call_id"] for item in upstream.requests[-1].body["input"] if "call_id" in item]
    assert sent == [f"call_{n}{part}" for n in (4, 5) for part in "abab"]
    assert len(upstream.requests) == 7


def test_a_thread_without_a_users_message_is_cut_as_well(client: openai.OpenAI, upstream: OfflineUpstream, assistant: str) -> None:
    empty = client.beta.threads.create().id
    for number in range(8):
        client.beta.threads.messages.create(empty, role="assistant", content=f"long {number:3} {LONG}")
    run = client.beta.threads.runs.create_and_poll(thread_id=empty, assistant_id=assistant)
    assert run.status == "completed", run.last_error
    assert texts(upstream) == ["long   5", "long   6", "long   7"]
    assert len(upstream.requests) == 1


def test_instructions_and_tools_take_their_part_of_the_room(client: openai.OpenAI, upstream: OfflineUpstream, thread: str) -> None:
    for number in range(3):
        client.beta.threads.messages.create(thread, role="user", content=f"long {number:3} {LONG}")
    large: Any = {"type": "function", "function": {"name": "f", "description": LONG, "parameters": {"type": "object", "properties": {}}}}
    for parameters in ({"instructions": "x" * 110_000}, {"tools": [large]}):
        ask(client, thread, client.beta.assistants.create(model="gpt-4o").id, "And now?", **parameters)
        assert texts(upstream)[:2] == ["The topic", "long   1"]
    run = ask(client, thread, client.beta.assistants.create(model="gpt-4o").id, "Short?", instructions="x" * 2000, max_prompt_tokens=500)
    assert (run.status, run.incomplete_details.reason) == ("incomplete", "max_prompt_tokens")


def test_both_budgets_go_down_with_every_call_as_the_documentation_has_it(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    """500 and 1000: when the first call has used 200 and 300, the second has 300 and 700."""
    thread = client.beta.threads.create(messages=[{"role": "user", "content": f"{n} {'x' * 250}"} for n in range(7)]).id
    guide = client.beta.assistants.create(model="gpt-4o").id
    upstream.script(
        Turn(FunctionCall("get_weather", {}), usage={"input_tokens": 200, "output_tokens": 300}),
        Turn(FunctionCall("get_weather", {}), usage={"input_tokens": 250, "output_tokens": 690}),
    )
    run = ask(client, thread, guide, "And now?", tools=[WEATHER], max_prompt_tokens=500, max_completion_tokens=1000)
    run = answered(client, run, "sunny")
    assert [request.body["max_output_tokens"] for request in upstream.requests] == [1000, 700]
    # An x is 1/3.6 of a token by the estimate, a message about 75.
    assert [len([item for item in request.body["input"] if item["type"] == "message"]) for request in upstream.requests] == [7, 4]
    assert run.status == "requires_action", run.last_error
    run = answered(client, run, "sunny")  # 50 tokens of the prompt are left: not enough for the question and the newest round
    assert (run.status, run.incomplete_details.reason, len(upstream.requests)) == ("incomplete", "max_prompt_tokens", 2)
    assert (run.usage.prompt_tokens, run.usage.completion_tokens) == (450, 990)


def test_the_last_of_the_completion_budget_ends_the_answer_and_says_so_on_run_and_message(
    client: openai.OpenAI, upstream: OfflineUpstream, thread: str
) -> None:
    guide = client.beta.assistants.create(model="gpt-4o", tools=[WEATHER]).id
    upstream.script(
        Turn(FunctionCall("get_weather", {}), usage={"output_tokens": 60}),
        Turn(FunctionCall("get_weather", {}), usage={"output_tokens": 10}),
        Text("word " * 40),
    )
    streamed = []
    run = answered(client, ask(client, thread, guide, "The weather?", max_completion_tokens=100), "sunny")
    outputs: Any = [{"tool_call_id": run.required_action.submit_tool_outputs.tool_calls[0].id, "output": "sunny"}]
    for event in client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=thread, tool_outputs=outputs, stream=True):
        streamed.append((event.event, event.data))
    run = client.beta.threads.runs.retrieve(run.id, thread_id=thread)
    assert [request.body["max_output_tokens"] for request in upstream.requests] == [100, 40, 30]
    assert (run.status, run.incomplete_details.reason) == ("incomplete", "max_completion_tokens")
    ended: Any = dict(streamed)["thread.message.incomplete"]
    assert (ended.incomplete_details.reason, ended.content[0].text.value.split()) == ("max_tokens", ["word"] * 30)
    shown: Any = client.beta.threads.messages.list(thread, run_id=run.id).data[0].content[0]
    assert shown.text.value == ended.content[0].text.value


def test_a_completion_budget_that_is_spent_to_the_last_makes_no_further_call(
    client: openai.OpenAI, upstream: OfflineUpstream, thread: str
) -> None:
    guide = client.beta.assistants.create(model="gpt-4o", tools=[WEATHER]).id
    upstream.script(Turn(FunctionCall("get_weather", {}), usage={"output_tokens": 100}))
    run = answered(client, ask(client, thread, guide, "The weather?", max_completion_tokens=100), "sunny")
    assert (run.status, run.incomplete_details.reason, len(upstream.requests)) == ("incomplete", "max_completion_tokens", 1)
    assert ask(client, thread, guide, "Never mind.").status == "completed"


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(1, 200), st.lists(st.tuples(st.integers(1, 3), st.integers(1, 100)), max_size=2)), min_size=1, max_size=3
    ),
    st.integers(1, 400),
)
def test_whatever_a_thread_holds_no_call_is_sent_more_than_its_run_may_pay_for(
    client: openai.OpenAI, upstream: OfflineUpstream, turns: list[tuple[int, list[tuple[int, int]]]], budget: int
) -> None:
    """The upstream is strict: a round that is torn apart, or reasoning without what followed it, would fail the run."""
    guide = client.beta.assistants.create(model="gpt-5.5", instructions="Be brief.").id
    thread = client.beta.threads.create().id
    for length, rounds in turns:
        upstream.script(
            *[Turn(Reasoning(), *[FunctionCall("get_weather", {})] * calls) for calls, _ in rounds], Turn(Reasoning(), "Sunny.")
        )
        run = ask(client, thread, guide, "x" * length, tools=[WEATHER])
        for _, output in rounds:
            run = answered(client, run, "x" * output)
        assert run.status == "completed", run.last_error
    calls_before = len(upstream.requests)
    run = ask(client, thread, guide, "And now?", max_prompt_tokens=budget)
    made = upstream.requests[calls_before:]
    client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=guide)
    everything = upstream.requests[-1].body["input"]
    weights = [tokens.of_item(item, tokens.estimate) for item in everything]
    first, newest = 0, max(n for n, item in enumerate(everything) if item.get("role") == "user")
    frame = tokens.ITEM_OVERHEAD + tokens.estimate("Be brief.")
    if frame + weights[first] + weights[newest] > budget:
        assert (run.status, run.incomplete_details.reason, made) == ("incomplete", "max_prompt_tokens", [])
        return
    assert (run.status, len(made)) == ("completed", 1), run.last_error
    sent = made[0].body["input"]
    tail = sent[1:]
    assert [sent[0], tail] == [everything[first], everything[newest + 1 - len(tail) : newest + 1]]
    assert frame + sum(tokens.of_item(item, tokens.estimate) for item in sent) <= budget


# -- the pure part

# What a thread is made of: u and a are messages, r is reasoning before one of a model's messages; the others are calls: f one with
# its output, p two at once, x one whose output never came.
KINDS: dict[str, list[tuple[str, str | None]]] = {
    "u": [("message", "user")],
    "a": [("message", "assistant")],
    "r": [("reasoning", None), ("message", "assistant")],
    "f": [("reasoning", None), ("function_call", "1"), ("function_call_output", "1")],
    "p": [("reasoning", None), ("function_call", "1"), ("reasoning", None), ("function_call", "2"),
          ("function_call_output", "1"), ("function_call_output", "2")],
    "x": [("reasoning", None), ("function_call", "1")],
}  # fmt: skip


def entries(kinds: str) -> list[Item]:
    """Items, oldest first; what belongs together has the same `run_id`."""
    made: list[Item] = []
    for place, kind in enumerate(kinds):
        for type, what in KINDS[kind]:
            body = {"call_id": f"{place}-{what}"} if type.startswith("function") else {}
            made.append(Item(f"i{len(made)}", type, what if type == "message" else None, f"{place}", body, {}))
    return made


@given(st.text("uarfpx", max_size=20), st.data())
def test_any_selection_fits_keeps_its_order_breaks_no_round_and_has_the_first_and_the_newest_user_message_and_what_came_last(
    kinds: str, data: st.DataObject
) -> None:
    history = entries(kinds)
    weights = {item.id: data.draw(st.integers(0, 9)) for item in history}
    budget = data.draw(st.integers(0, sum(weights.values()) + 5))
    user_messages = [item for item in history if item.role == "user"]
    always = list(dict.fromkeys(item.id for item in (user_messages[:1] + user_messages[-1:])))
    selection = select(reversed(history), budget, lambda item: weights[item.id], [item for item in history if item.id in always])
    chosen = [item.id for item in selection.items]
    assert chosen == [item.id for item in history if item.id in chosen]
    assert selection.weight == sum(weights[id] for id in chosen)
    assert selection.has_gap or len(chosen) == len(history)
    if history:
        newest = [item.id for item in history if item.run_id == history[-1].run_id]
        stays = {*always, *newest}
        assert stays <= set(chosen)
        assert selection.weight <= budget or set(chosen) == stays
    rounds = [{item.id for item in history if item.run_id == run_id} for run_id in {item.run_id for item in history}]
    assert all(not round & set(chosen) or round <= set(chosen) for round in rounds)
    if len(chosen) < len(history):  # between the first messages and an unbroken end, and no more is left out than has to be
        tail = next(n for n in range(len(history)) if all(item.id in chosen for item in history[n:]))
        assert set(chosen) <= {item.id for item in history[tail:]} | set(always)
        left_out = next(round for round in rounds if history[tail - 1].id in round)
        assert selection.weight + sum(weights[id] for id in left_out - set(chosen)) > budget


def test_a_selection_reads_no_further_than_it_needs() -> None:
    history = entries("u" * 1000)
    read = []

    def newest_first() -> Any:
        for item in reversed(history):
            read.append(item)
            yield item

    assert len(select(newest_first(), 10, lambda item: 1, [history[0], history[-1]]).items) == 10
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
