"""What a recorded reply shows of runs: how far each must have come when it was given. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
        outputs = (turn.body or {}).get("tool_outputs") if isinstance(turn.body, dict) else ()
        yield Waits(turn.ids[1], frozenset(str(output.get("tool_call_id")) for output in outputs or () if isinstance(output, dict)))
        return
    if turn.parts[-1:] == ("cancel",) and turn.succeeded:
        return
    if isinstance(turn.reply, dict):
        error = turn.reply.get("error")
        if isinstance(error, dict):
            yield from _of_error(turn, str(error.get("message")))
        listed = turn.reply.get("data")
        for value in reversed(listed) if isinstance(listed, list) else [turn.reply]:
            if isinstance(value, dict):
                yield from _of_object(value)


def _of_object(value: Json) -> Iterator[Evidence]:
    kind, status = value.get("object"), value.get("status")
    if kind == "thread.run":
        if status in TERMINAL:
            yield AtEnd(str(value.get("id")))
        elif status == "requires_action":
            calls = ((value.get("required_action") or {}).get("submit_tool_outputs") or {}).get("tool_calls") or ()
            yield Waits(str(value.get("id")), frozenset(str(call.get("id")) for call in calls))
    elif kind == "thread.run.step" and status in TERMINAL - {"completed"}:
        yield AtEnd(str(value.get("run_id")))
    elif kind == "thread.run.step":
        yield Made(str(value.get("run_id")), str(value.get("id")), whole=status == "completed", calls=_done(value))
    elif kind == "thread.message" and value.get("run_id") and value.get("role") == "assistant":
        yield Made(str(value["run_id"]), str(value.get("id")), whole=bool(value.get("content")))


def _done(step: Json) -> int:
    """How many of a step's calls show what came of them."""
    calls = (step.get("step_details") or {}).get("tool_calls") or ()
    return sum(bool(call.get(call.get("type"), {}).get(came)) for call in calls for came in ("results", "outputs"))


def _of_error(turn: Turn, message: str) -> Iterator[Evidence]:
    named = _NAMED_STATUS.search(message)
    if len(turn.ids) < 2:
        return
    status = "requires_action" if message.startswith("Expected tool outputs") else named and (named[1] or named[2])
    if status in TERMINAL:
        yield AtEnd(turn.ids[1])
    elif status == "requires_action":
        yield Waits(turn.ids[1], frozenset())
