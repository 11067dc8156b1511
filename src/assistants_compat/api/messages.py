"""/threads/{thread_id}/messages"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import sqlalchemy as sa

from assistants_compat.api import locks, resources
from assistants_compat.api.errors import ApiError, not_found, thread_is_running_messages
from assistants_compat.api.exchange import Errand, Reply, Request
from assistants_compat.api.pages import deleted, listing
from assistants_compat.api.parameters import CREATE_MESSAGE, LIST_MESSAGES, MODIFY_MESSAGE
from assistants_compat.runs.effects import Asked
from assistants_compat.runs.objects import message_json, new_message
from assistants_compat.store import items, threads

Json = dict[str, Any]
T = TypeVar("T")

MOST_MESSAGES = 100_000
"""The documented limit of a thread."""


def create(request: Request, thread_id: str) -> Reply | Errand:
    given = CREATE_MESSAGE.check(request.body())

    def attempt(connection: sa.Connection) -> Reply:
        thread = threads.count_more(connection, request.tenant, thread_id, 1)
        if thread is None:
            raise not_found("thread", thread_id)
        if thread.active_run is not None:
            raise locks.ThreadLocked(thread.active_run, thread_is_running_messages(thread_id, thread.active_run))
        if thread.message_count > MOST_MESSAGES:
            raise too_many_messages(thread_id)
        return Reply(message_json(append(connection, request, thread_id, given)))

    if given.get("attachments"):
        return Errand(attaching(request, thread_id, [given], attempt))
    return locks.unlocking(request, attempt)


def attaching(request: Request, thread_id: str, added: Sequence[Json], attempt: Callable[[sa.Connection], T]) -> Generator[Asked, Any, T]:
    """`attempt` a transaction that adds these messages once their attachments are among the thread's resources.

    Raises:
        ApiError: what the attempt raises, before anything is asked of the upstream; or what the upstream said.
    """
    _would_do(request, attempt)
    while True:
        with request.runtime.database.read() as connection:
            thread = threads.get(connection, request.tenant, thread_id)
        if thread is None:
            raise not_found("thread", thread_id)
        before = thread.body["tool_resources"]
        after = yield from resources.with_attachments(request, before, added)

        def with_resources(connection: sa.Connection, before: Json = before, after: Json = after) -> T:
            now = threads.get(connection, request.tenant, thread_id, to_write=True)
            if now is not None and now.body["tool_resources"] != before:
                raise _ResourcesChanged
            if now is not None:
                threads.replace(connection, request.tenant, {**now.body, "tool_resources": after})
            return attempt(connection)

        try:
            return locks.unlocking(request, with_resources)
        except _ResourcesChanged:  # another message's attachments came first; theirs and these have to be together
            continue


class _ResourcesChanged(Exception):
    pass


class _WouldDo(Exception):
    pass


def _would_do(request: Request, attempt: Callable[[sa.Connection], T]) -> None:
    """Try it and undo it: raises what it raises."""

    def undone(connection: sa.Connection) -> None:
        attempt(connection)
        raise _WouldDo

    with suppress(_WouldDo):
        locks.unlocking(request, undone)


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
    """As recorded, and only here, the reply has the old `file_ids` where `attachments` should be (that those are ids: inferred)."""
    given = MODIFY_MESSAGE.check(request.body())

    def modified(connection: sa.Connection) -> Json:
        message = _existing(connection, request, thread_id, message_id, to_write=True)
        if "metadata" in given:
            message["metadata"] = given["metadata"]
        items.replace_message(connection, message)
        return message

    message = request.runtime.database.transact(modified)
    file_ids = list(dict.fromkeys(attachment["file_id"] for attachment in message["attachments"]))
    shown = message_json(message) | {"attachments": file_ids}
    return Reply({"file_ids" if key == "attachments" else key: value for key, value in shown.items()})


def delete(request: Request, thread_id: str, message_id: str) -> Reply:
    def delete_it(connection: sa.Connection) -> None:
        threads.hold(connection, thread_id)
        _existing(connection, request, thread_id, message_id)
        items.delete_message(connection, thread_id, message_id)
        threads.add_to_count(connection, thread_id, -1)

    request.runtime.database.transact(delete_it)
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


def _existing(connection: sa.Connection, request: Request, thread_id: str, message_id: str, *, to_write: bool = False) -> Json:
    if not threads.exists(connection, request.tenant, thread_id):
        raise not_found("thread", thread_id)
    message = items.get_message(connection, thread_id, message_id, to_write=to_write)
    if message is None:
        raise not_found("message", message_id)
    return message
