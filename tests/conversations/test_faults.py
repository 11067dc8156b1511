"""An upstream that refuses, fails, or is cut off: no conversation twice, no item twice, and the rest goes on."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import Any

import openai
import pytest

from assistants_compat.testing import BrokenDownload, HttpError, OfflineUpstream, Unreachable
from assistants_compat.transfer.conversations.calls import MOST_TRIES, Calls, Unclear
from assistants_compat.transfer.conversations.pace import Pace, Stopped, told_to_wait

from .conftest import Done, texts_of

Export = Callable[..., Done]
Threads = Callable[..., str]
Json = dict[str, Any]

BUSY = HttpError(429, "Rate limit reached for requests", "rate_limit_exceeded", headers={"retry-after": "0.01"})
FAILED = HttpError(500, "The server had an error while processing your request.", "server_error", "server_error")
LOCKED = HttpError(400, "Another process is currently operating on this conversation.", "conversation_locked", param="conversation")
MAKE, ADD, LIST = "POST /conversations", "POST /conversations/*/items", "GET /conversations/*/items"


def made(upstream: OfflineUpstream) -> list[int]:
    """How many items each conversation has."""
    return sorted(len(conversation.items) for conversation in upstream._memory.conversations.values())


@pytest.mark.parametrize("fault", [BUSY, HttpError(429, "Slow down.", "rate_limit_exceeded"), LOCKED], ids=["told", "untold", "locked"])
def test_what_is_refused_for_now_is_asked_again(
    export: Export, thread_of: Threads, upstream: OfflineUpstream, native: openai.OpenAI, fault: HttpError
) -> None:
    thread_id = thread_of(25)
    upstream.fail(MAKE, fault, fault)
    upstream.fail(ADD, fault, fault, fault)
    done = export()
    assert done.code == 0
    assert (made(upstream), done.report["lost"]) == ([25], {})
    assert texts_of(native, done.map[thread_id]) == [f"a{number}" for number in range(25)]


def test_a_pause_that_the_upstream_asks_for_is_kept_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    waited: list[float] = []
    pace = Pace(threading.Event(), lambda why, seconds: None, clock=lambda: now[0])

    def pause(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(pace, "pause", pause)
    pace.wait()
    pace.hold(20, "told")
    pace.hold(5, "told less")
    pace.wait()
    pace.wait()
    assert waited == [20]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "20"}, 20.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": formatdate(0)}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_the_header_is_read_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert told_to_wait(headers) == seconds


def test_a_pause_of_hours_ends_the_export(export: Export, thread_of: Threads, upstream: OfflineUpstream) -> None:
    thread_of(1)
    upstream.fail(MAKE, HttpError(429, "Daily limit.", "rate_limit_exceeded", headers={"retry-after": "7200"}))
    done = export()
    assert done.code == 2
    assert "Stopped: The upstream asks for a pause of 7,200 s: Daily limit. The same command goes on from here." in done.said
    assert export().code == 0
    assert made(upstream) == [1]


@pytest.mark.parametrize("fault", [FAILED, Unreachable(), HttpError(502, "<html>")], ids=["500", "cut off", "502"])
def test_a_conversation_that_was_not_made_after_all_is_told_of_as_perhaps_made(
    export: Export, thread_of: Threads, upstream: OfflineUpstream, fault: Any
) -> None:
    thread_id = thread_of(2)
    upstream.fail(MAKE, fault)
    done = export()
    assert (done.code, made(upstream)) == (0, [2])
    assert done.report["lost"] == {thread_id: 1}


def test_a_conversation_whose_answer_is_cut_off_is_empty_and_told_of(
    export: Export, thread_of: Threads, upstream: OfflineUpstream, native: openai.OpenAI
) -> None:
    thread_id = thread_of(2)
    upstream.fail(MAKE, BrokenDownload(20))
    done = export()
    assert (done.code, made(upstream)) == (0, [0, 2])
    assert texts_of(native, done.map[thread_id]) == ["a0", "a1"]
    assert done.report["lost"] == {thread_id: 1}
    assert f"Perhaps made besides, empty, and of unknown id: 1 conversation\n  of {thread_id}" in done.said
    assert export().report["lost"] == {thread_id: 1}


@pytest.mark.parametrize("cut_after", [0, 40])
def test_items_that_were_added_though_the_answer_is_cut_off_are_not_added_twice(
    export: Export, thread_of: Threads, upstream: OfflineUpstream, native: openai.OpenAI, client: openai.OpenAI, cut_after: int
) -> None:
    thread_id = thread_of(45)
    upstream.fail(ADD, *[BrokenDownload(cut_after)] * 3)
    upstream.fail(LIST, BUSY, FAILED, BrokenDownload(5))
    done = export()
    assert (done.code, made(upstream)) == (0, [45])
    assert texts_of(native, done.map[thread_id]) == [f"a{number}" for number in range(45)]
    there = [item.id for item in native.conversations.items.list(done.map[thread_id], order="asc", limit=100)]
    messages = [message.id for message in client.beta.threads.messages.list(thread_id, order="asc", limit=100)]
    assert done.messages == dict(zip(messages, there, strict=True))


@pytest.mark.parametrize("fault", [FAILED, Unreachable()], ids=["500", "cut off"])
def test_items_that_were_not_added_are_added_again(export: Export, thread_of: Threads, upstream: OfflineUpstream, fault: Any) -> None:
    thread_of(45)
    upstream.fail(ADD, fault, fault)
    assert (export().code, made(upstream)) == (0, [45])


def test_a_call_that_is_done_late_leaves_nothing_twice(
    export: Export, thread_of: Threads, native: openai.OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread_id = thread_of(45)
    add = Calls.add
    late: list[Sequence[Json]] = []

    def slow(calls: Calls, conversation_id: str, items: Sequence[Json]) -> list[str]:
        if not late:
            late.append(items)
            raise Unclear("the read operation timed out")
        ids = add(calls, conversation_id, items)
        if len(late) == 1:
            late.append(items)
            add(calls, conversation_id, late[0])
        return ids

    monkeypatch.setattr(Calls, "add", slow)
    done = export()
    assert done.code == 0
    assert len(late) == 2
    assert texts_of(native, done.map[thread_id]) == [f"a{number}" for number in range(45)]


def test_an_upstream_that_stays_away_ends_the_export_and_the_next_one_goes_on(
    export: Export, thread_of: Threads, upstream: OfflineUpstream, native: openai.OpenAI
) -> None:
    first, second = thread_of(25), thread_of(3, "b")
    upstream.fail(LIST, *[FAILED] * MOST_TRIES)
    upstream.fail(ADD, BrokenDownload(0))
    done = export("--at-once", "1")
    assert done.code == 2
    assert "Stopped: The upstream does not answer: The server had an error" in done.said
    assert done.map == {}
    done = export()
    assert done.code == 0
    assert made(upstream) == [3, 25]
    assert texts_of(native, done.map[first]) == [f"a{number}" for number in range(25)]
    assert texts_of(native, done.map[second]) == ["b0", "b1", "b2"]


def test_an_upstream_that_cannot_be_reached_makes_and_loses_nothing(export: Export, thread_of: Threads, upstream: OfflineUpstream) -> None:
    thread_of(1)
    done = export(OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert done.code == 2
    assert "Stopped: The upstream does not answer:" in done.said
    assert done.report["lost"] == {}
    assert upstream.calls == [] or made(upstream) == []


def test_an_upstream_that_never_says_whether_it_makes_conversations_ends_the_export(
    export: Export, thread_of: Threads, upstream: OfflineUpstream
) -> None:
    thread_id = thread_of(1)
    upstream.fail(MAKE, *[FAILED] * 8)
    done = export()
    assert done.code == 2
    assert "The upstream does not say whether it makes conversations" in done.said
    assert done.report["lost"] == {thread_id: 4}


def test_a_thread_that_is_refused_does_not_hold_up_the_others(
    export: Export, thread_of: Threads, upstream: OfflineUpstream, native: openai.OpenAI
) -> None:
    threads = {thread_of(2, name): name for name in "abc"}
    upstream.fail(ADD, HttpError(400, "Invalid 'items[0].content'.", "invalid_value"))
    done = export("--at-once", "1")
    assert done.code == 1
    [refused] = set(threads) - set(done.map)
    assert f"{refused}: The upstream refuses it: Invalid 'items[0].content'." in done.said
    assert len(done.map) == 2
    done = export()
    assert done.code == 0
    assert made(upstream) == [2, 2, 2]
    assert texts_of(native, done.map[refused]) == [f"{threads[refused]}0", f"{threads[refused]}1"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (HttpError(401, "Incorrect API key provided: sk-te***6789.", "invalid_api_key"), "The upstream refuses the key: Incorrect API key"),
        (HttpError(403, "You have insufficient permissions."), "The upstream refuses the key: You have insufficient permissions."),
        (
            HttpError(429, "You exceeded your current quota.", "insufficient_quota"),
            "takes no more requests: You exceeded your current quota.",
        ),
        (HttpError(404, "Invalid URL (POST /v1/conversations)"), "The upstream has no Conversations API: Invalid URL"),
    ],
    ids=["key", "rights", "quota", "no such API"],
)
def test_what_will_not_get_better_ends_the_export(
    export: Export, thread_of: Threads, upstream: OfflineUpstream, fault: HttpError, said: str
) -> None:
    for _ in range(5):
        thread_of(1)
    upstream.fail(MAKE, fault)
    upstream.calls.clear()
    done = export("--at-once", "1")
    assert done.code == 2
    assert said in done.said
    assert len(upstream.calls) == 1
    assert done.report["lost"] == {}
    assert export().code == 0
    assert made(upstream) == [1] * 5


def test_many_threads_at_once_are_each_one_conversation_whatever_fails(
    export: Export, thread_of: Threads, upstream: OfflineUpstream, native: openai.OpenAI
) -> None:
    threads = {thread_of(3, f"t{number}-"): f"t{number}-" for number in range(12)}
    upstream.fail(MAKE, BUSY, FAILED, BrokenDownload(0), BUSY, BrokenDownload(10))
    upstream.fail(ADD, BUSY, BrokenDownload(0), FAILED, BUSY, BrokenDownload(30), Unreachable())
    done = export("--at-once", "6")
    assert done.code == 0
    assert {thread_id: texts_of(native, id) for thread_id, id in done.map.items()} == {
        thread_id: [f"{name}{number}" for number in range(3)] for thread_id, name in threads.items()
    }
    whose = Counter(conversation.metadata["assistants_compat_thread"] for conversation in upstream._memory.conversations.values())
    assert sum(whose.values()) - 12 <= sum(done.report["lost"].values()) == 3
    assert sorted(size for size in made(upstream) if size) == [3] * 12


def test_an_address_without_that_api_is_told_of(export: Export, thread_of: Threads, base_url: str) -> None:
    thread_of(1)
    done = export(OPENAI_BASE_URL=f"{base_url}/elsewhere")
    assert done.code == 2
    assert "The upstream has no Conversations API: Invalid URL" in done.said


def test_interrupted_waiting_is_no_failure() -> None:
    stop = threading.Event()
    pace = Pace(stop, lambda why, seconds: None)
    stop.set()
    pace.hold(100, "told")
    with pytest.raises(Stopped, match=r"Interrupted\."):
        pace.wait()
