"""A process is killed while its run's response is being made upstream: the next one reads it on, and it is paid once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistants_compat.testing import CodeInterpreter, FunctionCall, Gate, HttpError, OfflineUpstream, Reasoning, Text, Turn, png
from processes.conftest import PATIENCE, Process
from processes.test_killed import WEATHER, calls, goes_on, look_until

pytestmark = pytest.mark.long

Start = Callable[..., Process]
Json = dict[str, Any]

WORDS = Text("One two three", chunks=("One", " two", " three"))
SAID = [["user", "How are you?"], ["assistant", "One two three"]]
TOO_OLD = HttpError(400, "This response can no longer be streamed because it is more than 5 minutes old")
ASKED: Json = {"text": "How are you?", "tools": []}


@pytest.fixture
def worker(process: Start) -> Start:
    """Starts a process whose runs are executed in the background."""
    return lambda stop_at="", **settings: process(stop_at, **{"execution": "background", **settings})


def told_of(upstream: OfflineUpstream) -> list[str]:
    """What the upstream was told about responses, but for looks."""
    calls = [call for call in upstream.calls if "/responses/" in call.path and call.method != "GET"]
    return ["cancel" if call.path.endswith("/cancel") else call.method for call in calls]


def until(process: Process, wanted: Callable[[list[Json]], bool], **run: str) -> list[Json]:
    """The run's steps, once they are as wanted."""
    patience = time.monotonic() + PATIENCE
    while not wanted(steps := process.do("step_bodies", **run)):
        assert time.monotonic() < patience, steps
    return list(steps)


def test_at_its_first_event(worker: Start, upstream: OfflineUpstream) -> None:
    upstream.script(WORDS)
    first = worker(stop_at="after_noting")
    ids = first.do("ask", **ASKED)
    run = first.do("start", **ids)
    first.is_at("after_noting")
    first.kill()
    second = worker()
    look_until(second, ids["thread"], run, "completed")
    assert len(upstream.requests) == 1
    goes_on(second, upstream, ids, SAID)


@pytest.mark.parametrize(
    ("event", "streaming", "is_old"),
    [
        ("response.output_text.delta", False, False),
        (6, True, False),
        (6, False, True),
        ("response.output_item.done", True, True),
        ("response.completed", True, False),
        ("response.completed", False, True),
    ],
)
def test_while_the_model_speaks(worker: Start, upstream: OfflineUpstream, event: str | int, streaming: bool, is_old: bool) -> None:
    """Its step and its message stay what they were, by id and by the time of their beginning."""
    gate = Gate(event)
    upstream.script(Turn(WORDS, hold=gate))
    first = worker()
    ids = first.do("ask", **ASKED)
    run = {"thread": ids["thread"], "run": first.do("stream" if streaming else "start", **ids)}
    gate.wait_reached()
    before = until(first, lambda steps: len(steps) == 1, **run)
    first.kill()
    gate.open()
    if is_old:
        upstream.fail("GET /responses/*", TOO_OLD)
    second = worker()
    look_until(second, ids["thread"], run["run"], "completed")
    after = second.do("step_bodies", **run)
    assert [(step["id"], step["created_at"], step["step_details"]) for step in after] == [
        (step["id"], step["created_at"], step["step_details"]) for step in before
    ]
    message = second.do("message", thread=ids["thread"], id=after[0]["step_details"]["message_creation"]["message_id"])
    assert message["content"][0]["text"]["value"] == "One two three"
    assert after[0]["usage"]["completion_tokens"] > 0
    assert len(upstream.requests) == 1
    goes_on(second, upstream, ids, SAID)


@pytest.mark.parametrize("is_old", [False, True])
def test_after_it_said_something_else(worker: Start, upstream: OfflineUpstream, is_old: bool) -> None:
    gate = Gate(12)
    upstream.script(Turn(Reasoning(), Text("First.", chunks=("First.",)), Text("Then more", chunks=("Then", " more")), hold=gate))
    first = worker()
    ids = first.do("ask", **ASKED)
    run = {"thread": ids["thread"], "run": first.do("stream", **ids)}
    gate.wait_reached()
    before = until(first, lambda steps: [step["status"] for step in steps] == ["completed", "in_progress"], **run)
    first.kill()
    gate.open()
    if is_old:
        upstream.fail("GET /responses/*", TOO_OLD)
    second = worker()
    look_until(second, ids["thread"], run["run"], "completed")
    after = second.do("step_bodies", **run)
    assert after[0] == {**before[0], "expires_at": None}  # as of every step of a run that has ended
    assert [step["id"] for step in after] == [step["id"] for step in before]
    assert len(upstream.requests) == 1
    goes_on(second, upstream, ids, [SAID[0], ["assistant", "First."], ["assistant", "Then more"]])


def test_what_the_program_has_deleted_meanwhile_does_not_come_back(worker: Start, upstream: OfflineUpstream) -> None:
    gate = Gate(12)
    upstream.script(Turn(Text("First.", chunks=("First.",)), Text("Then more", chunks=("Then", " more")), hold=gate))
    first = worker()
    ids = first.do("ask", **ASKED)
    run = {"thread": ids["thread"], "run": first.do("stream", **ids)}
    gate.wait_reached()
    before = until(first, lambda steps: [step["status"] for step in steps] == ["completed", "in_progress"], **run)
    assert first.do("delete", thread=ids["thread"], id=before[0]["step_details"]["message_creation"]["message_id"])
    first.kill()
    gate.open()
    second = worker()
    look_until(second, ids["thread"], run["run"], "completed")
    goes_on(second, upstream, ids, [SAID[0], ["assistant", "Then more"]])


def test_one_process_after_the_other(worker: Start, upstream: OfflineUpstream) -> None:
    gates = [Gate(5), Gate("response.completed")]
    upstream.script(Turn(WORDS, hold=gates[1]))
    ids: Json = {}
    run = ""
    for number in range(3):
        process = worker()
        if number == 0:
            ids = process.do("ask", **ASKED)
            run = process.do("start", **ids)
            gates[1].wait_reached()
            until(process, lambda steps: len(steps) == 1, thread=ids["thread"], run=run)
            process.kill()
        elif number == 1:
            patience = time.monotonic() + PATIENCE
            while not any(call.method == "GET" and "stream=true" in call.path for call in upstream.calls):
                process.do("get", thread=ids["thread"], run=run)
                assert time.monotonic() < patience
            process.kill()
        else:
            gates[1].open()
            look_until(process, ids["thread"], run, "completed")
            assert len(upstream.requests) == 1
            goes_on(process, upstream, ids, SAID)


def test_a_run_that_kills_every_process_is_given_up_and_stopped(worker: Start, upstream: OfflineUpstream) -> None:
    gate = Gate("response.output_item.added")
    upstream.script(Turn(WORDS, hold=gate))
    process = worker(stop_at="after_noting")
    ids = process.do("ask", **ASKED)
    run = process.do("start", **ids)
    process.is_at("after_noting")
    process.kill()
    for _ in range(2):
        process = worker(stop_at="after_taking_over")
        process.send("take_over", thread=ids["thread"], run=run)
        process.is_at("after_taking_over")
        process.kill()
    last = worker()
    look_until(last, ids["thread"], run, "failed")
    assert len(upstream.requests) == 1
    assert told_of(upstream) == ["cancel", "DELETE"]


def test_while_it_asks_for_outputs(worker: Start, upstream: OfflineUpstream) -> None:
    gate = Gate("response.completed")
    upstream.script(Turn(Reasoning(), "Let me see.", FunctionCall("get_weather"), hold=gate), "Sunny it is.")
    first = worker()
    ids = first.do("ask", text="How is the weather?", tools=[WEATHER])
    run = {"thread": ids["thread"], "run": first.do("start", **ids)}
    gate.wait_reached()
    before = until(first, lambda steps: len(steps) == 2, **run)
    first.kill()
    gate.open()
    second = worker()
    found = look_until(second, ids["thread"], run["run"], "requires_action")
    assert [step["id"] for step in second.do("step_bodies", **run)] == [step["id"] for step in before]
    second.do("submit", **run, calls=calls(found))
    look_until(second, ids["thread"], run["run"], "completed")
    assert len(upstream.requests) == 2
    goes_on(second, upstream, ids, [["user", "How is the weather?"], ["assistant", "Let me see."], ["assistant", "Sunny it is."]])


@pytest.mark.parametrize("is_old", [False, True])
def test_while_a_file_that_code_made_is_copied(worker: Start, upstream: OfflineUpstream, is_old: bool) -> None:
    gate = Gate()
    upstream.fail("GET /containers/*/files/*/content", gate)
    upstream.script(Turn(CodeInterpreter("save()", images=[png()], files={"a.csv": b"1,2"}), Text("Here: sandbox:/mnt/data/a.csv")))
    first = worker()
    ids = first.do("ask", text="Do it.", tools=[{"type": "code_interpreter"}])
    run = {"thread": ids["thread"], "run": first.do("start", **ids)}
    gate.wait_reached()
    before = first.do("step_bodies", **run)
    first.kill()
    gate.open()
    if is_old:
        upstream.fail("GET /responses/*", TOO_OLD)
    second = worker()
    done = look_until(second, ids["thread"], run["run"], "completed")
    assert (done["last_error"], len(upstream.requests)) == (None, 1)
    after = second.do("step_bodies", **run)
    assert [step["id"] for step in after] == [step["id"] for step in before]
    files = second.do("files")
    assert sorted(files.values()) == sorted([png().hex(), b"1,2".hex()])
    drawn = after[0]["step_details"]["tool_calls"][0]["code_interpreter"]["outputs"][0]["image"]["file_id"]
    assert files[drawn] == png().hex()
    folder = Path(second.do("folder"))
    assert {path.name for path in folder.iterdir() if path.suffix != ".part"} == set(files)
    assert len([call for call in upstream.calls if call.path.endswith("/content")]) == 2  # the second time, what was cut off


def test_what_is_gone_by_then_is_made_again(worker: Start, upstream: OfflineUpstream) -> None:
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate), "Four five.")
    first = worker()
    ids = first.do("ask", **ASKED)
    run = first.do("stream", **ids)
    first.has_event("thread.message.delta")
    first.kill()
    upstream.forget_responses()
    gate.open()
    second = worker()
    look_until(second, ids["thread"], run, "completed")
    assert len(upstream.requests) == 2
    assert second.do("steps", thread=ids["thread"], run=run) == ["completed"]
    goes_on(second, upstream, ids, [SAID[0], ["assistant", "Four five."]])


def test_a_process_in_the_foreground_reads_it_on_too(worker: Start, upstream: OfflineUpstream) -> None:
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate))
    first = worker()
    ids = first.do("ask", **ASKED)
    run = first.do("stream", **ids)
    first.has_event("thread.message.delta")
    first.kill()
    gate.open()
    second = worker(execution="foreground")
    look_until(second, ids["thread"], run, "completed")
    assert len(upstream.requests) == 1
    goes_on(second, upstream, ids, SAID)


def test_a_run_whose_process_is_dead_is_cancelled_with_its_response(worker: Start, upstream: OfflineUpstream) -> None:
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate))
    first = worker()
    ids = first.do("ask", **ASKED)
    run = first.do("stream", **ids)
    first.has_event("thread.message.delta")
    first.kill()
    second = worker(lease=60.0)
    second.do("cancel", thread=ids["thread"], run=run)
    assert told_of(upstream) == ["cancel", "DELETE"]
    assert second.do("get", thread=ids["thread"], run=run)["status"] == "cancelled"
    goes_on(second, upstream, ids, [SAID[0]])


def test_a_program_that_ends_leaves_its_run_to_the_next(worker: Start, upstream: OfflineUpstream) -> None:
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate))
    first = worker(lease=60.0)
    ids = first.do("ask", **ASKED)
    run = first.do("stream", **ids)
    first.has_event("thread.message.delta")
    first.do("exit")
    first.ends()
    gate.open()
    second = worker(lease=60.0)
    look_until(second, ids["thread"], run, "completed")
    assert len(upstream.requests) == 1
    goes_on(second, upstream, ids, SAID)


def test_a_program_that_ends_with_its_run_deletes_its_response(worker: Start, upstream: OfflineUpstream) -> None:
    first = worker()
    ids = first.do("ask", **ASKED)
    run = first.do("start", **ids)
    assert first.do("poll", thread=ids["thread"], run=run)["status"] == "completed"
    first.do("exit")
    first.ends()
    assert told_of(upstream) == ["DELETE"]
