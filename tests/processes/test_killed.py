"""A process is killed at each point of a run's life; the next one that looks finds the run going on, and nothing lost or doubled."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistants_compat.testing import CodeInterpreter, FunctionCall, Gate, OfflineUpstream, Reasoning, Text, Turn, png
from processes.conftest import PATIENCE, Process

pytestmark = pytest.mark.long

Start = Callable[..., Process]
Json = dict[str, Any]

WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
WORDS = Text("One two three", chunks=("One", " two", " three"))


def look_until(process: Process, thread: str, run: str, *statuses: str) -> Json:
    """Ask for the run, as any program would, until it is in one of these states. The asking is what gets it going again."""
    until = time.monotonic() + PATIENCE
    while True:
        found: Json = process.do("get", thread=thread, run=run)
        if found["status"] in statuses:
            return found
        assert found["status"] in ("queued", "in_progress"), found
        assert time.monotonic() < until, found


def goes_on(process: Process, upstream: OfflineUpstream, ids: Json, before: list[list[str]]) -> None:
    """The thread is free, it says what it said, once, and the upstream accepts it."""
    assert process.do("messages", thread=ids["thread"]) == before
    upstream.script("All is well.")
    run = process.do("ask_again", **ids, text="And now?")
    assert (run.get("status"), run.get("last_error")) == ("completed", None), run
    assert process.do("messages", thread=ids["thread"]) == [*before, ["user", "And now?"], ["assistant", "All is well."]]
    assert upstream.unused == 0


def test_after_the_run_was_created(process: Start, upstream: OfflineUpstream) -> None:
    first = process(stop_at="before_the_call")
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("start", **ids)
    first.is_at("before_the_call")
    first.kill()
    upstream.script("Fine.")
    second = process()
    look_until(second, ids["thread"], run, "completed")
    assert len(upstream.requests) == 1
    assert second.do("steps", thread=ids["thread"], run=run) == ["completed"]
    goes_on(second, upstream, ids, [["user", "How are you?"], ["assistant", "Fine."]])


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("event", ["request", "response.output_text.delta", 6, "response.completed"])
def test_while_the_model_speaks(process: Start, upstream: OfflineUpstream, event: str | int, streaming: bool) -> None:
    gate = Gate(event)
    upstream.script(Turn(WORDS, hold=gate), "Four five.")
    first = process()
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("stream" if streaming else "start", **ids)
    gate.wait_reached()
    if streaming and event == 6:
        first.has_event("thread.message.delta")
    first.kill()
    gate.open()
    second = process()
    look_until(second, ids["thread"], run, "completed")
    assert len(upstream.requests) == 2
    assert upstream.requests[0].body == upstream.requests[1].body
    assert second.do("steps", thread=ids["thread"], run=run) == ["completed"]
    goes_on(second, upstream, ids, [["user", "How are you?"], ["assistant", "Four five."]])


def test_while_it_speaks_after_it_said_something_else(process: Start, upstream: OfflineUpstream) -> None:
    """A first message of the same answer was complete, and told, but the answer was not: it begins again."""
    gate = Gate(11)
    upstream.script(Turn(Text("First.", chunks=("First.",)), Text("Then more", chunks=("Then", " more")), hold=gate), "Four five.")
    first = process()
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("stream", **ids)
    gate.wait_reached()
    first.has_event("thread.message.completed")
    first.kill()
    gate.open()
    second = process()
    look_until(second, ids["thread"], run, "completed")
    assert second.do("steps", thread=ids["thread"], run=run) == ["completed"]
    goes_on(second, upstream, ids, [["user", "How are you?"], ["assistant", "Four five."]])


def test_while_a_file_that_code_made_is_copied(process: Start, upstream: OfflineUpstream) -> None:
    """Nothing of the first attempt is listed, nothing of it stays but half a file without an id, which is swept up a day later."""
    gate = Gate()
    upstream.fail("GET /containers/*/files/*/content", gate)
    saved = Turn(CodeInterpreter("save()", images=[png()], files={"a.csv": b"1,2"}), Text("Here: sandbox:/mnt/data/a.csv"))
    upstream.script(saved, saved)
    first = process()
    ids = first.do("ask", text="Do it.", tools=[{"type": "code_interpreter"}])
    run = first.do("start", **ids)
    gate.wait_reached()
    first.kill()
    gate.open()
    second = process()
    done = look_until(second, ids["thread"], run, "completed")
    assert done["last_error"] is None
    files = second.do("files")
    assert sorted(files.values()) == sorted([png().hex(), b"1,2".hex()])
    folder = Path(second.do("folder"))
    assert {path.name for path in folder.iterdir() if path.suffix != ".part"} == set(files)


def test_before_the_last_commit(process: Start, upstream: OfflineUpstream) -> None:
    upstream.script("One two three", "Four five.")
    first = process(stop_at="before_the_last_commit")
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("start", **ids)
    first.is_at("before_the_last_commit")
    first.kill()
    second = process()
    look_until(second, ids["thread"], run, "completed")
    assert len(upstream.requests) == 2
    goes_on(second, upstream, ids, [["user", "How are you?"], ["assistant", "Four five."]])


def test_after_the_last_commit(process: Start, upstream: OfflineUpstream) -> None:
    """What the stream's reader was never told is there all the same."""
    upstream.script("One two three")
    first = process(stop_at="after_the_last_commit")
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("stream", **ids)
    first.is_at("after_the_last_commit")
    first.kill()
    second = process()
    assert second.do("get", thread=ids["thread"], run=run)["status"] == "completed"
    assert len(upstream.requests) == 1
    goes_on(second, upstream, ids, [["user", "How are you?"], ["assistant", "One two three"]])


def calls(run: Json) -> list[str]:
    return [call["id"] for call in run["required_action"]["submit_tool_outputs"]["tool_calls"]]


def test_while_the_run_waits_for_outputs(process: Start, upstream: OfflineUpstream) -> None:
    upstream.script(Turn(Reasoning(), "Let me see.", FunctionCall("get_weather")), "Sunny it is.")
    first = process()
    ids = first.do("ask", text="How is the weather?", tools=[WEATHER])
    run = first.do("poll", thread=ids["thread"], run=first.do("start", **ids))
    assert run["status"] == "requires_action"
    first.kill()
    second = process()
    found = second.do("get", thread=ids["thread"], run=run["id"])
    assert found == run
    second.do("submit", thread=ids["thread"], run=run["id"], calls=calls(found))
    look_until(second, ids["thread"], run["id"], "completed")
    assert len(upstream.requests) == 2
    assert second.do("steps", thread=ids["thread"], run=run["id"]) == ["completed"] * 3
    said = [["user", "How is the weather?"], ["assistant", "Let me see."], ["assistant", "Sunny it is."]]
    goes_on(second, upstream, ids, said)


@pytest.mark.parametrize("rounds", [0, 1])
def test_while_the_run_waits_for_outputs_that_nobody_brings(process: Start, upstream: OfflineUpstream, rounds: int) -> None:
    """The next process gives the run up: its last calls are left out of the history, which would be refused with them."""
    upstream.script(*[Turn(Reasoning(), FunctionCall("get_weather", call_id=f"call_{n}")) for n in range(rounds + 1)])
    first = process()
    ids = first.do("ask", text="How is the weather?", tools=[WEATHER])
    run = first.do("poll", thread=ids["thread"], run=first.do("start", **ids))
    for _ in range(rounds):
        first.do("submit", thread=ids["thread"], run=run["id"], calls=calls(run))
        run = first.do("poll", thread=ids["thread"], run=run["id"])
    assert calls(run) == [f"call_{rounds}"]
    first.kill()
    second = process()
    second.do("cancel", thread=ids["thread"], run=run["id"])
    goes_on(second, upstream, ids, [["user", "How is the weather?"]])
    kinds = [item["type"] for item in upstream.requests[-1].body["input"]]
    assert kinds == ["message", *["function_call", "function_call_output"] * rounds, "message"]


@pytest.mark.parametrize("event", ["request", "response.output_text.delta", 6])
def test_while_the_model_speaks_of_the_outputs(process: Start, upstream: OfflineUpstream, event: str | int) -> None:
    """The outputs were committed: the next process does not ask for them again."""
    gate = Gate(event)
    upstream.script(FunctionCall("get_weather"), Turn(WORDS, hold=gate), "Sunny it is.")
    first = process()
    ids = first.do("ask", text="How is the weather?", tools=[WEATHER])
    run = first.do("poll", thread=ids["thread"], run=first.do("start", **ids))
    first.do("submit", thread=ids["thread"], run=run["id"], calls=calls(run))
    gate.wait_reached()
    first.kill()
    gate.open()
    second = process()
    look_until(second, ids["thread"], run["id"], "completed")
    assert [request.body["input"] for request in upstream.requests[1:]] == [upstream.requests[1].body["input"]] * 2
    assert second.do("steps", thread=ids["thread"], run=run["id"]) == ["completed", "completed"]
    goes_on(second, upstream, ids, [["user", "How is the weather?"], ["assistant", "Sunny it is."]])


def test_while_it_asks_for_outputs(process: Start, upstream: OfflineUpstream) -> None:
    gate = Gate("response.completed")
    upstream.script(Turn(FunctionCall("get_weather"), hold=gate), FunctionCall("get_weather"), "Sunny it is.")
    first = process()
    ids = first.do("ask", text="How is the weather?", tools=[WEATHER])
    run = first.do("stream", **ids)
    gate.wait_reached()
    first.kill()
    gate.open()
    second = process()
    found = look_until(second, ids["thread"], run, "requires_action")
    second.do("submit", thread=ids["thread"], run=run, calls=calls(found))
    look_until(second, ids["thread"], run, "completed")
    assert second.do("steps", thread=ids["thread"], run=run) == ["completed", "completed"]
    goes_on(second, upstream, ids, [["user", "How is the weather?"], ["assistant", "Sunny it is."]])


def test_between_the_two_halves_of_a_cancellation(process: Start, upstream: OfflineUpstream) -> None:
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate))
    first = process(stop_at="half_cancelled")
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("start", **ids)
    gate.wait_reached()
    first.send("cancel", thread=ids["thread"], run=run)
    first.is_at("half_cancelled")
    first.kill()
    gate.open()
    second = process()
    assert second.do("get", thread=ids["thread"], run=run)["status"] == "cancelled"
    goes_on(second, upstream, ids, [["user", "How are you?"]])


def test_a_second_process_dies_of_the_same_run(process: Start, upstream: OfflineUpstream) -> None:
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate), "Fine.")
    first = process()
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("start", **ids)
    gate.wait_reached()
    first.kill()
    gate.open()
    second = process(stop_at="after_taking_over")
    second.send("take_over", thread=ids["thread"], run=run)
    second.is_at("after_taking_over")
    second.kill()
    third = process()
    look_until(third, ids["thread"], run, "completed")
    goes_on(third, upstream, ids, [["user", "How are you?"], ["assistant", "Fine."]])


def test_any_request_on_the_thread_is_a_look(process: Start, upstream: OfflineUpstream) -> None:
    """A program that never heard of the run finds its thread locked, and in a while free."""
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate), "Four five.", "All is well.")
    first = process()
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("start", **ids)
    gate.wait_reached()
    first.kill()
    gate.open()
    second = process()
    until = time.monotonic() + PATIENCE
    answer: Json = {"error": ""}
    while "error" in answer:
        assert time.monotonic() < until
        answer = second.do("ask_again", **ids, text="And now?")
        assert (
            answer.get("error", run).endswith(run)
            or f"Can't add messages to {ids['thread']} while a run {run} is active." in answer["error"]
        )
    assert second.do("messages", thread=ids["thread"]) == [
        ["user", "How are you?"], ["assistant", "Four five."], ["user", "And now?"], ["assistant", "All is well."],
    ]  # fmt: skip


def test_a_program_that_just_ends_leaves_its_run_at_once(process: Start, upstream: OfflineUpstream) -> None:
    """Not killed: it says goodbye, and nobody has to wait for its lease."""
    gate = Gate(6)
    upstream.script(Turn(WORDS, hold=gate), "Four five.")
    first = process(lease=600)
    ids = first.do("ask", text="How are you?", tools=[])
    run = first.do("start", **ids)
    gate.wait_reached()
    first.do("exit")
    first.ends()
    gate.open()
    second = process(lease=600)
    look_until(second, ids["thread"], run, "completed")
    goes_on(second, upstream, ids, [["user", "How are you?"], ["assistant", "Four five."]])
