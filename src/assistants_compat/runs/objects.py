"""The public objects of a run as they are stored, in wire order, and the forms in which they are sent. Pure.

Streams and JSON replies differ, as recorded: a stream's runs and threads always show a code interpreter resource, a JSON
message hides its status, the steps of a run that has ended lose their `expires_at`.
"""

from __future__ import annotations

from typing import Any

from assistants_compat.ids import new_id
from assistants_compat.runs.tool_calls import without_result_content

Json = dict[str, Any]

_SHOWN_IN_STREAMS: Json = {"code_interpreter": {"file_ids": []}}
_MESSAGE_JSON_KEYS = (
    "id", "object", "created_at", "assistant_id", "thread_id", "run_id", "role", "content", "attachments", "metadata",
)  # fmt: skip


def new_message(
    thread_id: str,
    role: str,
    content: list[Json],
    now: int,
    *,
    assistant_id: str | None = None,
    run_id: str | None = None,
    status: str = "completed",
    attachments: list[Json] | None = None,
    metadata: Json | None = None,
    id: str | None = None,
) -> Json:
    """A message; one that a user created is complete from the start."""
    return {
        "id": id or new_id("msg"),
        "object": "thread.message",
        "created_at": now,
        "assistant_id": assistant_id,
        "thread_id": thread_id,
        "run_id": run_id,
        "status": status,
        "incomplete_details": None,
        "incomplete_at": None,
        "completed_at": now if status == "completed" else None,
        "role": role,
        "content": content,
        "attachments": attachments or [],
        "metadata": metadata or {},
    }


def new_step(run: Json, id: str, kind: str, details: Json, now: int) -> Json:
    """A step of `run` that begins; `kind` is "message_creation" or "tool_calls"."""
    return {
        "id": id,
        "object": "thread.run.step",
        "created_at": now,
        "run_id": run["id"],
        "assistant_id": run["assistant_id"],
        "thread_id": run["thread_id"],
        "type": kind,
        "status": "in_progress",
        "cancelled_at": None,
        "completed_at": None,
        "expires_at": run["expires_at"],
        "failed_at": None,
        "last_error": None,
        "step_details": {"type": kind, kind: details if kind == "message_creation" else []},
        "usage": None,
    }


def message_json(message: Json) -> Json:
    return {key: message[key] for key in _MESSAGE_JSON_KEYS}


def step_json(step: Json, run: Json, *, shows_results: bool) -> Json:
    """As a GET shows it; what a file search read is for who asks with `include[]`."""
    return {**(step if shows_results else without_result_content(step)), "expires_at": run["expires_at"]}


def run_json(run: Json) -> Json:
    return run


def run_event(run: Json) -> Json:
    return {**run, "tool_resources": {**_SHOWN_IN_STREAMS, **run["tool_resources"]}}


def thread_event(thread: Json) -> Json:
    """As `thread.created` shows it, and a GET does too."""
    return {**thread, "tool_resources": {**_SHOWN_IN_STREAMS, **thread["tool_resources"]}}
