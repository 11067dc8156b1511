"""One page of a list: keyset pagination over `seq`, the cursors being ids, as the API's lists have it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

Json = dict[str, Any]


class UnknownCursor(Exception):
    """`after` or `before` names an id that this list does not hold."""


@dataclass(frozen=True)
class Cut:
    """Which part of a list is asked for."""

    limit: int
    order: str  # "asc" | "desc"
    after: str | None = None
    before: str | None = None


def each(page: Callable[[Cut], tuple[list[Json], bool]], size: int = 100) -> Iterator[Json]:
    """All bodies of a list, the oldest first, read a page at a time."""
    last: str | None = None
    more = True
    while more:
        bodies, more = page(Cut(size, "asc", last))
        yield from bodies
        last = bodies[-1]["id"] if bodies else None


class Paged:
    """A list that is read a page at a time. Its queries are built once each: building one takes longer than running it.

    Args:
        scope: what belongs to a list, in bind parameters.
        keys: what orders it. In a thread `seq` alone is the order in which things happened.
    """

    def __init__(self, table: sa.Table, scope: sa.ColumnElement[bool], *keys: sa.Column[Any]) -> None:
        self._table = table
        self._scope = scope
        self._keys = keys
        self._position = sa.select(*keys).where(scope, table.c.id == sa.bindparam("of_cursor"))
        self._queries: dict[tuple[bool, bool, bool], sa.Select[Any]] = {}

    def page(self, connection: sa.Connection, cut: Cut, scope: Json) -> tuple[list[Json], bool]:
        """The bodies in the order asked for, and whether more follow.

        With `before` and no `after`, the page is the one that ends just before it.

        Raises:
            UnknownCursor: with the id.
        """
        values = {**scope, "most": cut.limit + 1}
        for name, cursor in (("after", cut.after), ("before", cut.before)):
            if cursor is not None:
                row = connection.execute(self._position, {**scope, "of_cursor": cursor}).one_or_none()
                if row is None:
                    raise UnknownCursor(cursor)
                values |= {f"{name}_{index}": value for index, value in enumerate(row)}
        rows = connection.execute(self._query(cut.order == "desc", cut.after is not None, cut.before is not None), values).all()
        more = len(rows) > cut.limit
        bodies = [json.loads(row[0]) for row in rows[: cut.limit]]
        return (bodies[::-1] if cut.before is not None and cut.after is None else bodies), more

    def _query(self, descending: bool, after: bool, before: bool) -> sa.Select[Any]:
        shape = (descending, after, before)
        if shape not in self._queries:
            key = sa.tuple_(*self._keys) if len(self._keys) > 1 else self._keys[0]
            query = sa.select(self._table.c.body).where(self._scope)
            if after:
                query = query.where(key < self._cursor("after") if descending else key > self._cursor("after"))
            if before:
                query = query.where(key > self._cursor("before") if descending else key < self._cursor("before"))
            newest_first = descending != (before and not after)
            order = [k.desc() if newest_first else k.asc() for k in self._keys]
            self._queries[shape] = query.order_by(*order).limit(sa.bindparam("most", type_=sa.Integer))
        return self._queries[shape]

    def _cursor(self, name: str) -> Any:
        """The place in the list that the cursor names, in bind parameters."""
        parameters = [sa.bindparam(f"{name}_{index}", type_=key.type) for index, key in enumerate(self._keys)]
        return sa.tuple_(*parameters) if len(parameters) > 1 else parameters[0]
