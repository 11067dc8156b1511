"""What a recorded reply shows of runs: how far each must have come when it was given. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistants_compat.verifying.fields import inside, objects, text
from assistants_compat.verifying.knowledge import TERMINAL
from assistants_compat.verifying.recording import Turn

Json = dict[str, Any]


@dataclass(frozen=True)
class AtEnd:
    """The run has ended."""

    run_id: str


@dataclass(frozen=True)
class Waits:
    """The run waits for the outputs of these calls, or did: then its outputs are handed in by this request."""

    run_id: str
    call_ids: frozenset[str]


@dataclass(frozen=True)
class Made:
    """A step or message of the run is there, and finished if `whole`; else that many of a step's calls are done."""

    run_id: str
    id: str
    whole: bool
    calls: int = 0


@dataclass(frozen=True)
class ThreadFree:
    """No run is active on the thread."""

    thread_id: str


Evidence = AtEnd | Waits | Made | ThreadFree

_NAMED_STATUS = re.compile(r"""Runs in status "(\w+)" do not accept|Cannot \w+ run with status '(\w+)'""")


def evidence_in(turn: Turn) -> Iterator[Evidence]:
    """What has to be so before the request is sent, the earliest first."""
    if turn.method == "POST" and turn.succeeded and turn.parts in (("threads", "*", "messages"), ("threads", "*", "runs")):
        yield ThreadFree(turn.ids[0])
    if turn.parts[-1:] == ("submit_tool_outputs",) and turn.succeeded:
        yield Waits(turn.ids[1], frozenset(text(output, "tool_call_id") for output in objects(turn.body, "tool_outputs")))
    elif turn.parts[-1:] == ("cancel",) and turn.succeeded:
        return
    elif inside(turn.reply, "error") is not None and len(turn.ids) > 1:
        yield from _of_error(turn.ids[1], text(turn.reply, "error", "message"))
    elif text(turn.reply, "object") == "list":
        for value in reversed(objects(turn.reply, "data")):
            yield from _of_object(value)
    else:
        yield from _of_object(turn.reply)


def _of_object(value: Any) -> Iterator[Evidence]:
    kind, status, id, run_id = (text(value, name) for name in ("object", "status", "id", "run_id"))
    if kind == "thread.run" and status in TERMINAL:
        yield AtEnd(id)
    elif kind == "thread.run" and status == "requires_action":
        calls = objects(value, "required_action", "submit_tool_outputs", "tool_calls")
        yield Waits(id, frozenset(text(call, "id") for call in calls))
    elif kind == "thread.run.step" and status in TERMINAL - {"completed"}:
        yield AtEnd(run_id)
    elif kind == "thread.run.step":
        yield Made(run_id, id, whole=status == "completed", calls=_done(value))
    elif kind == "thread.message" and run_id and value.get("role") == "assistant":
        yield Made(run_id, id, whole=bool(value.get("content")))


def _done(step: Json) -> int:
    """How many of a step's calls show what came of them."""
    calls = objects(step, "step_details", "tool_calls")
    return sum(bool(inside(call, text(call, "type"), came)) for call in calls for came in ("results", "outputs"))


def _of_error(run_id: str, message: str) -> Iterator[Evidence]:
    named = _NAMED_STATUS.search(message)
    status = "requires_action" if message.startswith("Expected tool outputs") else named and (named[1] or named[2])
    if status in TERMINAL:
        yield AtEnd(run_id)
    elif status == "requires_action":
        yield Waits(run_id, frozenset())
