"""Ending a run in any state but its own completion: failed, incomplete, cancelled or expired; by whoever finds it due.

The transaction that ends a run also ends its open steps and the message it was writing, and unlocks its thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from assistants_compat import wire
from assistants_compat.runs.lifecycle import break_off_message, end_step, move
from assistants_compat.runs.objects import run_event
from assistants_compat.store import files, items, runs, steps, threads

Json = dict[str, Any]


def end_run(
    connection: sa.Connection,
    run: runs.Run,
    status: str,
    now: int,
    *,
    last_error: Json | None = None,
    drafts: Iterable[Json] = (),
) -> list[bytes]:
    """End `run` and return the events that tell of it.

    Args:
        drafts: messages with the text that had come so far, where this process knows it. Without text a message stays out of
            the thread.
    """
    written = {draft["id"]: {key: draft[key] for key in ("content", "attachments")} for draft in drafts}
    events: list[bytes] = []
    for message in items.unsettled_messages(connection, run.id):
        if message["status"] == "in_progress":
            message = break_off_message({**message, **written.get(message["id"], {"content": []})}, status, now)
            events.append(wire.event("thread.message.incomplete", message))
        items.settle_message(connection, message, settled=bool(message["content"]))
        threads.add_to_count(connection, run.thread_id, 1 if message["content"] else 0)
    # Calls without outputs and reasoning without its answer would spoil the thread's history for every later run.
    items.drop_unsettled_hidden(connection, run.id)
    for step in steps.open_steps(connection, run.id):
        step = end_step(step, status, now, usage=run.progress["step_usage"], last_error=last_error)
        steps.replace(connection, step)
        events.append(wire.event(f"thread.run.step.{step['status']}", step))
    steps.settle_run(connection, run.id)
    files.settle_run(connection, run.id)
    ended = move({**run.body, "usage": run.progress["usage"]}, status, now, last_error=last_error)
    runs.replace(connection, ended)
    threads.unlock(connection, run.thread_id, run.id)
    events.append(wire.event(f"thread.run.{status}", run_event(ended)))
    return events


def drop_unfinished(connection: sa.Connection, run_id: str) -> list[str]:
    """Forget what an interrupted model call had begun. Returns the ids of the blobs to delete once that is committed."""
    items.drop_unsettled(connection, run_id)
    steps.drop_unsettled(connection, run_id)
    return files.drop_unsettled(connection, run_id)
