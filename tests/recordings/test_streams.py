"""Every recorded stream that this version can produce, produced again: event for event, key for key, value for value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistants_compat.testing import FunctionCall, OfflineUpstream, Text, Turn

from .traffic import Json, Normal, conversations, events_of, merged, needs_recordings, ordered, path_of, sse

pytestmark = [needs_recordings, pytest.mark.usefixtures("clock")]


def streamed_conversations(*, newest: bool) -> Iterator[Any]:
    """Recorded conversations with a stream in them, whose tools are functions only."""
    for source, exchanges in conversations().items():
        runs = [data for exchange in exchanges for _, data in events_of(exchange) if is_run(data)]
        tools = {tool["type"] for run in runs for tool in run["tools"]}
        if runs and tools <= {"function"} and newest == all("reasoning_effort" in run for run in runs):
            yield pytest.param(exchanges, id=Path(source).name)


def is_run(data: Any) -> bool:
    return isinstance(data, dict) and data["object"] == "thread.run"


def turn_like(events: list[tuple[str, Any]]) -> Turn:
    """What the model must have said for these events: the same pieces of text, the same calls, the same tokens."""
    usage: Json | None = None
    items: list[Text | FunctionCall] = []
    pieces: list[str] = []
    for name, data in events:
        if name == "thread.message.delta":
            pieces += [part["text"]["value"] for part in data["delta"]["content"]]
        elif name in ("thread.message.completed", "thread.message.incomplete"):
            text = "".join(pieces)
            assert text == data["content"][0]["text"]["value"]
            items.append(Text(text, chunks=tuple(pieces), incomplete=name == "thread.message.incomplete"))
        elif name == "thread.run.requires_action":
            for call in data["required_action"]["submit_tool_outputs"]["tool_calls"]:
                items.append(FunctionCall(call["function"]["name"], call["function"]["arguments"], call["id"]))
        elif name == "thread.run.step.completed" and data["type"] == "message_creation":
            usage = data["usage"]
    return Turn(*items, usage=usage and responses_usage(usage))


def responses_usage(usage: Json) -> dict[str, int]:
    return {"input_tokens": usage["prompt_tokens"], "output_tokens": usage["completion_tokens"]}


def usage_of_calls(exchanges: list[Json]) -> dict[str, int]:
    """The tokens of a call that asked for a function show only when the function has answered: in the stream after."""
    for exchange in exchanges:
        for name, data in events_of(exchange):
            if name == "thread.run.step.completed" and data["type"] == "tool_calls":
                return responses_usage(data["usage"])
    return {}


def replay(exchanges: list[Json], http: Callable[..., Any], upstream: OfflineUpstream) -> Iterator[tuple[Json, Any]]:
    """Send the recorded requests in their order, with our ids for the recorded ones; each with our reply to it."""
    ours: dict[str, str] = {}

    def translated(text: str) -> str:
        for theirs, own in ours.items():
            text = text.replace(theirs, own)
        return text

    for exchange in exchanges:
        events = events_of(exchange)
        if events:
            turn = turn_like(events)
            waits = any(name == "thread.run.requires_action" for name, _ in events)
            upstream.script(Turn(*turn.items, usage=usage_of_calls(exchanges)) if waits else turn)
        body = exchange["request"]
        reply = http(exchange["method"], translated(path_of(exchange)), body and json.loads(translated(json.dumps(body))))
        assert reply.status_code == exchange["status"], reply.text
        if events:
            answer = sse(reply.content)
            for (_, theirs), (_, own) in zip(events, answer, strict=False):
                if is_run(theirs) and is_run(own):
                    ours |= {theirs["id"]: own["id"], theirs["thread_id"]: own["thread_id"]}
        else:
            answer = reply.json()
            ours[exchange["response"]["id"]] = answer["id"]
        yield exchange, answer


@pytest.mark.parametrize("exchanges", list(streamed_conversations(newest=True)))
def test_a_recorded_stream_is_produced_again(exchanges: list[Json], http: Callable[..., Any], upstream: OfflineUpstream) -> None:
    compared = 0
    theirs, own = Normal(), Normal()
    for exchange, answer in replay(exchanges, http, upstream):
        expected = events_of(exchange)
        if not expected:
            assert ordered(own(answer)) == ordered(theirs(exchange["response"]))
            continue
        names = [name for name, _ in merged(expected)]
        assert [name for name, _ in merged(answer)] == names
        for (name, data), (_, said) in zip(merged(answer), merged(expected), strict=True):
            assert ordered(own(data)) == ordered(theirs(said)), name
        compared += 1
    assert compared


@pytest.mark.parametrize("exchanges", list(streamed_conversations(newest=True)))
def test_as_recorded_a_run_may_last_ten_minutes(exchanges: list[Json], http: Callable[..., Any], upstream: OfflineUpstream) -> None:
    for _, answer in replay(exchanges, http, upstream):
        runs = [data for _, data in answer if is_run(data)] if isinstance(answer, list) else []
        for run in runs:
            assert run["expires_at"] in (run["created_at"] + 600, None)
            assert (run["expires_at"] is None) == (run["status"] == "completed")


# What the newest era has and the recording of 2024 has not yet.
LATER_KEYS = {"reasoning_effort", "parallel_tool_calls", "prompt_token_details", "completion_tokens_details"}


def without_later_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_later_keys(item) for key, item in value.items() if key not in LATER_KEYS}
    return [without_later_keys(item) for item in value] if isinstance(value, list) else value


def incomplete_streams() -> list[list[tuple[str, Any]]]:
    """Streams of runs whose tokens ran out."""
    streams = [events_of(exchange) for exchanges in conversations().values() for exchange in exchanges]
    return [events for events in streams if any(name == "thread.message.incomplete" for name, _ in events)]


@pytest.mark.parametrize("events", incomplete_streams())
def test_a_recorded_stream_that_ran_out_of_tokens_is_produced_again_but_for_its_end(
    events: list[tuple[str, Any]], http: Callable[..., Any], upstream: OfflineUpstream
) -> None:
    """Three differences: `max_prompt_tokens` is refused by this version, the last event has the name that the API's
    description gives it (the recording, of April 2024, says `thread.run.completed`), and its reason is the true one."""
    run = events[0][1]
    assistant = http("POST", "/assistants", {"model": "gpt-4o", "instructions": run["instructions"]}).json()
    thread = http("POST", "/threads", {"messages": [{"role": "user", "content": "Hi"}]}).json()
    upstream.script(turn_like(events))
    body = {"assistant_id": assistant["id"], "stream": True, "max_completion_tokens": run["max_completion_tokens"]}
    answer = sse(http("POST", f"/threads/{thread['id']}/runs", body).content)
    assert [(name, data["incomplete_details"]) for name, data in events if is_run(data)][-1] == (
        "thread.run.completed",
        {"reason": "max_prompt_tokens"},
    )
    theirs, own = Normal(), Normal()
    assert [name for name, _ in answer] == [name.replace("run.completed", "run.incomplete") for name, _ in events]
    for (name, data), (_, said) in zip(answer, events, strict=True):
        if is_run(data):
            data = {**data, "model": said["model"], "max_prompt_tokens": said["max_prompt_tokens"]}
            if data["incomplete_details"]:
                assert data["incomplete_details"] == {"reason": "max_completion_tokens"}
                data["incomplete_details"] = said["incomplete_details"]
        assert ordered(without_later_keys(own(data))) == ordered(theirs(said)), name
