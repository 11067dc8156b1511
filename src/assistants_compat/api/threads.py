"""/threads"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from assistants_compat.api import resources
from assistants_compat.api.errors import not_found
from assistants_compat.api.exchange import Errand, Reply, Request
from assistants_compat.api.pages import deleted
from assistants_compat.api.parameters import CREATE_THREAD, MODIFY_THREAD
from assistants_compat.ids import new_id
from assistants_compat.runs.objects import new_message, thread_event
from assistants_compat.store import items, threads

Json = dict[str, Any]


def create(request: Request) -> Reply | Errand:
    given = CREATE_THREAD.check(request.body())
    if needs_upstream(given):
        return Errand(_create_with_resources(request, given))
    return _created(request, given)


def _create_with_resources(request: Request, given: Json) -> resources.Calls:
    return _created(request, (yield from with_resources(request, given)))


def _created(request: Request, given: Json) -> Reply:
    return Reply(request.runtime.database.transact(lambda connection: insert(connection, request, given)))


def needs_upstream(given: Json) -> bool:
    """Whether stores have to be made, or files put into them, before the thread can be."""
    return resources.asks_for_stores(given.get("tool_resources")) or resources.has_attachments(given.get("messages"))


def with_resources(request: Request, given: Json) -> resources.Calls:
    """The checked parameters of a thread, its stores made and its attachments put into them."""
    made = yield from resources.with_stores(request, given.get("tool_resources"), expires=True)
    made = yield from resources.with_attachments(request, made, given.get("messages") or ())
    return {**given, "tool_resources": made}


def insert(connection: sa.Connection, request: Request, given: Json) -> Json:
    """A new thread with its first messages, from checked parameters."""
    now = request.runtime.now()
    thread: Json = {
        "id": new_id("thread"),
        "object": "thread",
        "created_at": now,
        "metadata": given.get("metadata") or {},
        "tool_resources": given.get("tool_resources") or {},
    }
    messages = given.get("messages") or []
    threads.insert(connection, request.tenant, thread, len(messages))
    for message in messages:
        row = new_message(
            thread["id"], message["role"], message["content"], now, attachments=message.get("attachments"), metadata=message.get("metadata")
        )
        items.insert(connection, [items.message_row(row)])
    return thread


def retrieve(request: Request, thread_id: str) -> Reply:
    with request.runtime.database.read() as connection:
        thread = threads.get(connection, request.tenant, thread_id)
    if thread is None:
        raise not_found("thread", thread_id)
    return Reply(thread_event(thread.body))


def modify(request: Request, thread_id: str) -> Reply:
    given = MODIFY_THREAD.check(request.body())

    def modified(connection: sa.Connection) -> Json:
        thread = threads.get(connection, request.tenant, thread_id, to_write=True)
        if thread is None:
            raise not_found("thread", thread_id)
        body = thread.body
        for name in ("metadata", "tool_resources"):
            if name in given:
                body[name] = given[name] or {}
        threads.replace(connection, request.tenant, body)
        return body

    return Reply(request.runtime.database.transact(modified))


def delete(request: Request, thread_id: str) -> Reply:
    def delete_it(connection: sa.Connection) -> threads.Thread:
        thread = threads.get(connection, request.tenant, thread_id, to_write=True)
        if thread is None:
            raise not_found("thread", thread_id)
        threads.delete(connection, request.tenant, thread_id)
        return thread

    thread = request.runtime.database.transact(delete_it)
    if thread.active_run is not None:
        request.runtime.keeper.dismiss(thread.active_run)
        request.runtime.stop(thread.active_run, [])
    return deleted("thread", thread_id)
