"""/threads/{thread_id}/messages"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from assistants_compat.api import limits, locks
from assistants_compat.api.errors import ApiError, not_found, thread_is_running_messages
from assistants_compat.api.exchange import Reply, Request
from assistants_compat.api.pages import deleted, listing
from assistants_compat.api.parameters import CREATE_MESSAGE, LIST_MESSAGES, MODIFY_MESSAGE
from assistants_compat.runs.objects import message_json, new_message
from assistants_compat.store import items, threads

Json = dict[str, Any]

MOST_MESSAGES = 100_000
"""The documented limit of a thread."""


def create(request: Request, thread_id: str) -> Reply:
    given = CREATE_MESSAGE.check(request.body())
    limits.refuse_attachments(given, "")

    def attempt(connection: sa.Connection) -> Reply:
        thread = threads.count_more(connection, request.tenant, thread_id, 1)
        if thread is None:
            raise not_found("thread", thread_id)
        if thread.active_run is not None:
            raise locks.ThreadLocked(thread.active_run, thread_is_running_messages(thread_id, thread.active_run))
        if thread.message_count > MOST_MESSAGES:
            raise too_many_messages(thread_id)
        return Reply(message_json(append(connection, request, thread_id, given)))

    return locks.unlocking(request, attempt)


def too_many_messages(thread_id: str) -> ApiError:
    """Inferred: no recording shows the original's sentence."""
    return ApiError(f"Thread {thread_id} has reached the maximum of {MOST_MESSAGES} messages.")


def append(connection: sa.Connection, request: Request, thread_id: str, given: Json) -> Json:
    """Put a message, from checked parameters, at the end of a thread that has counted it already."""
    message = new_message(
        thread_id,
        given["role"],
        given["content"],
        request.runtime.now(),
        attachments=given.get("attachments"),
        metadata=given.get("metadata"),
    )
    items.insert(connection, [items.message_row(message)])
    return message


def retrieve(request: Request, thread_id: str, message_id: str) -> Reply:
    with request.runtime.database.read() as connection:
        return Reply(message_json(_existing(connection, request, thread_id, message_id)))


def modify(request: Request, thread_id: str, message_id: str) -> Reply:
    """As recorded, and only here, the reply has the old `file_ids` where `attachments` should be."""
    given = MODIFY_MESSAGE.check(request.body())
    with request.runtime.database.write() as connection:
        message = _existing(connection, request, thread_id, message_id)
        if "metadata" in given:
            message["metadata"] = given["metadata"]
        items.replace_message(connection, message)
    return Reply({"file_ids" if key == "attachments" else key: value for key, value in message_json(message).items()})


def delete(request: Request, thread_id: str, message_id: str) -> Reply:
    with request.runtime.database.write() as connection:
        _existing(connection, request, thread_id, message_id)
        items.delete_message(connection, thread_id, message_id)
        threads.add_to_count(connection, thread_id, -1)
    return deleted("thread.message", message_id)


def list_(request: Request, thread_id: str) -> Reply:
    query = LIST_MESSAGES.check(request.query)
    with request.runtime.database.read() as connection:
        if not threads.exists(connection, request.tenant, thread_id):
            raise not_found("thread", thread_id)

        def fetch(cut: Any) -> tuple[Any, bool]:
            found, more = items.list_messages(connection, thread_id, cut, query["run_id"])
            return [message_json(message) for message in found], more

        return listing("message", query, fetch)


def _existing(connection: sa.Connection, request: Request, thread_id: str, message_id: str) -> Json:
    if not threads.exists(connection, request.tenant, thread_id):
        raise not_found("thread", thread_id)
    message = items.get_message(connection, thread_id, message_id)
    if message is None:
        raise not_found("message", message_id)
    return message
