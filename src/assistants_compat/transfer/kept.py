"""What is kept of a saved object: complete, its keys in wire order, and at rest. Pure.

A run that was at work when it was saved will never be heard of again: it has expired, as it would have. With what was being done by it
that is so too. What is made of an object depends on nothing but what was saved, so that a second import finds it again.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, NamedTuple

from assistants_compat.runs.lifecycle import TERMINAL, break_off_message, complete_message, complete_step, end_step, move
from assistants_compat.runs.tool_calls import without_result_content
from assistants_compat.transfer.kinds import KINDS, LEFT_OUT, KindName

Json = dict[str, Any]

LIFE_OF_A_RUN = 600
"""Seconds after which a run of the original expired, where it does not say."""

_ENDS = {"cancelling": "cancelled"}


class End(NamedTuple):
    """How a run ended, and in which second."""

    status: str
    at: int


def complete(name: KindName, given: Json) -> Json:
    """With all keys that the API showed."""
    keys = KINDS[name].keys
    body: Json = {
        key: given[key] if key in given else deepcopy(default) for key, default in keys.items() if key in given or default is not LEFT_OUT
    }
    if name == "message" and "completed_at" not in given and body["status"] == "completed":
        body["completed_at"] = body["created_at"]
    return body | {key: value for key, value in given.items() if key not in keys}


def is_settled(name: KindName, given: Json) -> bool:
    """Whether nothing more would have come of it."""
    if name == "run":
        return given["status"] in TERMINAL
    return given.get("status") != "in_progress"


def end_of(run: Json) -> End:
    """How a run ended; one that had not yet, as it would have."""
    last = next((run[key] for key in ("completed_at", "failed_at", "cancelled_at", "expires_at") if run.get(key) is not None), None)
    at = last if last is not None else run["created_at"] + LIFE_OF_A_RUN
    return End(run["status"] if run["status"] in TERMINAL else _ENDS.get(run["status"], "expired"), at)


def kept_run(given: Json) -> Json:
    """Whatever state it was in, it is over."""
    run = complete("run", given)
    if run["status"] in TERMINAL:
        return run
    status, at = end_of({**run, "completed_at": None, "failed_at": None, "cancelled_at": None})
    return move(run, status, at)


def kept_step(given: Json, end: End) -> Json:
    """Args:
    end: of its run.
    """
    step = complete("step", given)
    if step["status"] != "in_progress":
        return step
    return complete_step(step, end.at, step["usage"]) if end.status == "completed" else end_step(step, end.status, end.at)


def kept_message(given: Json, end: End) -> Json:
    message = complete("message", given)
    if message["status"] != "in_progress":
        return message
    return complete_message(message, end.at) if end.status == "completed" else break_off_message(message, end.status, end.at)


def synthetic_thread(id: str, created_at: int) -> Json:
    """A thread of which only what is in it was saved."""
    return complete("thread", {"id": id, "object": "thread", "created_at": created_at})


def differences(name: KindName, given: Json, kept: Json, stored: Json) -> list[str]:
    """The keys in which a saved object says something else than the stored one. What it does not say does not count, nor that it was
    saved earlier in its life.

    Args:
        kept: what would be kept of it.
    """
    said = given
    if name in ("run", "step", "message") and not is_settled(name, given):
        if stored.get("status") != kept["status"]:
            return []
        said = kept
    form = _FORMS.get(name, _as_it_is)
    ours, theirs = form(said, stored), form(stored, said)
    return [key for key in ours if key not in theirs or ours[key] != theirs[key]]


def _as_it_is(body: Json, other: Json) -> Json:
    return body


def _without_shown_resources(body: Json, other: Json) -> Json:
    """Some replies show a code interpreter's files where there are none."""
    resources = body.get("tool_resources")
    if resources is None:
        return body
    return {**body, "tool_resources": {name: value for name, value in resources.items() if value not in ({"file_ids": []}, {})}}


def _step(body: Json, other: Json) -> Json:
    """A reply hides when a finished step would have expired; and what a search found, from those who had not asked for it."""
    shown = {key: value for key, value in body.items() if key != "expires_at"}
    searches = [
        call for step in (body, other) for call in step.get("step_details", {}).get("tool_calls", ()) if call["type"] == "file_search"
    ]
    hidden = any("content" not in result for call in searches for result in call["file_search"]["results"])
    return without_result_content(shown) if hidden and "step_details" in shown else shown


def _file(body: Json, other: Json) -> Json:
    """Whether its bytes are here is another matter."""
    return {key: body.get(key) for key in ("id", "filename", "created_at")}


_FORMS: dict[str, Callable[[Json, Json], Json]] = {
    "thread": _without_shown_resources,
    "run": _without_shown_resources,
    "assistant": _without_shown_resources,
    "step": _step,
    "file": _file,
}
