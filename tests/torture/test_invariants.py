"""The checks find what they are there to find: a thread that is as it should be, and the same with one thing wrong."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from torture import invariants
from torture.malformed import judged
from torture.picture import Said, Thread
from torture.requests import Sent
from torture.result import Result, Violation
from torture.speech import heard
from torture.together import as_it_was_read
from torture.writer import fingerprint

ACCEPTED = [("msg_1", "Hello"), ("msg_3", "And now?")]


def message(id: str, run: str | None, text: str) -> dict[str, Any]:
    body = {"object": "thread.message", "status": "completed", "content": [{"type": "text", "text": {"value": text}}]}
    return {"id": id, "type": "message", "role": "assistant" if run else "user", "run_id": run, "settled": True, "body": body}


def sound() -> Thread:
    texts = [("msg_1", None, "Hello"), ("msg_2", "run_1", heard(["Hello"])), ("msg_3", None, "And now?")]
    run = {"id": "run_1", "status": "completed", "body": {"status": "completed"}}
    step = {"id": "step_1", "status": "completed", "settled": True, "body": {"status": "completed"}}
    return Thread(
        id="thread_1",
        message_count=3,
        active_run=None,
        listed=[Said(id, "assistant" if run_id else "user", text, run_id) for id, run_id, text in texts],
        items=[message(*each) for each in texts],
        runs=[run],
        steps=[step],
    )


def found(thread: Thread) -> set[str]:
    return {violation.kind for violation in (*invariants.of_thread(thread, ACCEPTED), *invariants.heard_everything(thread, heard))}


def test_a_sound_thread_is_found_sound() -> None:
    assert found(sound()) == set()


def call(type: str, call_id: str) -> dict[str, Any]:
    return {"id": "item_1", "type": type, "role": None, "run_id": "run_1", "settled": True, "body": {"call_id": call_id}}


def without_a_message(thread: Thread) -> None:
    del thread.listed[2], thread.items[2]
    thread.message_count = 2


def with_one_twice(thread: Thread) -> None:
    thread.listed.append(Said("msg_4", "user", "Hello"))
    thread.items.append(message("msg_4", None, "Hello"))
    thread.message_count = 4


def with_two_exchanged(thread: Thread) -> None:
    for rows in (thread.listed, thread.items):
        rows[0], rows[2] = rows[2], rows[0]  # type: ignore[index]


def with_a_word_between(thread: Thread) -> None:
    thread.items.append(message("msg_4", "run_1", "More"))
    thread.listed.append(Said("msg_4", "assistant", "More", "run_1"))
    thread.message_count = 4


WRONG: dict[str, tuple[Callable[[Thread], Any], set[str]]] = {
    "a message is missing": (without_a_message, {invariants.LOST}),
    "a message is there twice": (with_one_twice, {invariants.DOUBLED}),
    "two messages have changed places": (with_two_exchanged, {invariants.ORDER, invariants.LOST}),
    "somebody wrote in between": (with_a_word_between, {invariants.ORDER}),
    "the thread is locked": (lambda thread: setattr(thread, "active_run", "run_1"), {invariants.LOCKED}),
    "the count is wrong": (lambda thread: setattr(thread, "message_count", 4), {invariants.HALF}),
    "a run has not ended": (lambda thread: thread.runs[0].update(status="queued", body={"status": "queued"}), {invariants.STUCK}),
    "a run says two things": (lambda thread: thread.runs[0]["body"].update(status="failed"), {invariants.HALF}),
    "a step is open": (lambda thread: thread.steps[0].update(status="in_progress", body={"status": "in_progress"}), {invariants.HALF}),
    "an item is not settled": (lambda thread: thread.items.append({**call("reasoning", ""), "settled": False}), {invariants.HALF}),
    "a call has no output": (lambda thread: thread.items.append(call("function_call", "call_1")), {invariants.HALF}),
    "an output has no call": (lambda thread: thread.items.append(call("function_call_output", "call_1")), {invariants.HALF}),
    "the model has not heard everything": (
        lambda thread: thread.listed.__setitem__(1, thread.listed[1]._replace(text=heard([]))),
        {invariants.LOST},
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str) -> None:
    break_it, kinds = WRONG[name]
    thread = deepcopy(sound())
    break_it(thread)
    assert found(thread) == kinds


def test_a_run_that_has_expired_may_have_asked_in_vain() -> None:
    thread = deepcopy(sound())
    thread.runs[0].update(status="expired", body={"status": "expired"})
    thread.items.append(call("function_call", "call_1"))
    assert found(thread) == set()
    thread.items += [call("function_call_output", "call_1")] * 2
    assert found(thread) == {invariants.HALF}


def test_a_reading_that_the_thread_does_not_begin_with_is_found() -> None:
    ids = [said.id for said in sound().listed]
    assert as_it_was_read(sound(), [("a", fingerprint(ids[:2])), ("b", fingerprint(ids))]) == []
    (violation,) = as_it_was_read(sound(), [("a", fingerprint(["msg_1", "msg_3"]))])
    assert violation.kind == invariants.ORDER


@pytest.mark.parametrize(
    ("status", "body", "kinds"),
    [
        (400, b'{"error": {"message": "No.", "type": "x", "param": null, "code": null}}', []),
        (500, b'{"error": {"message": "No.", "type": "x", "param": null, "code": null}}', ["answers of 5xx"]),
        (404, b"Not found", ["errors in another form"]),
        (200, b"Traceback (most recent call last):", ["tracebacks"]),
    ],
)
def test_an_answer_is_judged(status: int, body: bytes, kinds: list[str]) -> None:
    request = Sent("GET", "/threads/x", {}, None)
    assert [each.kind for each in judged(request, status, "application/json", body)] == kinds


def test_a_result_counts_by_kind_and_knows_no_others() -> None:
    result = Result("kill -9", "3 kills", ("lost", "doubled"), [Violation("lost", "msg_1")])
    assert (result.found, result.is_kept) == ("1 lost, 0 doubled", False)
    with pytest.raises(ValueError, match="not among"):
        Result("kill -9", "3 kills", ("lost",), [Violation("stuck", "run_1")])
