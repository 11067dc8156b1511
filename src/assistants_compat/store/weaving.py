"""Putting objects where they belong into what is ordered by `seq`, which is given out by the database and only ever grows.

What comes after the last one stored is appended. For one that belongs before it, what follows is taken out and appended behind it, a
batch at a time, in the same transaction. What is stored already keeps its order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from assistants_compat.store.tables import assistants, files, items, runs, steps

Json = dict[str, Any]

BATCH = 200
_HOMES = {"items": items.c.thread_id, "runs": runs.c.thread_id, "steps": steps.c.run_id, "files": files.c.thread_id}
_TABLES = {table.name: table for table in (items, runs, steps, files, assistants)}


class Stored(NamedTuple):
    """An object that is stored, and what it is in: a thread, a run, or for an assistant a tenant."""

    id: str
    home: str
    body: Json
    extra: Json | None


class Member(NamedTuple):
    """An object that belongs into a sequence.

    Attributes:
        moment: the second in which it came there.
        row: None where it is stored already.
        before: the id of another one that it stands directly before, wherever that is.
    """

    id: str
    moment: int
    row: Json | None
    before: str | None = None


def stored(connection: sa.Connection, table_name: str, ids: Sequence[str]) -> dict[str, Stored]:
    """Those of the ids that are in a table, whoever they belong to."""
    table = _TABLES[table_name]
    home = _HOMES.get(table_name, assistants.c.tenant)
    extra = table.c.extra if table_name == "items" else sa.null()
    rows = connection.execute(sa.select(table.c.id, home, table.c.body, extra).where(table.c.id.in_(ids)))
    return {row[0]: Stored(row[0], row[1], json.loads(row[2]), json.loads(row[3]) if row[3] else None) for row in rows}


def replace(connection: sa.Connection, table_name: str, row: Json) -> None:
    """Another content for an object, in the place where it is."""
    table = _TABLES[table_name]
    connection.execute(sa.update(table).where(table.c.id == row["id"]).values({key: value for key, value in row.items() if key != "id"}))


def append(connection: sa.Connection, table_name: str, rows: Sequence[Json]) -> None:
    """Put rows at the end, in the order given."""
    if rows:
        connection.execute(sa.insert(_TABLES[table_name]), rows)


def weave(
    connection: sa.Connection, table_name: str, home: str, members: Iterable[Member], belongs: Callable[[Sequence[str]], set[str]]
) -> int:
    """Put the new ones among `members` into the sequence of a thread or run, in their order, and where their moments say.

    Args:
        belongs: which ids are those of any of the members.

    Returns:
        How many were new.
    """
    loom = _Loom(connection, table_name, home, belongs)
    for member in members:
        if member.row is None:
            loom.pass_by(member.id)
        else:
            loom.put(member, member.row)
    return loom.finish()


class _Row(NamedTuple):
    seq: int
    id: str
    moment: int | None
    """None for what only the model sees: it belongs to the message after it."""
    values: Json


class _Loom:
    """What is stored is looked at only as far as something new makes that necessary."""

    def __init__(self, connection: sa.Connection, table_name: str, home: str, belongs: Callable[[Sequence[str]], set[str]]) -> None:
        self._connection = connection
        self._table = _TABLES[table_name]
        self._home: sa.ColumnElement[bool] = _HOMES[table_name] == home
        self._belongs = belongs
        self._last = connection.execute(sa.select(sa.func.max(self._table.c.seq)).where(self._home)).scalar() or 0
        self._rows = self._read()
        self._blocks: list[_Row] = []
        """The next one that is stored, after what only the model sees before it."""
        self._known: set[str] = set()
        self._to_pass: set[str] = set()
        self._moving = False
        self._out: list[Json] = []
        self._taken: list[int] = []
        self._count = 0

    def pass_by(self, id: str) -> None:
        """What comes next comes after this one, which is stored."""
        self._to_pass.add(id)

    def put(self, member: Member, row: Json) -> None:
        while self._to_pass and self._next():
            self._keep()
        if member.before is not None:
            while self._next() and self._blocks[-1].id != member.before:
                self._keep()
        else:
            while self._next() and self._blocks[-1].id not in self._known and self._moment() <= member.moment:
                self._keep()
        self._moving = self._next() or self._moving
        self._write(row)
        self._count += 1

    def finish(self) -> int:
        while self._moving and self._next():
            self._keep()
        self._flush()
        return self._count

    def _moment(self) -> int:
        moment = self._blocks[-1].moment
        return -1 if moment is None else moment

    def _next(self) -> bool:
        """Look at what is stored next. Returns whether anything is."""
        while not self._blocks or (self._blocks[-1].moment is None):
            row = next(self._rows, None)
            if row is None:
                break
            self._blocks.append(row)
        return bool(self._blocks)

    def _keep(self) -> None:
        for row in self._blocks:
            self._to_pass.discard(row.id)
            if self._moving:
                self._taken.append(row.seq)
                self._write(row.values)
        self._blocks = []

    def _write(self, row: Json) -> None:
        self._out.append(row)
        if len(self._out) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._taken:
            self._connection.execute(sa.delete(self._table).where(self._table.c.seq.in_(self._taken)))
        append(self._connection, self._table.name, self._out)
        self._out, self._taken = [], []

    def _read(self) -> Iterator[_Row]:
        after = 0
        columns = [column for column in self._table.c if column.name != "seq"]
        while after < self._last:
            query = sa.select(self._table.c.seq, *columns).where(self._home, self._table.c.seq > after, self._table.c.seq <= self._last)
            rows = self._connection.execute(query.order_by(self._table.c.seq).limit(BATCH)).all()
            self._known |= self._belongs([row.id for row in rows])
            for row in rows:
                values = {column.name: getattr(row, column.name) for column in columns}
                yield _Row(row.seq, row.id, json.loads(row.body).get("created_at") if _has_moment(values) else None, values)
            after = rows[-1].seq if rows else self._last


def _has_moment(values: Json) -> bool:
    return str(values.get("type", "message")) == "message"
