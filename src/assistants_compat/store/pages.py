"""One page of a list: keyset pagination over `seq`, the cursors being ids, as the API's lists have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa


class UnknownCursor(Exception):
    """`after` or `before` names an id that this list does not hold."""


@dataclass(frozen=True)
class Cut:
    """Which part of a list is asked for."""

    limit: int
    order: str  # "asc" | "desc"
    after: str | None = None
    before: str | None = None


def page(
    connection: sa.Connection, table: sa.Table, scope: sa.ColumnElement[bool], cut: Cut, *columns: sa.Column[Any]
) -> tuple[Sequence[Any], bool]:
    """The rows of `scope` in the order asked for, and whether more follow.

    A table with an age column (`assistants`) is ordered by it first, the others by `seq` alone, which is the order in
    which things happened in a thread. With `before` and no `after`, the page is the one that ends just before it.

    Raises:
        UnknownCursor: with the id.
    """
    keys = [table.c.created_at, table.c.seq] if table.name == "assistants" else [table.c.seq]
    key = sa.tuple_(*keys) if len(keys) > 1 else keys[0]

    def position(id: str) -> Any:
        row = connection.execute(sa.select(*keys).where(scope, table.c.id == id)).one_or_none()
        if row is None:
            raise UnknownCursor(id)
        return sa.tuple_(*row) if len(keys) > 1 else row[0]

    descending = cut.order == "desc"
    backwards = cut.before is not None and cut.after is None
    query = sa.select(*(columns or (table.c.body,))).where(scope)
    if cut.after is not None:
        query = query.where(key < position(cut.after) if descending else key > position(cut.after))
    if cut.before is not None:
        query = query.where(key > position(cut.before) if descending else key < position(cut.before))
    newest_first = descending != backwards
    rows = connection.execute(query.order_by(*(k.desc() if newest_first else k.asc() for k in keys)).limit(cut.limit + 1)).all()
    more = len(rows) > cut.limit
    rows = rows[: cut.limit]
    return (rows[::-1] if backwards else rows), more
