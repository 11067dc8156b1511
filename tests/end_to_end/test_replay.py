"""What the Responses API refuses when a thread is sent to it again: one test a row of the list, against an upstream that refuses it.

Each shows both: the upstream refuses the bad form, in the API's words; and the thread goes on, in the run that meets it and in a later
one. Processes that die between a call and its output are in tests/processes/test_killed.py, runs that fail in tests/runs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from typing import Any

import openai
import pytest

from assistants_compat.settings import Settings
from assistants_compat.testing import CodeInterpreter, FunctionCall, HttpError, Reasoning, Text, Turn
from clients import Clients

from .support import Json, Wire, function, said, submit, user

F: Any = [function("f", parameters={"type": "object", "properties": {"a": {"type": "string"}}})]
REASONS = "gpt-5.5"


@pytest.fixture
def upstream() -> Wire:
    return Wire()


@pytest.fixture
def assistant(client: openai.OpenAI) -> str:  # type: ignore[override]
    return client.beta.assistants.create(model=REASONS, tools=F).id


@pytest.fixture
def thread(client: openai.OpenAI) -> str:  # type: ignore[override]
    return client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}]).id


@pytest.fixture
def run(client: openai.OpenAI, thread: str, assistant: str) -> Callable[..., Any]:
    """A run to where it waits or has ended."""
    return lambda **more: client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant, **more)


@pytest.fixture
def goes_on(client: openai.OpenAI, upstream: Wire, thread: str, run: Callable[..., Any]) -> Callable[..., Json]:
    """One more message and one more run, which takes a single call that nobody refuses: → that call's body."""

    def ask(**more: Any) -> Json:
        before = len(upstream.requests)
        client.beta.threads.messages.create(thread, role="user", content="And now?")
        ended = run(**more)
        assert (ended.status, ended.last_error) == ("completed", None)
        (request,) = upstream.requests[before:]
        body: Json = request.body
        return body

    return ask


def kinds(body: Json) -> list[str]:
    return [item.get("role") or item["type"] for item in body["input"]]


def call_item(id: str) -> Json:
    return {"type": "function_call", "call_id": id, "name": "f", "arguments": "{}"}


def put_in(body: Json, place: int, *items: Json) -> Json:
    """The request with items put into its input."""
    return {**body, "input": [*body["input"][:place], *items, *body["input"][place:]]}


def without(body: Json, place: int) -> Json:
    return {**body, "input": [item for n, item in enumerate(body["input"]) if n != place]}


# -- include: reasoning.encrypted_content, of a model that does not reason


@pytest.mark.parametrize("upstream", [Wire(models={"our-deployment": "gpt-4o"})])
def test_encrypted_reasoning_is_asked_of_a_model_that_has_none_once_and_not_of_one_known_to_have_none(
    upstream: Wire, run: Callable[..., Any], goes_on: Callable[..., Json]
) -> None:
    assert run(model="our-deployment", tools=[]).status == "completed"
    first, second = (request.body for request in upstream.requests)
    assert upstream.refusal(first) == {
        "message": "Encrypted content is not supported with this model.",
        "type": "invalid_request_error",
        "param": "include",
        "code": None,
    }
    assert second == {key: value for key, value in first.items() if key != "include"}
    assert "include" not in goes_on(model="our-deployment", tools=[])
    assert "include" not in goes_on(model="gpt-4o")
    assert goes_on(model=REASONS)["include"] == ["reasoning.encrypted_content"]


# -- ids of items that the upstream has not kept


def test_nothing_is_sent_again_by_its_old_id(
    client: openai.OpenAI, upstream: Wire, run: Callable[..., Any], goes_on: Callable[..., Json]
) -> None:
    upstream.script(Turn(Reasoning(), "Let me see.", Reasoning(), FunctionCall("f", {}, "call_1")), Turn(Reasoning(), "Done."))
    submit(client, run(), {"call_1": "ok"})
    body = goes_on()
    assert kinds(body) == [
        "user", "reasoning", "assistant", "reasoning", "function_call", "function_call_output", "reasoning", "assistant", "user",
    ]  # fmt: skip
    assert [item for item in body["input"] if "id" in item] == []
    outputs = [item for answer in upstream.answers[:2] for item in answer["output"]]
    places = [place for place, kind in enumerate(kinds(body)) if kind not in ("user", "function_call_output")]
    for place, item in zip(places, outputs, strict=True):
        old = {**body["input"][place], "id": item["id"]}
        old.pop("encrypted_content", None)  # sealed reasoning is taken by its content, whatever its id
        assert upstream.refusal(put_in(without(body, place), place, old))["message"] == (
            f"Item with id '{item['id']}' not found. Items are not persisted when `store` is set to false. "
            "Try again with `store` set to true, or remove this item from your input."
        )
    goes_on()


# -- encrypted content of another organisation, key or model


@pytest.fixture
def client_on(settings: Settings, clients: Clients) -> Iterator[Callable[[Wire], openai.OpenAI]]:
    """A program with the same store and another upstream."""
    with ExitStack() as stack:
        yield lambda upstream: stack.enter_context(clients.new(upstream, settings))


ELSEWHERE: dict[str, Callable[[], tuple[Wire, Wire]]] = {
    "another key": lambda: (Wire(models={"prod": REASONS}), Wire(models={"prod": REASONS})),
    "another model of that name": lambda: (Wire(key=b"k", models={"prod": "gpt-5"}), Wire(key=b"k", models={"prod": REASONS})),
}


@pytest.mark.parametrize("makes", ELSEWHERE.values(), ids=ELSEWHERE)
@pytest.mark.parametrize("in_the_middle", [False, True])
def test_reasoning_that_cannot_be_read_any_more_is_dropped_once_and_for_all(
    client_on: Callable[[Wire], openai.OpenAI],
    caplog: pytest.LogCaptureFixture,
    makes: Callable[[], tuple[Wire, Wire]],
    in_the_middle: bool,
) -> None:
    """The other upstream comes between two runs, or between a run's call and its outputs."""
    here, there = makes()
    first, second = client_on(here), client_on(there)
    assistant = first.beta.assistants.create(model="prod", tools=F).id
    thread = first.beta.threads.create(messages=[{"role": "user", "content": "Hello"}]).id
    here.script(Turn(Reasoning(), "Let me see.", Reasoning(), FunctionCall("f", {}, "call_1")), Turn(Reasoning(), "Done."))
    run = first.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant)
    run = submit(second if in_the_middle else first, run, {"call_1": "ok"})
    assert (run.status, run.last_error) == ("completed", None)

    def ask(client: openai.OpenAI) -> None:
        client.beta.threads.messages.create(thread, role="user", content="And now?")
        run = client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant)
        assert (run.status, run.last_error) == ("completed", None)

    if not in_the_middle:
        there.script(Turn(Reasoning(), "Yes."))
        ask(second)
    refused, taken = (request.body for request in there.requests)
    error = there.refusal(refused)
    assert error["code"] == "invalid_encrypted_content"
    assert error["message"].startswith("The encrypted content gAAA...")
    assert "could not be verified." in error["message"]
    assert taken["input"] == [item for item in refused["input"] if item["type"] != "reasoning"] != refused["input"]
    there.script(Turn(Reasoning(), "Still yes."), "Always.")
    ask(second)
    ask(second)
    assert len(there.requests) == 4  # nothing was refused again, and its own reasoning is carried on
    assert kinds(there.requests[3].body)[-3:] == ["reasoning", "assistant", "user"]
    assert [record.getMessage().count("cannot read what 'prod' has reasoned before") for record in caplog.records] == [1]


def test_another_models_reasoning_is_kept_for_that_model_and_not_sent_to_others(
    upstream: Wire, run: Callable[..., Any], goes_on: Callable[..., Json]
) -> None:
    upstream.script(Turn(Reasoning(), "One."))
    run(model="gpt-5")
    upstream.script("Two.", "Three.")
    other, own = goes_on(model=REASONS), goes_on(model="gpt-5")
    assert kinds(other) == ["user", "assistant", "user"]
    assert kinds(own) == ["user", "reasoning", "assistant", "user", "assistant", "user"]
    assert upstream.refusal({**own, "model": REASONS})["code"] == "invalid_encrypted_content"


# -- a code interpreter's container that has expired


def test_a_thread_goes_on_when_the_container_of_its_code_has_expired(
    upstream: Wire, run: Callable[..., Any], goes_on: Callable[..., Json]
) -> None:
    """What it is told instead: test_code_interpreter.py."""
    tools: Any = [{"type": "code_interpreter"}]
    upstream.script(Turn(Reasoning(), CodeInterpreter("print(6 * 7)", logs="42"), "It is 42."))
    assert run(tools=tools).status == "completed"
    upstream.expire_containers()
    ended = run(tools=tools)
    assert (ended.status, ended.last_error) == ("completed", None)
    body = goes_on(tools=tools)
    (call,) = (item for item in upstream.answers[0]["output"] if item["type"] == "code_interpreter_call")
    error = upstream.refusal(put_in(body, 1, call))
    assert error["message"] == f"Expected container_id: {call['container_id']}"
    goes_on()


# -- a call without its output


def cancelled(client: openai.OpenAI, run: Any, _clock: Any) -> None:
    client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)


def never_answered(_client: openai.OpenAI, _run: Any, clock: Any) -> None:
    clock.advance(600)


def half_answered(client: openai.OpenAI, run: Any, clock: Any) -> None:
    first = run.required_action.submit_tool_outputs.tool_calls[0].id
    with pytest.raises(openai.BadRequestError, match="Expected tool outputs for call_ids"):
        submit(client, run, {first: "ok"})
    never_answered(client, run, clock)


@pytest.mark.parametrize("rounds", [1, 2])
@pytest.mark.parametrize("end", [cancelled, never_answered, half_answered])
def test_calls_that_were_never_answered_are_not_sent_and_those_that_were_are(
    client: openai.OpenAI,
    upstream: Wire,
    clock: Any,
    run: Callable[..., Any],
    goes_on: Callable[..., Json],
    end: Callable[..., None],
    rounds: int,
) -> None:
    pairs = [(f"call_{n}a", f"call_{n}b") for n in range(rounds)]
    upstream.script(*[Turn(Reasoning(), *[FunctionCall("f", {}, id) for id in pair]) for pair in pairs])
    waiting = run()
    for pair in pairs[:-1]:
        waiting = submit(client, waiting, dict.fromkeys(pair, "ok"))
    end(client, waiting, clock)
    body = goes_on()
    round_ = ["reasoning", "function_call", "function_call", "function_call_output", "function_call_output"]
    assert kinds(body) == ["user", *round_ * (rounds - 1), "user"]
    place = len(body["input"]) - 1
    for id in pairs[-1]:
        error = upstream.refusal(put_in(body, place, call_item(id)))
        assert error["message"] == f"No tool output found for function call {id}."
    goes_on()


def test_a_run_that_fails_after_a_round_leaves_the_round_whole(
    client: openai.OpenAI, upstream: Wire, run: Callable[..., Any], goes_on: Callable[..., Json]
) -> None:
    upstream.script(
        Turn(Reasoning(), FunctionCall("f", {}, "call_1")),
        Turn(Reasoning(), FunctionCall("f", {}, "call_2")),
        HttpError(400, "No.", "invalid_prompt"),
    )
    waiting = submit(client, run(), {"call_1": "one"})
    assert submit(client, waiting, {"call_2": "two"}).status == "failed"
    body = goes_on()
    assert kinds(body) == ["user", *["reasoning", "function_call", "function_call_output"] * 2, "user"]
    assert upstream.refusal(without(body, 3))["message"] == "No tool output found for function call call_1."
    assert upstream.refusal(without(without(body, 5), 4))["message"] == "No tool call found for function call output with call_id call_2."
    goes_on()


def test_a_call_id_that_a_model_makes_twice_is_told_apart_with_the_reasoning_before_it(
    client: openai.OpenAI, upstream: Wire, run: Callable[..., Any], goes_on: Callable[..., Json]
) -> None:
    upstream.script(*[Turn(Reasoning(), FunctionCall("f", {}, "call_1"))] * 2, "Done.")
    submit(client, submit(client, run(), {"call_1": "one"}), {"call_1": "two"})
    body = goes_on()
    assert kinds(body) == ["user", *["reasoning", "function_call", "function_call_output"] * 2, "assistant", "user"]
    assert [item["output"] for item in body["input"] if "output" in item] == ["one", "two"]
    again = {**body, "input": [{**item, "call_id": "call_1"} if "call_id" in item else item for item in body["input"]]}
    assert upstream.refusal(again)["message"] == "Duplicate function call with call_id call_1."
    goes_on()


def test_a_call_that_was_cut_off_is_no_call(
    client: openai.OpenAI, upstream: Wire, thread: str, run: Callable[..., Any], goes_on: Callable[..., Json]
) -> None:
    upstream.script(Turn(Reasoning(tokens=1), "Let me see.", Reasoning(tokens=1), FunctionCall("f", {"a": "very " * 50}, "call_1")))
    ended = run(max_completion_tokens=16)
    assert (ended.status, ended.incomplete_details.reason) == ("incomplete", "max_completion_tokens")
    steps: Any = client.beta.threads.runs.steps.list(ended.id, thread_id=thread)
    assert [call for step in steps if step.type == "tool_calls" for call in step.step_details.tool_calls] == []
    assert kinds(goes_on()) == ["user", "reasoning", "assistant", "user"]
    goes_on()


# -- reasoning without what followed it

ORPHAN = "Item 'input[1]' of type 'reasoning' was provided without its required following item."


def newest(client: openai.OpenAI, thread: str, text: str) -> str:
    """The id of the message that says this."""
    return next(m.id for m in client.beta.threads.messages.list(thread) if m.content[0].text.value == text)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("deleted", "left"),
    [
        (["One."], ["user", "reasoning", "assistant", "user"]),
        (["Two."], ["user", "reasoning", "assistant", "user"]),
        (["One.", "Two."], ["user", "user"]),
        (["Hello"], ["reasoning", "assistant", "reasoning", "assistant", "user"]),
        ([], ["user", "reasoning", "assistant", "reasoning", "assistant", "user"]),
    ],
)
def test_reasoning_goes_with_the_message_that_a_program_deletes(
    client: openai.OpenAI,
    upstream: Wire,
    thread: str,
    run: Callable[..., Any],
    goes_on: Callable[..., Json],
    deleted: list[str],
    left: list[str],
) -> None:
    """Two messages of one response, each with its reasoning: what followed one thought must not be taken for the other's."""
    upstream.script(Turn(Reasoning(), "One.", Reasoning(), "Two."))
    run()
    output = upstream.answers[0]["output"]
    for text in deleted:
        client.beta.threads.messages.delete(newest(client, thread, text), thread_id=thread)
    body = goes_on()
    assert kinds(body) == left
    followers = {output[n]["encrypted_content"]: output[n + 1]["content"][0]["text"] for n in (0, 2)}
    for item, follower in itertools.pairwise(body["input"]):
        if item["type"] == "reasoning":
            assert follower["content"][0]["text"] == followers[item["encrypted_content"]]
    if not deleted:
        bad = {**body, "input": [body["input"][0], body["input"][1], body["input"][-1]]}
        assert upstream.refusal(bad)["message"] == ORPHAN
    goes_on()


def test_reasoning_goes_with_the_calls_that_are_cut_away(
    client: openai.OpenAI, upstream: Wire, thread: str, run: Callable[..., Any], goes_on: Callable[..., Json]
) -> None:
    """The last messages begin right after the thought that led to the first of them, or after a round; a budget cuts where it can."""
    upstream.script(Turn(Reasoning(), FunctionCall("f", {}, "call_1")), Turn(Reasoning(), "One.", Reasoning(), "Two."))
    submit(client, run(), {"call_1": "ok"})
    sent = []
    for last in (2, 5, 9):
        upstream.script("Yes.")
        sent.append(kinds(goes_on(truncation_strategy={"type": "last_messages", "last_messages": last})))
    assert sent[0] == ["assistant", "user"]
    assert sent[1] == ["assistant", "reasoning", "assistant", "user", "assistant", "user"]
    assert sent[2][:5] == ["user", "reasoning", "function_call", "function_call_output", "reasoning"]
    for budget in range(20, 400, 20):
        client.beta.threads.messages.create(thread, role="user", content="?")
        assert run(max_prompt_tokens=budget).status in ("completed", "incomplete")  # never failed
    goes_on()


# -- sampling parameters


@pytest.mark.parametrize("name", ["temperature", "top_p"])
def test_a_sampling_parameter_is_sent_where_it_says_something_and_dropped_aloud_where_it_is_refused(
    upstream: Wire, run: Callable[..., Any], goes_on: Callable[..., Json], caplog: pytest.LogCaptureFixture, name: str
) -> None:
    assert name not in goes_on(**{name: 1})
    assert run(**{name: 0.5}).status == "completed"
    refused, taken = (request.body for request in upstream.requests[1:])
    assert upstream.refusal(refused) == {
        "message": f"Unsupported value: '{name}' does not support 0.5 with this model. Only the default (1) value is supported.",
        "type": "invalid_request_error",
        "param": name,
        "code": "unsupported_value",
    }
    assert taken == {key: value for key, value in refused.items() if key != name}
    assert name not in goes_on(**{name: 0.5})
    assert goes_on(model="gpt-4o", **{name: 0.5})[name] == 0.5
    warned = [record.levelname for record in caplog.records if f"refuses the parameter '{name}'" in record.getMessage()]
    assert warned == ["WARNING"]


# -- functions without `strict`


def test_a_functions_optional_arguments_stay_optional(upstream: Wire, run: Callable[..., Any], goes_on: Callable[..., Json]) -> None:
    assert run().status == "completed"
    (tool,) = upstream.requests[0].body["tools"]
    assert tool["strict"] is False
    (echoed,) = upstream.answers[0]["tools"]
    assert (echoed["strict"], echoed["parameters"]) == (False, F[0]["function"]["parameters"])
    loose = {key: value for key, value in tool.items() if key != "strict"}
    (made_strict,) = upstream.asked({**upstream.requests[0].body, "tools": [loose]})["tools"]
    assert (made_strict["strict"], made_strict["parameters"]["required"]) == (True, ["a"])
    goes_on()


# -- a history longer than the context


@pytest.mark.usefixtures("clock")  # by which gpt-4 still lives
@pytest.mark.parametrize("upstream", [Wire(today=date(2026, 9, 1))])
def test_a_history_longer_than_the_context_is_cut_before_the_upstream_refuses_it(
    client: openai.OpenAI, upstream: Wire, thread: str, run: Callable[..., Any], goes_on: Callable[..., Json]
) -> None:
    for number in range(5):
        client.beta.threads.messages.create(thread, role="assistant", content=f"{number}" + "x" * 9_000)
    whole = goes_on(model="gpt-4o")
    cut = goes_on(model="gpt-4")
    assert upstream.refusal({**whole, "model": "gpt-4"}) == {
        "message": "Your input exceeds the context window of this model. Please adjust your input and try again.",
        "type": "invalid_request_error",
        "param": "input",
        "code": "context_length_exceeded",
    }
    assert cut["input"][0] == user("Hello")
    assert cut["input"][1:3] == whole["input"][-3:-1]
    assert goes_on(model="gpt-4o")["input"][: len(whole["input"])] == whole["input"]


@pytest.mark.parametrize("upstream", [Wire(models={"gpt-4.1-of-ours": "gpt-4o"})])
def test_a_history_that_the_upstream_finds_too_long_all_the_same_is_sent_once_more_with_less(
    client: openai.OpenAI, upstream: Wire, thread: str, run: Callable[..., Any], goes_on: Callable[..., Json]
) -> None:
    for number in range(3):
        client.beta.threads.messages.create(thread, role="assistant", content=f"{number}" + "x" * 200_000)
    assert run(model="gpt-4.1-of-ours").status == "completed"
    refused, taken = (request.body for request in upstream.requests)
    assert upstream.refusal(refused)["code"] == "context_length_exceeded"
    assert taken["input"] == [refused["input"][0], refused["input"][-1]]
    goes_on(model="gpt-4o")


# -- what else is kept, or changes nothing


def test_what_was_commentary_and_what_was_the_answer_stays_told_apart(
    client: openai.OpenAI, upstream: Wire, run: Callable[..., Any], goes_on: Callable[..., Json]
) -> None:
    upstream.script(
        Turn(Reasoning(), Text("Let me see."), FunctionCall("f", {}, "call_1")),
        Turn(Text("That is odd.", phase="commentary"), Reasoning(), Text("It is ten.", phase="final_answer")),
        Text("Nothing to add.", phase="final_answer"),
    )
    submit(client, run(), {"call_1": "ok"})
    goes_on()
    messages = [item for item in goes_on()["input"] if item.get("role") == "assistant"]
    assert messages[:4] == [
        said("Let me see.", phase="commentary"),
        said("That is odd.", phase="commentary"),
        said("It is ten.", phase="final_answer"),
        said("Nothing to add.", phase="final_answer"),
    ]


@pytest.mark.parametrize("role", ["user", "assistant"])
def test_metadata_of_messages_change_nothing_of_what_is_sent(
    client: openai.OpenAI, upstream: Wire, thread: str, run: Callable[..., Any], goes_on: Callable[..., Json], role: str
) -> None:
    upstream.script(Turn(Reasoning(), "One."))
    run()
    before = goes_on()["input"]
    for message in client.beta.threads.messages.list(thread):
        if message.role == role:
            client.beta.threads.messages.update(message.id, thread_id=thread, metadata={"seen": "yes"})
    assert goes_on()["input"][: len(before)] == before
