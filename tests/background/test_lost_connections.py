"""The connection to a response is lost: it is found again, its reader misses nothing and hears nothing twice, and it is paid once."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

import openai
import pytest
import trio

from assistants_compat.testing import (
    BrokenDownload,
    BrokenStream,
    CodeInterpreter,
    Failed,
    FunctionCall,
    Gate,
    HttpError,
    OfflineUpstream,
    Reasoning,
    Refusal,
    Text,
    Turn,
    Unreachable,
    png,
)
from runs.helpers import WEATHER, Conversation

pytestmark = [
    pytest.mark.usefixtures("no_waiting", "no_polling_pause"),
    # The SDK leaves its stream at [DONE] without closing its own generators; trio tells of it.
    pytest.mark.filterwarnings(r"ignore:Async generator '(openai|httpx2?)\.:ResourceWarning"),
]

Make = Callable[..., Conversation]
Told = Callable[[], list[str]]

WORDS = Text("One two three", chunks=("One", " two", " three"))
LAST = 11
"""The number of the last event of WORDS."""
TOO_OLD = HttpError(400, "This response can no longer be streamed because it is more than 5 minutes old")
CODE = {"type": "code_interpreter"}


_ID = re.compile(r"\b(msg|step|run|call|thread|asst|file)[_-][A-Za-z0-9]{20,}\b")


def heard(talk: Conversation, **parameters: Any) -> list[tuple[str, str]]:
    """The events of a run's stream, in a form in which those of two runs are the same."""
    events = talk.start(stream=True, **parameters)
    return [(event.event, _ID.sub(r"\1", json.dumps(without_times(event.data.to_dict())))) for event in events]


def joined(events: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same with the text of each message in one piece, however it came."""
    text, others = "", []
    for name, data in events:
        if name == "thread.message.delta":
            text += json.loads(data)["delta"]["content"][0]["text"]["value"]
        else:
            others += [("said", text)] * bool(text) + [(name, data)]
            text = ""
    return others


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if not key.endswith("_at")}
    return [without_times(item) for item in value] if isinstance(value, list) else value


@pytest.fixture
def unbroken(conversation: Make, upstream: OfflineUpstream, told: Told) -> Callable[..., list[tuple[str, str]]]:
    """What the reader of a run hears whose connection holds."""

    def run(*items: Any, **parameters: Any) -> list[tuple[str, str]]:
        upstream.script(Turn(*items))
        events = heard(conversation(**parameters))
        told()
        upstream.calls.clear()
        upstream.requests.clear()
        return events

    return run


@pytest.mark.parametrize("after", range(1, LAST + 1))
def test_a_reader_hears_what_it_would_have_heard(
    conversation: Make, upstream: OfflineUpstream, told: Told, unbroken: Callable[..., Any], after: int
) -> None:
    expected = unbroken(WORDS)
    talk = conversation()
    upstream.script(BrokenStream(WORDS, after_events=after))
    assert heard(talk) == expected
    assert len(upstream.requests) == 1
    assert told() == ["GET", "DELETE"]
    assert talk.messages() == [("user", "How are you?"), ("assistant", "One two three")]


TURNS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "two messages": (("First.", "Then more."), {}),
    "reasoning": ((Reasoning(), "Thought about it."), {"model": "gpt-6-sol"}),
    "a refusal": ((Refusal("No, I will not."),), {}),
    "a call": (("Let me see.", FunctionCall("get_weather", '{"city":"Oslo","day":"today"}', "call_1")), {"tools": [WEATHER]}),
    "code": (
        (CodeInterpreter("draw()", "drawn", images=[png()], files={"a.csv": b"1,2"}), "See sandbox:/mnt/data/a.csv"),
        {"tools": [CODE]},
    ),
}


@pytest.mark.parametrize("kind", TURNS)
def test_whatever_it_is_in_the_middle_of(conversation: Make, upstream: OfflineUpstream, unbroken: Callable[..., Any], kind: str) -> None:
    items, parameters = TURNS[kind]
    expected = unbroken(*items, **parameters)
    for after in range(1, 40):
        upstream.requests.clear()
        upstream.script(BrokenStream(*items, after_events=after))
        assert heard(conversation(**parameters)) == expected, after
        assert len(upstream.requests) == 1


def test_it_is_lost_again_and_again(conversation: Make, upstream: OfflineUpstream, unbroken: Callable[..., Any], told: Told) -> None:
    expected = unbroken(WORDS)
    upstream.script(BrokenStream(WORDS, after_events=4))
    upstream.fail("GET /responses/*", Unreachable(), BrokenDownload(0), HttpError(500, "Not now."), BrokenDownload(700), BrokenDownload(1))
    assert joined(heard(conversation())) == joined(expected)
    assert len(upstream.requests) == 1
    assert "cancel" not in told()


def test_more_often_than_a_call_would_be_tried(conversation: Make, upstream: OfflineUpstream, runtime: Any) -> None:
    """Trying costs nothing, and what is being made is paid already."""
    upstream.script(BrokenStream(WORDS, after_events=4))
    upstream.fail("GET /responses/*", *[HttpError(503, "Not now.")] * (3 * runtime.settings.max_retries))
    talk = conversation()
    assert talk.settled(talk.start().id).status == "completed"
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("after", range(1, LAST + 1))
def test_what_is_too_old_to_be_followed_is_waited_for(
    conversation: Make, upstream: OfflineUpstream, unbroken: Callable[..., Any], after: int
) -> None:
    """The rest comes in one piece: the same words, in fewer events."""
    expected = unbroken(WORDS)
    upstream.script(BrokenStream(WORDS, after_events=after))
    upstream.fail("GET /responses/*", TOO_OLD)
    assert joined(heard(conversation())) == joined(expected)
    assert len(upstream.requests) == 1


def test_it_is_waited_for_until_it_has_ended(conversation: Make, upstream: OfflineUpstream) -> None:
    at_work, looked = Gate("response.output_item.done"), Gate()
    let_through = Gate()
    let_through.open()
    upstream.script(Turn(FunctionCall("get_weather", '{"city":"Oslo"}'), hold=at_work))
    upstream.fail("POST /responses", BrokenDownload(4000))
    upstream.fail("GET /responses/*", TOO_OLD, let_through, let_through, looked)
    talk = conversation(tools=[WEATHER])
    run = talk.start()
    looked.wait_reached()  # for the third time
    assert talk.stored(run.id).status == "in_progress"
    at_work.open()
    looked.open()
    call = talk.settled(run.id).required_action.submit_tool_outputs.tool_calls[0]
    assert call.function.arguments == '{"city":"Oslo"}'
    assert len(upstream.requests) == 1


def test_what_is_gone_is_made_again(conversation: Make, upstream: OfflineUpstream, caplog: Any, told: Told) -> None:
    upstream.script(BrokenStream(WORDS, after_events=6), "Four five.")
    upstream.fail("GET /responses/*", HttpError(404, "Response with id 'resp_1' not found."))
    talk = conversation()
    run = talk.settled(talk.start().id)
    assert (run.status, talk.messages()[1:]) == ("completed", [("assistant", "Four five.")])
    assert len(upstream.requests) == 2
    assert "is gone: Response with id 'resp_1' not found.; what becomes of the run: the model call is made again" in caplog.text
    assert told() == ["GET", "DELETE"]


def test_what_is_gone_after_a_stream_was_told_of_it_fails(conversation: Make, upstream: OfflineUpstream) -> None:
    upstream.script(BrokenStream(WORDS, after_events=6))
    upstream.fail("GET /responses/*", HttpError(404, "Response with id 'resp_1' not found."))
    talk = conversation()
    events = heard(talk)
    assert [name for name, _ in events][-3:] == ["thread.message.incomplete", "thread.run.step.failed", "thread.run.failed"]
    assert len(upstream.requests) == 1


def test_what_somebody_has_cancelled_upstream_is_made_again(conversation: Make, upstream: OfflineUpstream, told: Told) -> None:
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate), "Four five.")
    talk = conversation()
    run = talk.start()
    gate.wait_reached()
    upstream._jobs.get(next(iter(upstream._jobs._jobs))).cancel()  # type: ignore[union-attr]
    assert talk.settled(run.id).status == "completed"
    assert talk.messages()[1:] == [("assistant", "Four five.")]
    assert len(upstream.requests) == 2
    assert told().count("DELETE") == 2


def test_what_has_failed_is_made_again_and_deleted(conversation: Make, upstream: OfflineUpstream, told: Told) -> None:
    upstream.script(Failed("server_error", "Something broke."), "Four five.")
    talk = conversation()
    assert talk.settled(talk.start().id).status == "completed"
    assert (len(upstream.requests), told()) == (2, ["DELETE", "DELETE"])


def test_what_has_failed_for_good_fails_the_run_and_is_deleted(conversation: Make, upstream: OfflineUpstream, told: Told) -> None:
    upstream.script(Failed("invalid_prompt", "Not this."))
    talk = conversation()
    run = talk.settled(talk.start().id)
    assert (run.status, run.last_error.message, told()) == ("failed", "Not this.", ["DELETE"])


def test_before_its_first_event_there_is_nothing_to_follow(conversation: Make, upstream: OfflineUpstream) -> None:
    """Nobody knows its id: the call is made again, as in the foreground, and the first one is paid too."""
    upstream.script(BrokenStream(WORDS, after_events=0), "Four five.")
    talk = conversation()
    assert talk.settled(talk.start().id).status == "completed"
    assert len(upstream.requests) == 2


async def stream_of(client: openai.AsyncOpenAI) -> list[str]:
    assistant = await client.beta.assistants.create(model="gpt-4o")
    thread: Any = {"messages": [{"role": "user", "content": "Hi"}]}
    said: list[str] = []
    async with client.beta.threads.create_and_run_stream(assistant_id=assistant.id, thread=thread) as stream:
        async for event in stream:
            if event.event == "thread.message.delta":
                said.append(event.data.delta.content[0].text.value)  # type: ignore[index, union-attr, arg-type]
            elif event.event.startswith("thread.run."):
                said.append(event.event)
    return said


@pytest.mark.parametrize("run", [asyncio.run, lambda coroutine: trio.run(lambda: coroutine)], ids=["asyncio", "trio"])
@pytest.mark.parametrize("after", [1, 6, 7, LAST])
def test_in_a_task(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream, run: Callable[[Any], Any], after: int) -> None:
    upstream.script(BrokenStream(WORDS, after_events=after))
    said = run(stream_of(async_client))
    assert [piece for piece in said if not piece.startswith("thread")] == ["One", " two", " three"]
    assert said[-1] == "thread.run.completed"
    assert len(upstream.requests) == 1
    assert upstream.calls[-1].method == "DELETE"
