"""OpenAI's events go through untouched; the forms that others have are covered by the servers of this folder."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistants_compat.runs.answer import Answer, WebPage
from assistants_compat.runs.dialects import Dialect
from assistants_compat.runs.output_items import annotation_of
from assistants_compat.testing import CodeInterpreter, FunctionCall, OfflineUpstream, Reasoning, Refusal, Text, Turn
from recordings.traffic import events_of, needs_recordings, recordings


def fed(events: list[Any]) -> list[Any]:
    dialect = Dialect()
    return [told for event in events for told in dialect.feed(event)]


def offline(*items: Any, **parameters: Any) -> list[Any]:
    body = {"model": "gpt-6-sol", "input": "Hi", "stream": True, "include": ["reasoning.encrypted_content"], **parameters}
    upstream = OfflineUpstream([Turn(*items)])
    reply = upstream.handle("POST", "/v1/responses", {"authorization": "Bearer sk-test"}, json.dumps(body).encode())
    assert reply.events is not None
    return [dict(event) for event in reply.events]


FUNCTION = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}, "strict": False}
INTERPRETER = {"type": "code_interpreter", "container": {"type": "auto"}}


@pytest.mark.parametrize(
    "items",
    [
        (Text("One two three."),),
        (Reasoning("Hm."), Text("One."), Text("Two.")),
        (Refusal("No."),),
        (Reasoning(), FunctionCall("f", {"a": 1}), FunctionCall("f", "")),
        (Text("Let me see."), FunctionCall("f", {"a": 1})),
        (CodeInterpreter("print(1)", logs="1"), Text("One.")),
        (Text("Too lo", incomplete=True),),
    ],
    ids=repr,
)
def test_the_events_of_openai_are_the_same_objects_afterwards(items: tuple[Any, ...]) -> None:
    events = offline(*items, tools=[FUNCTION, INTERPRETER])
    told = fed(events)
    assert len(told) == len([event for event in events if event in told])
    kept = {id(event) for event in events}
    assert all(id(event) in kept for event in told)
    silent = [event for event in events if not any(event is other for other in told)]
    assert {event["type"].rpartition(".")[2] for event in silent} <= {"done"}  # of parts that were told piece by piece
    assert not [event for event in silent if event["type"] == "response.output_item.done"]


@needs_recordings
def test_so_are_those_recorded() -> None:
    streams = 0
    for exchange in recordings("responses.jsonl"):
        events = [data for _, data in events_of(exchange) if isinstance(data, dict)]
        if events and events[0]["type"] == "response.created":
            streams += 1
            told = fed(events)
            kept = {id(event) for event in events}
            assert [event["type"] for event in told if id(event) not in kept] == [], exchange["source"]
            dropped = {event["type"] for event in events if not any(event is other for other in told)}
            assert all(kind.endswith(".done") and kind != "response.output_item.done" for kind in dropped), exchange["source"]
    assert streams > 20


def read(content: bytes, size: int = 7) -> list[Any]:
    answer = Answer()
    told: list[Any] = []
    for start in range(0, len(content), size):
        told += answer.feed(content[start : start + size])
    return [*told, *answer.end()]


def test_the_name_of_an_event_is_its_type_where_the_data_has_none() -> None:
    stream = (
        b'event: response.output_text.delta\ndata: {"delta": "Hi"}\n\n: keep-alive\n\n'
        b'event:response.completed\r\ndata: {"response": {"status": "completed"}}\r\n\r\n'
    )
    assert [event["type"] for event in read(stream)] == [
        "response.output_item.added",
        "response.output_text.delta",
        "response.output_item.done",
        "response.completed",
    ]


def test_the_last_event_may_lack_its_empty_line() -> None:
    told = read(b'data: {"type": "response.output_text.delta", "delta": "Hi"}\n\ndata: {"type": "response.completed", "response": {}}')
    assert told[-1]["type"] == "response.completed"


def test_done_is_an_end_for_a_message_that_has_none() -> None:
    begun = (
        b'data: {"type": "response.output_item.added", "output_index": 0, "item": {"id": "m", "type": "message", "content": []}}\n\n'
        b'data: {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "Hi"}\n\n'
    )
    assert [event["type"] for event in read(begun)] == ["response.output_item.added", "response.output_text.delta"]
    assert read(begun + b"data: [DONE]\n\n")[-1]["type"] == "response.completed"


def test_a_call_whose_arguments_broke_off_is_no_call() -> None:
    begun = b'data: {"type": "response.output_item.added", "item": {"type": "function_call", "call_id": "c", "name": "f"}}\n\n'
    piece = b'data: {"type": "response.function_call_arguments.delta", "delta": "{\\"a\\":"}\n\n'
    assert [event["type"] for event in read(begun + piece + b"data: [DONE]\n\n")] == [
        "response.output_item.added",
        "response.function_call_arguments.delta",
    ]


@pytest.mark.parametrize("before", [b"", b"\n\n  ", b"\xef\xbb\xbf"], ids=["at once", "after blanks", "after a byte order mark"])
def test_what_an_answer_is_its_first_byte_says(before: bytes) -> None:
    response = {"status": "completed", "output": [{"role": "assistant", "content": "Hi"}]}
    event = b"data: " + json.dumps({"type": "response.completed", "response": response}).encode() + b"\n\n"
    whole, streamed = read(before + json.dumps(response).encode()), read(before + event)
    assert [event["type"] for event in whole] == [event["type"] for event in streamed]
    assert streamed[-1]["type"] == "response.completed"
    with pytest.raises(WebPage):
        read(before + b"<!doctype html><title>Sign in</title>")
    assert read(before.removesuffix(b"\xef\xbb\xbf")) == []


def test_json_that_is_nested_too_deeply_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        read(b"[" * 100_000, size=100_000)


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ([{"type": "logs", "logs": "1"}, {"type": "image", "url": "data:"}], ["logs", "image"]),
        ([{"logs": "1"}, {"url": "data:"}], ["logs", "image"]),
        ([{"type": "logs"}, {"type": "image"}, {"type": "image", "url": None}, {"type": "logs", "url": "x"}, "x", None], []),
        ("1", []),
    ],
)
def test_outputs_of_code_are_logs_and_images(given: Any, right: list[str]) -> None:
    item = {"type": "code_interpreter_call", "id": "ci_1", "code": "x", "outputs": given}
    (_, ended) = fed([{"type": "response.output_item.done", "output_index": 0, "item": item}])
    assert [output["type"] for output in ended["item"]["outputs"]] == right


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ({"container_id": "c", "file_id": "f", "start_index": 1, "end_index": 2}, (1, 2)),
        ({"container_id": "c", "file_id": "f", "start_index": "x", "end_index": 2}, (0, 0)),
        ({"container_id": "c", "file_id": "f", "filename": 5}, (0, 0)),
        ({"file_id": "f", "start_index": 1, "end_index": 2}, None),
        ({"container_id": "c", "file_id": None}, None),
    ],
)
def test_a_citation_of_a_file_that_code_made_says_where_the_file_is(given: Any, right: Any) -> None:
    found = annotation_of({"type": "container_file_citation", **given}, 0)
    assert (None if found is None else (found["start_index"], found["end_index"])) == right
    assert found is None or isinstance(found.get("filename"), str | None)


def test_an_answer_in_one_piece() -> None:
    message = {"role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]}
    call = {"type": "function_call", "id": "7f3c", "name": "f", "arguments": {"a": 1}}
    response = {"object": "response", "status": "completed", "output": [message, call], "usage": None}
    told = read(json.dumps(response).encode())
    assert [event["type"].removeprefix("response.") for event in told] == [
        "output_item.added",
        "output_text.delta",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "output_item.done",
        "completed",
    ]
    assert (told[-2]["item"]["call_id"], told[-2]["item"]["arguments"]) == ("7f3c", '{"a": 1}')


@pytest.mark.parametrize("content", [b"[]", b'{"object": "response"}', b'"text"', b"{"])
def test_json_that_is_no_response_cannot_be_read(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read(content)


KINDS = [
    "response.output_item.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
]
ITEMS = st.sampled_from(
    [
        {"type": "message", "role": "assistant", "content": []},
        {"type": "message", "id": "m1", "content": [{"type": "output_text", "text": "Hi", "annotations": None}]},
        {"role": "assistant", "content": "Hi"},
        {"type": "function_call", "id": "f1", "name": "f", "arguments": "{}"},
        {"type": "function_call", "call_id": "c1", "arguments": None},
        {"type": "reasoning", "content": None},
        None,
    ]
)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(KINDS)},
        optional={
            "item": ITEMS,
            "output_index": st.sampled_from([0, 1, None]),
            "content_index": st.sampled_from([0, 1, None]),
            "item_id": st.sampled_from(["m1", "f1", None]),
            "delta": st.sampled_from(["x", "", None, {"a": 1}]),
            "text": st.sampled_from(["x", "", None]),
            "arguments": st.sampled_from(["{}", None, {"a": 1}]),
            "part": st.sampled_from([{"type": "output_text", "text": "x"}, None]),
        },
    ),
    max_size=8,
)


@given(EVENTS, st.booleans())
def test_whatever_comes_what_goes_on_is_well_formed(events: list[Any], said_done: bool) -> None:
    """Every item begins once, speaks in between, ends once; calls have names and ids, each its own."""
    dialect = Dialect()
    told = [out for event in events for out in dialect.feed(event)]
    told += dialect.end(said_done=said_done)
    begun: dict[int, Any] = {}
    ended: set[int] = set()
    for event in told:
        kind, place = event["type"], event.get("output_index")
        if kind == "response.output_item.added":
            assert place not in begun
            begun[place] = event["item"]
        elif kind.endswith("delta"):
            assert place in begun
            assert place not in ended
            assert isinstance(event["delta"], str)
        elif kind == "response.output_item.done":
            assert place in begun
            assert place not in ended
            ended.add(place)
            if event["item"]["type"] == "message":
                assert all(part["type"] in ("output_text", "refusal") for part in event["item"]["content"])
            if event["item"]["type"] == "function_call":
                assert isinstance(event["item"]["arguments"], str)
    calls = [item for item in begun.values() if item["type"] == "function_call"]
    assert all(item["name"] for item in calls)
    assert len({item["call_id"] for item in calls}) == len(calls)
