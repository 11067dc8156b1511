"""Queries on threads: the object, the count of its messages, and the run that locks it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import sqlalchemy as sa

from assistants_compat.store.announcements import announce
from assistants_compat.store.tables import files, items, runs, steps, threads
from assistants_compat.wire import dumps_text

Json = dict[str, Any]


class Thread(NamedTuple):
    body: Json
    message_count: int
    active_run: str | None


class Listed(NamedTuple):
    """A thread in a list of them all; `seq` is its place there."""

    body: Json
    message_count: int
    active_run: str | None
    tenant: str
    seq: int


_NEWEST = 2**62
_count = sa.select(sa.func.count()).select_from(threads).where(threads.c.tenant == sa.bindparam("of_tenant"))
_columns = (threads.c.body, threads.c.message_count, threads.c.active_run)
_one = (threads.c.tenant == sa.bindparam("of_tenant")) & (threads.c.id == sa.bindparam("of_id"))
_insert = sa.insert(threads)
_select = sa.select(*_columns).where(_one)
_select_to_write = _select.with_for_update()
_hold = sa.select(threads.c.seq).where(threads.c.id == sa.bindparam("of_id")).with_for_update()
_delete = sa.delete(threads).where(_one).returning(threads.c.active_run)
_exists = sa.select(threads.c.seq).where(_one)
_count_more = sa.update(threads).where(_one).values(message_count=threads.c.message_count + sa.bindparam("more")).returning(*_columns)
_find = sa.select(*_columns, threads.c.tenant, threads.c.seq).where(threads.c.id == sa.bindparam("of_id")).with_for_update()
_update = sa.update(threads).where(_one)
_lock = sa.update(threads).where(threads.c.id == sa.bindparam("of_id")).values(active_run=sa.bindparam("run_id"))
_unlock = (
    sa.update(threads).where(threads.c.id == sa.bindparam("of_id"), threads.c.active_run == sa.bindparam("run_id")).values(active_run=None)
)
_add_messages = (
    sa.update(threads).where(threads.c.id == sa.bindparam("of_id")).values(message_count=threads.c.message_count + sa.bindparam("more"))
)
_listed = sa.select(*_columns, threads.c.tenant, threads.c.seq).where(
    sa.or_(sa.bindparam("any_tenant", type_=sa.Boolean), threads.c.tenant == sa.bindparam("of_tenant")),
)
_oldest_first = (
    _listed.where(threads.c.seq > sa.bindparam("from_seq")).order_by(threads.c.seq).limit(sa.bindparam("batch", type_=sa.Integer))
)
_newest_first = (
    _listed.where(threads.c.seq < sa.bindparam("from_seq")).order_by(threads.c.seq.desc()).limit(sa.bindparam("batch", type_=sa.Integer))
)


def insert(connection: sa.Connection, tenant: str, thread: Json, message_count: int = 0) -> None:
    connection.execute(
        _insert,
        {
            "id": thread["id"],
            "tenant": tenant,
            "created_at": thread["created_at"],
            "message_count": message_count,
            "active_run": None,
            "body": dumps_text(thread),
        },
    )


def get(connection: sa.Connection, tenant: str, id: str, *, to_write: bool = False) -> Thread | None:
    """A thread; `to_write`: locked to this transaction, which is going to change what it reads."""
    row = connection.execute(_select_to_write if to_write else _select, {"of_tenant": tenant, "of_id": id}).one_or_none()
    return None if row is None else Thread(json.loads(row[0]), row[1], row[2])


def find_to_write(connection: sa.Connection, id: str) -> Listed | None:
    """A thread, whichever tenant's it is, locked to this transaction."""
    row = connection.execute(_find, {"of_id": id}).one_or_none()
    return None if row is None else Listed(json.loads(row[0]), *row[1:])


def hold(connection: sa.Connection, id: str) -> None:
    """Lock a thread to this transaction, before its run and its messages: the order that all transactions keep to.

    SQLite locks the whole store anyway.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(_hold, {"of_id": id})


def exists(connection: sa.Connection, tenant: str, id: str) -> bool:
    return connection.execute(_exists, {"of_tenant": tenant, "of_id": id}).one_or_none() is not None


def count_more(connection: sa.Connection, tenant: str, id: str, more: int) -> Thread | None:
    """Add to the count of messages and say how the thread stands then; it stays locked to this transaction."""
    row = connection.execute(_count_more, {"of_tenant": tenant, "of_id": id, "more": more}).one_or_none()
    return None if row is None else Thread(json.loads(row[0]), row[1], row[2])


def listed(
    connection: sa.Connection, tenant: str | None, *, newest_first: bool = False, after_seq: int | None = None, batch: int = 100
) -> list[Listed]:
    """The next threads of a tenant, or for None of all of them, in the order in which they came into the store.

    Args:
        after_seq: the place of the last one that is known already.
    """
    begin = after_seq if after_seq is not None else _NEWEST if newest_first else 0
    values = {"any_tenant": tenant is None, "of_tenant": tenant or "", "from_seq": begin, "batch": batch}
    rows = connection.execute(_newest_first if newest_first else _oldest_first, values)
    return [Listed(json.loads(row[0]), *row[1:]) for row in rows]


def count(connection: sa.Connection, tenant: str) -> int:
    """How many threads a tenant has."""
    return int(connection.execute(_count, {"of_tenant": tenant}).scalar() or 0)


def replace(connection: sa.Connection, tenant: str, thread: Json) -> None:
    connection.execute(_update, {"of_tenant": tenant, "of_id": thread["id"], "body": dumps_text(thread)})


def lock(connection: sa.Connection, id: str, run_id: str) -> None:
    connection.execute(_lock, {"of_id": id, "run_id": run_id})


def unlock(connection: sa.Connection, id: str, run_id: str) -> None:
    """Let go of the thread, if it is this run that holds it."""
    connection.execute(_unlock, {"of_id": id, "run_id": run_id})


def add_to_count(connection: sa.Connection, id: str, more: int) -> None:
    connection.execute(_add_messages, {"of_id": id, "more": more})


def delete(connection: sa.Connection, tenant: str, id: str) -> bool:
    """Delete a thread and all that is in it. Files that were made in it stay, as they did."""
    row = connection.execute(_delete, {"of_tenant": tenant, "of_id": id}).one_or_none()
    if row is None:
        return False
    # Runs first: that waits for the one who is writing to the thread, and what he has written is seen by what comes after.
    for table in (runs, items, steps):
        connection.execute(sa.delete(table).where(table.c.thread_id == id))
    connection.execute(sa.update(files).where(files.c.thread_id == id).values(settled=True))
    if row[0] is not None:
        announce(connection, row[0])
    return True
