"""Real streams of the Responses API through the translation: whatever the model did, the run's objects come out right and whole."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from assistants_compat.runs.citations import without_markers
from assistants_compat.runs.events import Change, Translation
from assistants_compat.runs.sse import Decoder

from .traffic import Json, events_of, needs_recordings, recordings, sse

pytestmark = needs_recordings

RANKING: Json = {"ranker": "default_2024_08_21", "score_threshold": 0.0, "hybrid_search": None}
RUN: Json = {
    "id": "run_1",
    "thread_id": "thread_1",
    "assistant_id": "asst_1",
    "expires_at": 600,
    "tools": [{"type": "file_search", "file_search": {"ranking_options": RANKING}}],
}


def response_streams() -> list[Any]:
    found = []
    for exchange in recordings("responses.jsonl"):
        events = [data for _, data in events_of(exchange) if isinstance(data, dict)]
        # A resumed background stream begins in the middle.
        if events and events[0]["type"] == "response.created":
            found.append(pytest.param(events, id=f"{Path(exchange['source']).name}-{exchange['index']}"))
    return found


STREAMS = response_streams()


def translate(events: list[Json], *, streaming: bool = True) -> tuple[Translation, Change]:
    """All that the translation wrote and sent, as one change."""
    translation = Translation(RUN, "gpt-4o", lambda: 100, streaming=streaming)
    total = Change()
    for event in events:
        translation.feed(event)
        change = translation.take()
        for name in ("generated", "new_items", "messages", "new_steps", "steps", "events"):
            getattr(total, name).extend(getattr(change, name))
    return translation, total


def final(events: list[Json]) -> Json:
    """The response as it stands at the end."""
    response: Json = events[-1]["response"]
    return response


def outputs(events: list[Json], kind: str) -> list[Json]:
    return [item for item in final(events)["output"] if item["type"] == kind]


def text_of(message: Json) -> str:
    return "".join(part.get("text", part.get("refusal", "")) for part in message["content"])


def sent(change: Change) -> list[tuple[str, Json]]:
    return sse(b"".join(change.events))


@pytest.mark.parametrize("events", STREAMS)
@pytest.mark.parametrize("streaming", [True, False], ids=["streamed", "not streamed"])
def test_a_real_stream_is_translated_to_its_end(events: list[Json], streaming: bool) -> None:
    translation, change = translate(events, streaming=streaming)
    finished = translation.finished
    assert finished is not None
    assert finished.status == ("requires_action" if outputs(events, "function_call") else final(events)["status"])
    assert finished.usage is not None
    assert finished.usage["total_tokens"] == final(events)["usage"]["total_tokens"]
    assert finished.usage["prompt_tokens"] == final(events)["usage"]["input_tokens"]
    assert finished.usage["completion_tokens"] == final(events)["usage"]["output_tokens"]
    assert bool(change.events) == (streaming and bool(change.new_steps))


@pytest.mark.parametrize("events", STREAMS)
def test_every_message_of_a_real_stream_becomes_a_message_with_its_whole_text(events: list[Json]) -> None:
    _, change = translate(events)
    texts = [text_of(message) for message in outputs(events, "message")]
    written = [message["content"] for message in change.messages]
    assert ["".join(without_markers(text) for text in texts_in(content)) for content in written] == texts
    assert [message["status"] for message in change.messages] == ["completed"] * len(texts)
    deltas: Counter[str] = Counter()
    joined: dict[str, str] = {}
    for name, data in sent(change):
        if name == "thread.message.delta":
            deltas[data["id"]] += 1
            (part,) = data["delta"]["content"]
            if part["type"] == "image_file":
                continue
            value = part["text"]["value"]
            joined[data["id"]] = joined.get(data["id"], "") + value
            assert ("annotations" in part["text"]) == (deltas[data["id"]] == 1 or not value or value.startswith("【"))
    assert [joined.get(message["id"], "") for message in change.messages] == [
        "".join(text["value"] for text in texts_in(content)) for content in written
    ]


def texts_in(content: list[Json]) -> list[Json]:
    return [part["text"] for part in content if part["type"] == "text"]


@pytest.mark.parametrize("events", STREAMS)
def test_every_citation_of_a_real_stream_has_its_marker_where_the_response_says(events: list[Json]) -> None:
    _, change = translate(events)
    for message, written in zip(outputs(events, "message"), change.messages, strict=True):
        for part, text in zip(message["content"], texts_in(written["content"]), strict=True):
            cited = [a for a in part.get("annotations") or () if a["type"] == "file_citation"]
            marked = [a for a in text["annotations"] if a["type"] == "file_citation"]
            assert [a["file_citation"]["file_id"] for a in marked] == [a["file_id"] for a in cited]
            before = 0
            for annotation, citation in zip(marked, cited, strict=True):
                assert text["value"][annotation["start_index"] : annotation["end_index"]] == annotation["text"]
                assert annotation["text"].endswith(f"†{citation['filename']}】")
                assert annotation["start_index"] - before == citation["index"]
                before += len(annotation["text"])


@pytest.mark.parametrize("events", STREAMS)
def test_every_file_that_a_real_stream_cites_is_brought_over_once_and_shown_or_linked(events: list[Json]) -> None:
    _, change = translate(events)
    cited: dict[str, Json] = {}
    linked = []
    for message in outputs(events, "message"):
        for part in message["content"]:
            for annotation in part.get("annotations") or ():
                if annotation["type"] == "container_file_citation":
                    cited[annotation["file_id"]] = annotation
                    if annotation["end_index"]:
                        linked.append(part["text"][annotation["start_index"] : annotation["end_index"]])
    with_their_call = [file for file in change.generated if file.content is not None]
    assert len(change.generated) == len(cited)
    assert {file.container_id for file in change.generated} == {a["container_id"] for a in cited.values()}
    assert {file.container_file_id for file in change.generated if file.content is None} <= set(cited)
    shown = [part["image_file"]["file_id"] for m in change.messages for part in m["content"] if part["type"] == "image_file"]
    annotations = [a for m in change.messages for text in texts_in(m["content"]) for a in text["annotations"] if a["type"] == "file_path"]
    assert [a["text"] for a in annotations] == linked
    assert all(link.startswith("sandbox:/mnt/data/") for link in linked)
    assert sorted([*shown, *(a["file_path"]["file_id"] for a in annotations)]) == sorted(file.id for file in change.generated)
    assert {file.id for file in with_their_call} <= set(shown)


@pytest.mark.parametrize("events", STREAMS)
def test_every_function_call_of_a_real_stream_is_asked_of_the_program(events: list[Json]) -> None:
    translation, change = translate(events)
    calls = [(call["call_id"], call["name"], call["arguments"]) for call in outputs(events, "function_call")]
    assert translation.finished is not None
    asked = [(call["id"], call["function"]["name"], call["function"]["arguments"]) for call in translation.finished.calls]
    assert asked == calls
    kept = [json.loads(row["body"]) for row in change.new_items if row["type"] == "function_call"]
    assert [(call["call_id"], call["name"], call["arguments"]) for call in kept] == calls
    streamed: dict[str, str] = {}
    ids: dict[int, str] = {}
    for name, data in sent(change):
        if name == "thread.run.step.delta":
            (call,) = data["delta"]["step_details"]["tool_calls"]
            if call["type"] == "function":
                ids[call["index"]] = call.get("id") or ids[call["index"]]
                id = ids[call["index"]]
                streamed[id] = streamed.get(id, "") + call["function"]["arguments"]
    assert streamed == {id: arguments for id, _, arguments in calls}


@pytest.mark.parametrize("events", STREAMS)
def test_a_steps_events_come_in_the_recorded_order(events: list[Json]) -> None:
    translation, change = translate(events)
    told = sent(change)
    for step in change.new_steps:
        names = [name for name, data in told if data["id"] == step["id"] and not name.endswith("delta")]
        begun = ["thread.run.step.created", "thread.run.step.in_progress"]
        waits = translation.finished and translation.finished.status == "requires_action" and step["type"] == "tool_calls"
        assert names == begun if waits else names == [*begun, "thread.run.step.completed"]
        if step["type"] == "message_creation":
            message = step["step_details"]["message_creation"]["message_id"]
            about = [name for name, data in told if data["id"] == message]
            assert about[:2] == ["thread.message.created", "thread.message.in_progress"]
            assert about[-1] == "thread.message.completed"
            assert set(about[2:-1]) <= {"thread.message.delta"}


@pytest.mark.parametrize("events", STREAMS)
def test_the_tokens_of_a_real_response_are_told_on_its_steps_once(events: list[Json]) -> None:
    translation, change = translate(events)
    assert translation.finished is not None
    if translation.finished.status == "requires_action":
        return  # told when the outputs are there: tests/end_to_end/test_function_tools.py
    completed = [step for step in change.steps if step["status"] == "completed"]
    assert completed or not change.new_steps
    if not completed:
        return  # nothing was said, and no tool used that the Assistants API had
    assert sum(step["usage"]["total_tokens"] for step in completed) == final(events)["usage"]["total_tokens"]


@pytest.mark.parametrize("events", STREAMS)
def test_reasoning_is_kept_only_with_what_followed_it(events: list[Json]) -> None:
    _, change = translate(events)
    rows = [row["type"] for row in change.new_items]
    for index, kind in enumerate(rows):
        if kind == "reasoning":
            assert set(rows[index:]) - {"reasoning"}
    legible = [item for item in outputs(events, "reasoning") if item.get("encrypted_content") or item.get("content")]
    assert rows.count("reasoning") <= len(legible)


@pytest.mark.parametrize("events", STREAMS)
def test_what_a_message_was_for_is_kept_with_it(events: list[Json]) -> None:
    _, change = translate(events)
    extra = [row["extra"] and json.loads(row["extra"]) for row in change.new_items if row["type"] == "message"]
    assert [(kept or {}).get("phase") for kept in extra] == [message.get("phase") for message in outputs(events, "message")]


def test_some_recorded_messages_say_what_they_are_for() -> None:
    phases = {message.get("phase") for stream in STREAMS for message in outputs(stream.values[0], "message")}
    assert {"commentary", "final_answer"} <= phases


def incomplete_responses() -> list[Json]:
    responses = [exchange["response"] for exchange in recordings("responses.jsonl") if isinstance(exchange["response"], dict)]
    return [response for response in responses if response.get("status") == "incomplete"]


@pytest.mark.parametrize("response", incomplete_responses())
def test_a_real_response_that_ran_out_of_tokens_ends_its_message_and_its_run_as_incomplete(response: Json) -> None:
    """Recorded without a stream; its events are the ones such a stream has (facts: recorded-traffic 4.6)."""
    (message,) = response["output"]
    (part,) = message["content"]
    translation, change = translate(
        [
            {"type": "response.output_item.added", "output_index": 0, "item": {**message, "status": "in_progress", "content": []}},
            {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": part["text"]},
            {"type": "response.output_item.done", "output_index": 0, "item": message},
            {"type": "response.incomplete", "response": response},
        ]
    )
    assert translation.finished is not None
    assert (translation.finished.status, translation.finished.incomplete_reason) == ("incomplete", "max_completion_tokens")
    (written,) = change.messages
    assert (written["status"], written["incomplete_details"], written["completed_at"]) == ("incomplete", {"reason": "max_tokens"}, None)
    assert written["content"][0]["text"]["value"] == part["text"]
    (step,) = change.steps
    assert (step["status"], step["usage"]["completion_tokens"]) == ("completed", response["usage"]["output_tokens"])
    assert [name for name, _ in sent(change)][-2:] == ["thread.message.incomplete", "thread.run.step.completed"]


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_real_streams_are_read_in_whatever_pieces_they_come(size: int) -> None:
    events = STREAMS[0].values[0]
    raw = b"".join(b"event: %b\r\ndata: %b\r\n\r\n" % (event["type"].encode(), json.dumps(event).encode()) for event in events)
    decoder = Decoder()
    assert [event for at in range(0, len(raw), size) for event in decoder.feed(raw[at : at + size])] == events
