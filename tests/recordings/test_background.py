"""Recorded responses in the background: their streams, cut anywhere and resumed, and read again from the beginning by another process."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from assistants_compat.ids import Ids
from assistants_compat.runs.answer import Answer
from assistants_compat.runs.background import OVER, Known, Response, begun_in
from assistants_compat.runs.events import Translation
from assistants_compat.runs.transcript import Change
from assistants_compat.wire import event as framed

from .traffic import Json, events_of, needs_recordings, recordings

pytestmark = needs_recordings

RUN: Json = {"id": "run_1", "thread_id": "thread_1", "assistant_id": "asst_1", "expires_at": 600, "tools": []}


def resumed() -> list[Any]:
    """A response's stream, the same resumed, and the response where it was looked at."""
    sources: dict[str, list[Json]] = defaultdict(list)
    for exchange in recordings("responses.jsonl"):
        sources[exchange["source"]].append(exchange)
    found = []
    for source, exchanges in sources.items():
        again = [exchange for exchange in exchanges if "starting_after=" in exchange["url"]]
        looked = [e for e in exchanges if e["method"] == "GET" and e not in again]
        if again:
            first = next(exchange for exchange in exchanges if exchange["method"] == "POST")
            whole = looked[0]["response"] if looked else None
            found.append(pytest.param(first, again[0], whole, id=source.rpartition("/")[2]))
    return found


def data_of(exchange: Json) -> list[Json]:
    return [data for _, data in events_of(exchange)]


class Reading:
    """A response read by one process, which keeps what it has written."""

    def __init__(self, seed: str, written_before: int = -1, known: Known | None = None, now: int = 100) -> None:
        ids = Ids()
        ids.derive_from(seed)
        self.translation = Translation(RUN, "gpt-4o", lambda: now, streaming=True, ids=ids)
        self.answer = Answer()
        self.response = Response("resp_1", "gpt-4o", (), written_before, known or Known((), (), ()))
        self.steps: dict[str, Json] = {}
        self.messages: dict[str, Json] = {}
        self.items: list[Json] = []
        self.events: list[bytes] = []

    def read(self, events: list[Json]) -> None:
        for one in events:
            self.take(list(self.answer.feed(framed(one["type"], one))))

    def take(self, events: list[Json]) -> None:
        for told in events:
            self.response.take_in(told)
            self.translation.feed(told)
            change = self.translation.take()
            if not self.response.was_written(told):
                self.write(self.response.known.without(change))

    def write(self, change: Change) -> None:
        for step in change.new_steps:
            assert step["id"] not in self.steps
            self.steps[step["id"]] = step
        self.steps.update({step["id"]: step for step in change.steps})
        self.messages.update({message["id"]: message for message in change.messages})
        self.items += change.new_items
        self.events += change.events


def as_read_in_one(first: Json) -> Reading:
    reading = Reading("one")
    reading.read(data_of(first))
    assert reading.translation.finished is not None
    assert reading.translation.finished.status == "completed"
    return reading


@pytest.mark.parametrize(("first", "again", "whole"), resumed())
def test_the_numbers_go_on_after_the_one_that_was_named(first: Json, again: Json, whole: Json | None) -> None:
    after = int(again["url"].partition("starting_after=")[2].partition("&")[0])
    assert [event["sequence_number"] for event in data_of(again)] == list(range(after + 1, len(data_of(first))))
    assert begun_in(data_of(first)[0]["response"]) == data_of(first)[0]["response"]["id"]


@pytest.mark.parametrize(("first", "again", "whole"), resumed())
def test_a_reader_whose_connection_is_lost_hears_the_same(first: Json, again: Json, whole: Json | None) -> None:
    expected = as_read_in_one(first)
    for cut in range(2, len(data_of(first)), 7):
        reading = Reading("one")
        reading.read(data_of(first)[:cut])
        reading.answer.go_on(reading.response.seen)
        reading.read(data_of(again))  # with what it has heard before, which counts once
        assert reading.events == expected.events
        assert reading.translation.finished == expected.translation.finished


@pytest.mark.parametrize(("first", "again", "whole"), resumed())
@pytest.mark.parametrize("in_one_piece", [False, True])
def test_another_process_writes_what_was_not_written(first: Json, again: Json, whole: Json | None, in_one_piece: bool) -> None:
    if in_one_piece and whole is None:
        pytest.skip("nobody looked at this one when it was recorded")
    expected = as_read_in_one(first)
    for cut in range(2, len(data_of(first)), 7):
        gone = Reading("one")
        gone.read(data_of(first)[:cut])
        written = [item["id"] for item in gone.items]
        known = Known(gone.steps.values(), gone.messages.values(), written)
        next_one = Reading("one", data_of(first)[cut - 1]["sequence_number"], known, now=200)
        next_one.steps, next_one.messages, next_one.items = dict(gone.steps), dict(gone.messages), list(gone.items)
        if in_one_piece:
            assert whole is not None
            assert whole["status"] in OVER
            next_one.take(list(next_one.answer.whole(whole)))
        else:
            next_one.read(data_of(again))
        assert list(next_one.steps) == list(expected.steps)
        assert [step["status"] for step in next_one.steps.values()] == ["completed"]
        assert {id: message["content"] for id, message in next_one.messages.items()} == {
            id: message["content"] for id, message in expected.messages.items()
        }
        assert [item["id"] for item in next_one.items] == [item["id"] for item in expected.items]
        begun = 100 if gone.steps else 200
        assert [step["created_at"] for step in next_one.steps.values()] == [begun]
