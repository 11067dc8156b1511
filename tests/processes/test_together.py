"""Several processes on one store at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from assistants_compat.testing import Gate, OfflineUpstream, Text, Turn
from processes.conftest import Process

pytestmark = pytest.mark.long

Start = Callable[..., Process]

WORDS = Text("One two three", chunks=("One", " two", " three"))


def test_messages_written_by_four_processes_at_once_are_all_there(process: Start) -> None:
    workers = [process() for _ in range(4)]
    threads = [workers[0].do("ask", text="First", tools=[])["thread"] for _ in range(3)]
    for number, worker in enumerate(workers):
        worker.send("write", threads=threads, name=f"process {number}", count=8)
    written = [worker.answer() for worker in workers]
    ids = [id for answer in written for thread in threads for id in answer[thread]]
    assert len(set(ids)) == len(ids) == 4 * 3 * 8
    for thread in threads:
        texts = [text for _, text in workers[1].do("messages", thread=thread)]
        assert texts[0] == "First"
        assert Counter(texts[1:]) == Counter(f"process {process} {number}" for process in range(4) for number in range(8))
        for name in range(4):  # each in the order in which it was written
            own = [text for text in texts if text.startswith(f"process {name} ")]
            assert own == sorted(own)


def test_of_two_processes_that_poll_a_dead_run_one_takes_it_over(process: Start, upstream: OfflineUpstream) -> None:
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate), "Four five.", "Six seven.")
    first = process()
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("start", **ids)
    gate.wait_reached()
    others = [process(hold=0), process(hold=0)]
    first.kill()
    gate.open()
    for other in others:
        other.send("poll", thread=ids["thread"], run=run)
    assert [other.answer()["status"] for other in others] == ["completed", "completed"]
    assert len(upstream.requests) == 2
    assert others[0].do("messages", thread=ids["thread"]) == [["user", "How are you?"], ["assistant", "Four five."]]


def test_a_held_poll_takes_over_as_soon_as_the_lease_has_run_out(process: Start, upstream: OfflineUpstream) -> None:
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate), "Four five.")
    first = process()
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("start", **ids)
    gate.wait_reached()
    second = process(stop_at="while_held")  # with the usual hold of 20 seconds
    second.send("poll", thread=ids["thread"], run=run)
    second.is_at("held")
    first.kill()
    gate.open()
    assert second.answer()["status"] == "completed"
    assert len(upstream.requests) == 2


def test_a_run_at_work_in_one_process_is_waited_for_and_cancelled_from_another(process: Start, upstream: OfflineUpstream) -> None:
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate))
    first = process()
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("stream", **ids)
    gate.wait_reached()
    second = process()
    locked = second.do("ask_again", **ids, text="And now?")
    assert f"Can't add messages to {ids['thread']} while a run {run} is active." in locked["error"]
    assert second.do("cancel", thread=ids["thread"], run=run) == "cancelling"
    assert second.do("get", thread=ids["thread"], run=run)["status"] == "cancelled"
    first.has_event("thread.run.cancelled")  # the process at work finds out by its next heartbeat; the gate is closed still
    gate.open()
    upstream.script("All is well.")
    assert first.do("ask_again", **ids, text="And now?")["status"] == "completed"


def test_a_living_process_keeps_its_run_for_longer_than_a_lease(process: Start, upstream: OfflineUpstream) -> None:
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate))
    first = process()
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("start", **ids)
    gate.wait_reached()
    second = process(hold=1.2)  # three leases
    held: Any = second.do("get", thread=ids["thread"], run=run)
    second.send("poll", thread=ids["thread"], run=run)
    third = process(hold=0)
    for _ in range(50):
        held = third.do("get", thread=ids["thread"], run=run)
        assert held["status"] == "in_progress"
    gate.open()
    assert second.answer()["status"] == "completed"
    assert len(upstream.requests) == 1


def test_a_process_may_fork_while_it_writes(process: Start, upstream: OfflineUpstream) -> None:
    first = process()
    ids = first.do("ask", text="How are you?", tools=[])
    assert first.do("fork", **ids, rounds=5) == [0] * 5
    texts = [text for _, text in first.do("messages", thread=ids["thread"])]
    assert texts == ["How are you?", *[f"child {number} completed" for number in range(5)], "parent"]


def test_a_child_keeps_what_it_writes_when_its_parent_ends(process: Start) -> None:
    """SQLite takes the log of the last transactions away when it thinks that nobody else has the file open."""
    first, second = process(), process()
    ids = first.do("ask", text="First", tools=[])
    expected = [["user", "First"], ["user", "before 0"], ["user", "after 0"]]
    assert first.do("daemonize", thread=ids["thread"]) == expected
    assert second.do("messages", thread=ids["thread"]) == expected


def test_a_forked_worker_of_multiprocessing_may_write_too(process: Start) -> None:
    first = process()
    ids = first.do("ask", text="First", tools=[])
    assert first.do("multiprocess", thread=ids["thread"]) == 0
    texts = [text for _, text in first.do("messages", thread=ids["thread"])]
    assert Counter(texts) == Counter(["First", *[f"{who} {number}" for who in ("child", "parent") for number in range(3)]])


def test_a_store_in_memory_goes_along_into_a_fork_and_the_two_go_their_ways(process: Start) -> None:
    first = process(store=":memory:")
    ids = first.do("ask", text="First", tools=[])
    assert first.do("multiprocess", thread=ids["thread"]) == 0
    texts = [text for _, text in first.do("messages", thread=ids["thread"])]
    assert texts == ["First", *[f"parent {number}" for number in range(3)]]
