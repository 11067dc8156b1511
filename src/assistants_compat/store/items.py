"""Queries on a thread's items: its messages, and what only the model sees between them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from assistants_compat.store.pages import Cut, Paged
from assistants_compat.store.tables import items
from assistants_compat.wire import dumps_text

Json = dict[str, Any]


class Item(NamedTuple):
    """`body` is the public message, or the item as it is sent to the model. `extra` is what else is known of it."""

    id: str
    type: str
    role: str | None
    run_id: str | None
    body: Json
    extra: Json


_AFTER_ALL = 2**62

_insert = sa.insert(items)
_of_thread = (items.c.thread_id == sa.bindparam("of_thread")) & (items.c.type == "message")
_one = _of_thread & (items.c.id == sa.bindparam("of_id"))
_select = sa.select(items.c.body).where(_one)
_select_to_write = _select.with_for_update()
_set_body = sa.update(items).where(items.c.id == sa.bindparam("of_id")).values(body=sa.bindparam("new_body"))
_settle = (
    sa.update(items).where(items.c.id == sa.bindparam("of_id")).values(body=sa.bindparam("new_body"), settled=sa.bindparam("now_settled"))
)
_delete = sa.delete(items).where(_one)
_user_message = sa.select(items.c.seq).where(_of_thread, items.c.role == "user", items.c.settled).limit(1)
_unsettled = sa.select(items.c.body).where(items.c.run_id == sa.bindparam("of_run"), items.c.type == "message", ~items.c.settled)
_unsettled_ids = sa.select(items.c.id).where(items.c.run_id == sa.bindparam("of_run"), ~items.c.settled)
_drop_unsettled = sa.delete(items).where(items.c.run_id == sa.bindparam("of_run"), ~items.c.settled)
_drop_hidden = sa.delete(items).where(items.c.run_id == sa.bindparam("of_run"), items.c.type != "message", ~items.c.settled)
_forget_reasoning = sa.delete(items).where(items.c.thread_id == sa.bindparam("of_thread"), items.c.type == "reasoning")
_settle_run = (
    sa.update(items).where(items.c.run_id == sa.bindparam("of_run"), ~items.c.settled).values(settled=True).returning(items.c.type)
)
_settled_message = _of_thread & items.c.settled
_count = sa.select(sa.func.count()).where(_settled_message)
_list = Paged(items, _settled_message, items.c.seq)
_list_of_run = Paged(items, _settled_message & (items.c.run_id == sa.bindparam("of_run")), items.c.seq)
_row = (items.c.id, items.c.type, items.c.role, items.c.run_id, items.c.body, items.c.extra, items.c.seq)
_from = items.c.seq >= sa.bindparam("from_seq")
_older = (
    sa.select(*_row)
    .where(items.c.thread_id == sa.bindparam("of_thread"), items.c.settled, _from, items.c.seq < sa.bindparam("before_seq"))
    .order_by(items.c.seq.desc())
    .limit(sa.bindparam("batch", type_=sa.Integer))
)
_newer = (
    sa.select(*_row)
    .where(items.c.thread_id == sa.bindparam("of_thread"), items.c.settled, items.c.seq > sa.bindparam("after_seq"))
    .order_by(items.c.seq)
    .limit(sa.bindparam("batch", type_=sa.Integer))
)
_user_messages = sa.select(*_row).where(_settled_message, items.c.role == "user", _from).limit(1)
_first_user_message = _user_messages.order_by(items.c.seq)
_newest_user_message = _user_messages.order_by(items.c.seq.desc())
_last_messages_begin = (
    sa.select(items.c.seq)
    .where(_settled_message, sa.or_(items.c.run_id.is_(None), items.c.run_id != sa.bindparam("of_run")))
    .order_by(items.c.seq.desc())
    .offset(sa.bindparam("skipped", type_=sa.Integer))
    .limit(1)
)


_code_calls = (
    sa.select(items.c.id, items.c.type, items.c.role, items.c.run_id, items.c.body, items.c.extra)
    .where(items.c.thread_id == sa.bindparam("of_thread"), items.c.type == "code_interpreter_call")
    .order_by(items.c.seq)
)
_set_extra = sa.update(items).where(items.c.id == sa.bindparam("of_id")).values(extra=sa.bindparam("new_extra"))


def message_row(message: Json, *, settled: bool = True, extra: Json | None = None) -> Json:
    """A message as a row for `insert`."""
    return {
        "id": message["id"],
        "thread_id": message["thread_id"],
        "run_id": message["run_id"],
        "type": "message",
        "role": message["role"],
        "settled": settled,
        "body": dumps_text(message),
        "extra": None if extra is None else dumps_text(extra),
    }


def item_row(id: str, thread_id: str, run_id: str, body: Json, *, settled: bool = True, extra: Json | None = None) -> Json:
    """An item that only the model sees, as a row for `insert`."""
    return {
        "id": id,
        "thread_id": thread_id,
        "run_id": run_id,
        "type": body["type"],
        "role": None,
        "settled": settled,
        "body": dumps_text(body),
        "extra": None if extra is None else dumps_text(extra),
    }


def insert(connection: sa.Connection, rows: Iterable[Json]) -> None:
    """Append, in the order given."""
    for row in rows:
        connection.execute(_insert, row)


def get_message(connection: sa.Connection, thread_id: str, id: str, *, to_write: bool = False) -> Json | None:
    """A message; `to_write`: locked to this transaction, which is going to change it."""
    body = connection.execute(_select_to_write if to_write else _select, {"of_thread": thread_id, "of_id": id}).scalar()
    return None if body is None else json.loads(body)


def replace_message(connection: sa.Connection, message: Json) -> None:
    connection.execute(_set_body, {"of_id": message["id"], "new_body": dumps_text(message)})


def settle_message(connection: sa.Connection, message: Json, *, settled: bool) -> None:
    connection.execute(_settle, {"of_id": message["id"], "new_body": dumps_text(message), "now_settled": settled})


def delete_message(connection: sa.Connection, thread_id: str, id: str) -> bool:
    return connection.execute(_delete, {"of_thread": thread_id, "of_id": id}).rowcount > 0


def has_user_message(connection: sa.Connection, thread_id: str) -> bool:
    return connection.execute(_user_message, {"of_thread": thread_id}).one_or_none() is not None


def unsettled_messages(connection: sa.Connection, run_id: str) -> list[Json]:
    """Messages of a run that were begun and not finished."""
    return [json.loads(body) for body in connection.execute(_unsettled, {"of_run": run_id}).scalars()]


def unsettled_ids(connection: sa.Connection, run_id: str) -> list[str]:
    """Ids of all items of a model call that is not done."""
    return list(connection.execute(_unsettled_ids, {"of_run": run_id}).scalars())


def drop_unsettled(connection: sa.Connection, run_id: str) -> None:
    """Forget what an interrupted model call had begun."""
    connection.execute(_drop_unsettled, {"of_run": run_id})


def forget_reasoning(connection: sa.Connection, thread_id: str) -> None:
    """Drop the thread's reasoning, which nobody can read any more."""
    connection.execute(_forget_reasoning, {"of_thread": thread_id})


def drop_unsettled_hidden(connection: sa.Connection, run_id: str) -> None:
    """The same, but for messages."""
    connection.execute(_drop_hidden, {"of_run": run_id})


def settle_run(connection: sa.Connection, run_id: str) -> int:
    """What a finished model call wrote belongs to the thread from now on. Returns how many messages that were."""
    return list(connection.execute(_settle_run, {"of_run": run_id}).scalars()).count("message")


def list_messages(connection: sa.Connection, thread_id: str, cut: Cut, run_id: str | None = None) -> tuple[list[Json], bool]:
    if run_id is not None:
        return _list_of_run.page(connection, cut, {"of_thread": thread_id, "of_run": run_id})
    return _list.page(connection, cut, {"of_thread": thread_id})


def begin_of_last_messages(connection: sa.Connection, thread_id: str, of_run: str, count: int) -> int:
    """Where the last `count` messages begin, as `from_seq` of other queries.

    Messages that `of_run` itself has written or caused do not count, so that a run's later model calls see what its first one
    saw, and what came of it.
    """
    begins = connection.execute(_last_messages_begin, {"of_thread": thread_id, "of_run": of_run, "skipped": count - 1}).scalar()
    return begins or 0


def count_messages(connection: sa.Connection, thread_id: str) -> int:
    return int(connection.execute(_count, {"of_thread": thread_id}).scalar() or 0)


def newest_first(connection: sa.Connection, thread_id: str, *, from_seq: int = 0, batch: int = 100) -> Iterator[Item]:
    """The thread's items, the newest first, read as they are asked for."""
    before = _AFTER_ALL
    while True:
        bounds = {"of_thread": thread_id, "from_seq": from_seq, "before_seq": before, "batch": batch}
        rows = connection.execute(_older, bounds).all()
        yield from map(_item, rows)
        if len(rows) < batch:
            return
        before = rows[-1][6]


def oldest_first(connection: sa.Connection, thread_id: str, *, batch: int = 100) -> Iterator[Item]:
    """The same, the oldest first."""
    after = 0
    while True:
        rows = connection.execute(_newer, {"of_thread": thread_id, "after_seq": after, "batch": batch}).all()
        yield from map(_item, rows)
        if len(rows) < batch:
            return
        after = rows[-1][6]


def first_user_message(connection: sa.Connection, thread_id: str) -> Item | None:
    row = connection.execute(_first_user_message, {"of_thread": thread_id, "from_seq": 0}).one_or_none()
    return None if row is None else _item(row)


def newest_user_message(connection: sa.Connection, thread_id: str, *, from_seq: int = 0) -> Item | None:
    row = connection.execute(_newest_user_message, {"of_thread": thread_id, "from_seq": from_seq}).one_or_none()
    return None if row is None else _item(row)


def code_calls(connection: sa.Connection, thread_id: str) -> list[Item]:
    """The code interpreter calls of a thread, oldest first."""
    return [_item(row) for row in connection.execute(_code_calls, {"of_thread": thread_id})]


def set_extra(connection: sa.Connection, id: str, extra: Json) -> None:
    connection.execute(_set_extra, {"of_id": id, "new_extra": dumps_text(extra)})


def _item(row: Any) -> Item:
    return Item(row[0], row[1], row[2], row[3], json.loads(row[4]), json.loads(row[5]) if row[5] else {})
