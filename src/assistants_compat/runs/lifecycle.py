"""The life of a run, its steps and messages: states, the legal moves between them, and what each move sets. Pure.

Null rules are from recorded traffic: `expires_at` is null in every terminal state, an expired or incomplete run has its
`completed_at` set, `usage` is null until the end, a resumed run's `started_at` is set anew.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

MOVES: dict[str, frozenset[str]] = {
    "queued": frozenset({"in_progress", "cancelling", "failed", "expired"}),
    "in_progress": frozenset({"requires_action", "completed", "incomplete", "cancelling", "failed", "expired"}),
    "requires_action": frozenset({"queued", "cancelling", "expired"}),
    "cancelling": frozenset({"cancelled"}),
    "completed": frozenset(),
    "incomplete": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}

TERMINAL = frozenset(status for status, moves in MOVES.items() if not moves)
CANCELLABLE = frozenset(status for status, moves in MOVES.items() if "cancelling" in moves)
WORKING = frozenset({"queued", "in_progress"})
"""Somebody has to be executing a run in these states."""

_STAMP = {
    "in_progress": "started_at",
    "completed": "completed_at",
    "incomplete": "completed_at",
    "expired": "completed_at",
    "failed": "failed_at",
    "cancelled": "cancelled_at",
}

# What becomes of a run's open steps, and of a message it was writing.
_STEP_ENDS = {"failed": "failed", "cancelled": "cancelled", "expired": "expired", "incomplete": "completed", "completed": "completed"}
_STEP_STAMP = {"completed": "completed_at", "failed": "failed_at", "cancelled": "cancelled_at", "expired": "expired_at"}
_MESSAGE_REASON = {"failed": "run_failed", "cancelled": "run_cancelled", "expired": "run_expired", "incomplete": "max_tokens"}

NO_USAGE: Json = {
    "prompt_tokens": 0,
    "completion_tokens": 0,
    "total_tokens": 0,
    "prompt_token_details": {"cached_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0},
}


class IllegalMove(Exception):
    """A run was asked to go where its state does not lead: a bug here, never the caller's fault."""


def move(run: Json, status: str, now: int, **changes: Any) -> Json:
    """The run after a move to `status` at the second `now`. `changes` are further fields: `required_action`, `usage`, …

    Raises:
        IllegalMove: where the state machine has no such arrow.
    """
    if status not in MOVES[run["status"]]:
        raise IllegalMove(f"run {run['id']} cannot go from {run['status']} to {status}")
    moved = {**run, "status": status, "required_action": None}
    if status in _STAMP:
        moved[_STAMP[status]] = now
    if status in TERMINAL:
        moved["expires_at"] = None
        moved["usage"] = moved["usage"] or NO_USAGE
    return {**moved, **changes}


def add_usage(one: Json | None, other: Json | None) -> Json | None:
    """The sum of two usages; None stands for none."""
    if one is None or other is None:
        return one or other
    return {key: add_usage(value, other[key]) if isinstance(value, dict) else value + other[key] for key, value in one.items()}


def end_step(step: Json, run_status: str, now: int, *, usage: Json | None = None, last_error: Json | None = None) -> Json:
    """An open step when its run ends in `run_status`."""
    status = _STEP_ENDS[run_status]
    ended = {**step, "status": status, "last_error": last_error, "usage": usage or step["usage"]}
    stamp = _STEP_STAMP[status]
    if stamp == "expired_at":
        # Recorded steps have no such key until they expire; the SDK's type has it.
        return {**ended, "expired_at": now}
    ended[stamp] = now
    return ended


def complete_step(step: Json, now: int, usage: Json | None) -> Json:
    """A step that did what it set out to do."""
    return {**step, "status": "completed", "completed_at": now, "usage": usage or NO_USAGE}


def complete_message(message: Json, now: int) -> Json:
    return {**message, "status": "completed", "completed_at": now}


def break_off_message(message: Json, run_status: str, now: int, reason: str | None = None) -> Json:
    """A message that was being written when its run ended in `run_status`."""
    return {
        **message,
        "status": "incomplete",
        "incomplete_details": {"reason": reason or _MESSAGE_REASON[run_status]},
        "incomplete_at": now,
    }
