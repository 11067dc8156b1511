"""What was sent once is sent again byte for byte, looked at on the wire: what a model's server finds in its cache it does not read again.

From run to run a request begins with the bytes of the one before it: the model, the instructions, the input so far, and what the
model made of it. What follows the input is the same where it is cached too (`tools`), and may differ where it is not.

What breaks this, and why it has to: other instructions or another model (they come first); `truncation_strategy` or a budget that
cuts the middle (there is less to send); a deleted message; reasoning that the upstream can no longer read and code whose container is
gone, each once; and a thread without any message, whose instructions are its input until it has one, because the API takes no request
without input.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistants_compat.settings import Settings
from assistants_compat.testing import (
    Cite,
    CodeInterpreter,
    FileSearch,
    FunctionCall,
    HttpError,
    Reasoning,
    Refusal,
    Text,
    Turn,
)
from budget import examples
from clients import Clients

from .support import Json, Wire, function, submit

INSTRUCTIONS = 'Be kind; never write "input":[ or ☃.'
TOOLS: Any = [
    function("f", parameters={"type": "object", "properties": {"größe": {"type": "integer"}}}),
    {"type": "file_search"},
    {"type": "code_interpreter"},
]


@pytest.fixture(scope="module")
def upstream() -> Wire:  # type: ignore[override]
    return Wire()


@pytest.fixture(scope="module")
def client(upstream: Wire, tmp_path_factory: pytest.TempPathFactory, clients: Clients) -> Iterator[openai.OpenAI]:
    with clients.new(upstream, Settings(store=str(tmp_path_factory.mktemp("bytes") / "store.db"))) as client:
        yield client


@pytest.fixture(scope="module")
def food(upstream: Wire) -> str:
    return upstream.put_file("food.txt", b"Filip likes cake.")


@pytest.fixture(scope="module")
def store(upstream: Wire) -> str:
    return upstream.put_vector_store({"drinks.txt": b"Filip drinks tea."})


# -- the wire


def parts(body: bytes) -> tuple[str, str, str]:
    """A request's bytes before its input, those of its input's items, and those after it."""
    text = body.decode()
    begins = text.index('"input":[') + len('"input":')
    _, ends = json.JSONDecoder().raw_decode(text, begins)
    return text[:begins], text[begins + 1 : ends - 1], text[ends:]


def tools_in(rest: str) -> str | None:
    """The bytes of `tools`."""
    if not rest.startswith(',"tools":'):
        return None
    _, ends = json.JSONDecoder().raw_decode(rest, len(',"tools":'))
    return rest[:ends]


def sent_again(output: list[Json], *, calls_are_answered: bool) -> list[str]:
    """What of a response the next request has to repeat, item by item."""
    found: list[Json] = []
    reasoning: list[Json] = []
    for item in output:
        if item["type"] == "reasoning":
            reasoning.append({key: item[key] for key in ("type", "summary", "encrypted_content")} if item["encrypted_content"] else {})
            continue
        if item["type"] == "message":
            keys = {"output_text": "text", "refusal": "refusal"}
            content = [{"type": part["type"], keys[part["type"]]: part[keys[part["type"]]]} for part in item["content"]]
            phase = {"phase": item["phase"]} if item.get("phase") else {}
            found += [*reasoning, {"type": "message", "role": "assistant", "content": content, **phase}]
        elif item["type"] == "code_interpreter_call":
            found += [*reasoning, {key: item[key] for key in ("type", "id", "code", "container_id", "outputs", "status")}]
        elif item["type"] == "function_call" and calls_are_answered:
            found += [*reasoning, {key: item[key] for key in ("type", "call_id", "name", "arguments")}]
        reasoning = []
    return [written(item) for item in found if item]


def written(item: Json) -> str:
    """JSON as this project writes it: compact, with nothing escaped that has a form in UTF-8."""
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace").decode()


# -- random threads

WORDS = st.text(st.sampled_from('ab "\\\n/ß☃🎉\u2028'), min_size=1, max_size=12).map(lambda text: f"w{text}")


@dataclass
class Round:
    """A response that asks for outputs."""

    items: list[Any]
    calls: list[FunctionCall]


@dataclass
class Plan:
    """One run: what is said before it, what the model does, and how it ends."""

    questions: list[Any]
    rounds: list[Round]
    answer: list[Any]
    ending: str
    outputs: list[str] = field(default_factory=list)


HALF_A_PAIR = "\ud83d"
"""A model may say this; a program cannot."""
REASONING = st.lists(st.just(Reasoning("Hm.")), max_size=2)
ARGUMENTS = st.dictionaries(st.sampled_from(["größe", "b"]), st.integers() | WORDS, max_size=2)


@st.composite
def questions(draw: st.DrawFn) -> list[Any]:
    part = st.one_of(
        WORDS.map(lambda text: {"type": "text", "text": text}),
        st.sampled_from(["low", "high", "auto"]).map(
            lambda detail: {"type": "image_url", "image_url": {"url": "https://example.test/ü.png", "detail": detail}}
        ),
        st.just({"type": "image_file", "image_file": {"file_id": "{food}"}}),
    )
    content = st.one_of(WORDS, st.lists(part, min_size=1, max_size=3))
    return draw(st.lists(st.tuples(st.sampled_from(["user", "user", "assistant"]), content), max_size=3))


@st.composite
def plans(draw: st.DrawFn) -> list[Plan]:
    def said() -> list[Any]:
        text = draw(WORDS) + draw(st.sampled_from(["", "", HALF_A_PAIR]))
        what = draw(st.sampled_from(["text", "text", "refusal", "search", "code"]))
        if what == "refusal":
            return [Refusal(text)]
        if what == "search":
            return [FileSearch("Filip"), *draw(REASONING), Text(f"{text}.", annotations=(Cite("drinks.txt", at=text),))]
        if what == "code":
            return [CodeInterpreter(f"print({text!r})", logs=text), *draw(REASONING), Text(text)]
        return [Text(text)]

    found = []
    for place in range(draw(st.integers(2, 4))):
        rounds = []
        for number in range(draw(st.integers(0, 2))):
            calls = [FunctionCall("f", draw(ARGUMENTS), f"call_{place}{number}{n}") for n in range(draw(st.integers(1, 3)))]
            rounds.append(Round([*draw(REASONING), *(said() if draw(st.booleans()) else []), *draw(REASONING)], calls))
        answer = [item for _ in range(draw(st.integers(1, 2))) for item in (*draw(REASONING), *said())]
        ending = draw(st.sampled_from(["completed", "completed", "incomplete", "failed", *(["cancelled"] if rounds else [])]))
        found.append(Plan(draw(questions()), rounds, answer, ending, draw(st.lists(WORDS, min_size=6, max_size=6))))
    return found


def ask(client: openai.OpenAI, thread: str, plan: Plan, food: str) -> None:
    for role, content in plan.questions:
        filled = json.loads(json.dumps(content).replace("{food}", food))
        client.beta.threads.messages.create(thread, role=role, content=filled)


def perform(client: openai.OpenAI, upstream: Wire, thread: str, assistant: str, plan: Plan) -> None:
    """Run it, and see that it ended as planned and that the strict upstream refused nothing."""
    cancelled = plan.ending == "cancelled"
    rounds = [Turn(*round.items, *round.calls) for round in plan.rounds]
    last: Any = {
        "completed": Turn(*plan.answer),
        "incomplete": Turn(*plan.answer, Text("And so on", incomplete=True)),
        "failed": HttpError(400, "No.", "invalid_prompt"),
    }.get(plan.ending)
    upstream.script(*rounds, *([] if cancelled else [last]))
    run = client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant)
    for round in plan.rounds:
        assert run.status == "requires_action", run.last_error
        if cancelled and round is plan.rounds[-1]:
            client.beta.threads.runs.cancel(run.id, thread_id=thread)
            run = client.beta.threads.runs.retrieve(run.id, thread_id=thread)
            break
        run = submit(client, run, {call.call_id or "": output for call, output in zip(round.calls, plan.outputs, strict=False)})
    assert run.status == plan.ending, run.last_error
    assert upstream.unused == 0


@settings(max_examples=examples(60))
@given(st.sampled_from(["gpt-4o", "o3", "gpt-5.5"]), plans())
def test_a_request_begins_with_the_bytes_of_the_one_before_it_and_of_what_the_model_made_of_that(
    client: openai.OpenAI, upstream: Wire, food: str, store: str, model: str, plans: list[Plan]
) -> None:
    resources: Any = {"file_search": {"vector_store_ids": [store]}}
    assistant = client.beta.assistants.create(model=model, instructions=INSTRUCTIONS, tools=TOOLS, tool_resources=resources).id
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hello ☃"}]).id
    bodies, answered = len(upstream.bodies), []
    for plan in plans:
        ask(client, thread, plan, food)
        perform(client, upstream, thread, assistant, plan)
        answered += [True] * len(plan.rounds)
        if plan.ending == "cancelled":
            answered[-1] = False
        else:
            answered.append(True)
    sent = [parts(body) for body in upstream.bodies[bodies:]]
    outputs = [answer.get("output", []) for answer in upstream.answers[bodies:]]
    assert len(sent) == len(answered)
    for (before, after), output, is_answered in zip(pairwise(sent), outputs, answered, strict=False):
        expected = ",".join([before[1], *sent_again(output, calls_are_answered=is_answered)])
        assert after[1] == expected or after[1].startswith(f"{expected},")
        assert after[0] == before[0]
        assert tools_in(after[2]) == tools_in(before[2]) != None  # noqa: E711 - both are there
    assert {json.loads(body)["prompt_cache_key"] for body in upstream.bodies[bodies:]} == {thread}
