"""Recorded streams of runs with a file search, produced again: event for event and key for key, usage apart."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistants_compat.testing import Cite, FileSearch, Found, OfflineUpstream, Text, Turn

from .test_streams import is_run
from .traffic import Json, Normal, conversations, events_of, merged, needs_recordings, ordered, path_of, sse

pytestmark = [needs_recordings, pytest.mark.usefixtures("clock")]


def searched_conversations() -> Iterator[Any]:
    for source, exchanges in conversations().items():
        tools = [tool for exchange in exchanges for _, data in events_of(exchange) if is_run(data) for tool in data["tools"]]
        if tools and all(tool["type"] == "file_search" and "hybrid_search" in str(tool) for tool in tools):
            yield pytest.param(exchanges, id=f"{Path(source).name}")


def turn_like(events: list[tuple[str, Any]]) -> Turn:
    """What the model must have found and said, with its citations taken out of the text again."""
    items: list[Any] = []
    for name, data in events:
        if name == "thread.run.step.completed" and data["type"] == "tool_calls":
            (call,) = data["step_details"]["tool_calls"]
            results = [
                Found(r["content"][0]["text"], r["file_name"], file_id=r["file_id"], score=r["score"])
                for r in call["file_search"]["results"]
            ]
            items.append(FileSearch("food", results=results))
        elif name == "thread.message.completed":
            text = data["content"][0]["text"]
            said, cites = text["value"], []
            for mark in reversed(text["annotations"]):
                said = said[: mark["start_index"]] + said[mark["end_index"] :]
                cites.append(Cite(mark["file_citation"]["file_id"], at=mark["start_index"]))
            items.append(Text(said, annotations=tuple(reversed(cites))))
    return Turn(*items)


def shown(value: Any) -> Any:
    """What is compared: all but the tokens, which a recording counts a call, and the ids of stores."""
    if not isinstance(value, dict):
        return value
    text = re.sub(r"vs_[0-9a-f]{32}", "<store>", json.dumps(value))
    return {key: item for key, item in json.loads(text).items() if key != "usage"}


@pytest.mark.parametrize("exchanges", list(searched_conversations()))
def test_a_recorded_file_search_is_produced_again(exchanges: list[Json], http: Callable[..., Any], upstream: OfflineUpstream) -> None:
    files = dict.fromkeys(re.findall(r"file-\w+", json.dumps([exchange["request"] for exchange in exchanges])))
    for file_id in files:
        upstream.put_file("favorite_foods.txt", b"", id=file_id)
    theirs, own, ours = Normal(), Normal(), {}
    compared = 0
    for exchange in exchanges:
        events = events_of(exchange)
        text = json.dumps([path_of(exchange), exchange["request"]])
        for old, new in ours.items():
            text = text.replace(old, new)
        path, body = json.loads(text)
        if events:
            upstream.script(turn_like(events))
        reply = http(exchange["method"], path, body)
        assert reply.status_code == exchange["status"], reply.text
        if not events:
            assert ordered(own(shown(reply.json()))) == ordered(theirs(shown(exchange["response"])))
            ours[exchange["response"]["id"]] = reply.json()["id"]
            continue
        said = list(merged(sse(reply.content)))
        recorded = list(merged(events))
        assert [name for name, _ in said] == [name for name, _ in recorded]
        for (name, data), (_, expected) in zip(said, recorded, strict=True):
            assert ordered(own(shown(data))) == ordered(theirs(shown(expected))), name
        compared += 1
    assert compared
