"""Queries on files that the code interpreter made: the object, where its bytes came from, and whether they are here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from assistants_compat.store.pages import Cut, Paged
from assistants_compat.store.tables import files, threads
from assistants_compat.wire import dumps_text

Json = dict[str, Any]


class File(NamedTuple):
    body: Json
    source: Json
    copied: bool
    upstream_ids: dict[str, str]
    """Of its copies among the files of upstreams, by server."""

    @property
    def id(self) -> str:
        return str(self.body["id"])


_columns = (files.c.body, files.c.source, files.c.copied, files.c.upstream_ids)
_one = (files.c.tenant == sa.bindparam("of_tenant")) & (files.c.id == sa.bindparam("of_id"))
_insert = sa.insert(files).from_select(
    ["id", "tenant", "thread_id", "run_id", "settled", "copied", "body", "source"],
    sa.select(
        sa.bindparam("new_id", type_=sa.String),
        threads.c.tenant,
        threads.c.id,
        sa.bindparam("of_run", type_=sa.String),
        sa.false(),
        sa.false(),
        sa.bindparam("new_body", type_=sa.Text),
        sa.bindparam("new_source", type_=sa.Text),
    ).where(threads.c.id == sa.bindparam("of_thread")),
)
_select = sa.select(*_columns).where(_one)
_of_thread = sa.select(*_columns).where(
    files.c.tenant == sa.select(threads.c.tenant).where(threads.c.id == sa.bindparam("of_thread")).scalar_subquery(),
    files.c.id.in_(sa.bindparam("ids", expanding=True)),
)
_made_in_thread = sa.select(*_columns).where(files.c.thread_id == sa.bindparam("of_thread"), files.c.copied).order_by(files.c.seq)
_of_any_run_in_thread = (
    sa.select(*_columns, files.c.run_id).where(files.c.thread_id == sa.bindparam("of_thread"), files.c.settled).order_by(files.c.seq)
)
_handed_over = sa.select(*_columns).where(
    files.c.tenant == sa.select(threads.c.tenant).where(threads.c.id == sa.bindparam("of_thread")).scalar_subquery(),
    files.c.upstream_ids.like(sa.bindparam("part")),
)
_any = sa.select(files.c.seq).where(files.c.tenant == sa.bindparam("of_tenant"), files.c.settled).limit(1)
_update = (
    sa.update(files).where(files.c.id == sa.bindparam("of_id")).values(body=sa.bindparam("new_body"), copied=sa.bindparam("now_copied"))
)
_set_source = sa.update(files).where(files.c.id == sa.bindparam("of_id")).values(source=sa.bindparam("new_source"))
_set_upstream_ids = sa.update(files).where(files.c.id == sa.bindparam("of_id")).values(upstream_ids=sa.bindparam("new_upstream_ids"))
_delete = sa.delete(files).where(_one)
_settle_run = sa.update(files).where(files.c.run_id == sa.bindparam("of_run"), ~files.c.settled).values(settled=True)
_unsettled = sa.select(*_columns).where(files.c.run_id == sa.bindparam("of_run"), ~files.c.settled)
_drop_unsettled = sa.delete(files).where(files.c.run_id == sa.bindparam("of_run"), ~files.c.settled).returning(files.c.id)
_list = Paged(files, (files.c.tenant == sa.bindparam("of_tenant")) & files.c.settled, files.c.seq)


def insert(connection: sa.Connection, thread_id: str, run_id: str, body: Json, source: Json) -> None:
    """A file that a model call which is not done yet has made; its thread says whose it is."""
    values = {"new_id": body["id"], "of_thread": thread_id, "of_run": run_id}
    connection.execute(_insert, {**values, "new_body": dumps_text(body), "new_source": dumps_text(source)})


def file_row(tenant: str, thread_id: str, run_id: str, file: File) -> Json:
    """A file of a run that is over, as a row for an insert."""
    return {
        "id": file.id,
        "tenant": tenant,
        "thread_id": thread_id,
        "run_id": run_id,
        "settled": True,
        "copied": file.copied,
        "body": dumps_text(file.body),
        "source": dumps_text(file.source),
    }


def get(connection: sa.Connection, tenant: str, id: str) -> File | None:
    row = connection.execute(_select, {"of_tenant": tenant, "of_id": id}).one_or_none()
    return None if row is None else _file(row)


def among(connection: sa.Connection, thread_id: str, ids: Iterable[str]) -> list[File]:
    """Those of `ids` that are generated files of whoever the thread belongs to."""
    wanted = list(ids)
    return [_file(row) for row in connection.execute(_of_thread, {"of_thread": thread_id, "ids": wanted})] if wanted else []


def made_in(connection: sa.Connection, thread_id: str) -> list[File]:
    """The files of a thread whose bytes are here, oldest first."""
    return [_file(row) for row in connection.execute(_made_in_thread, {"of_thread": thread_id})]


def of_thread(connection: sa.Connection, thread_id: str) -> Iterator[tuple[File, str]]:
    """All the files of a thread, whether or not their bytes are here, oldest first, each with the run that made it."""
    for row in connection.execute(_of_any_run_in_thread, {"of_thread": thread_id}):
        yield _file(row), row[4]


def unsettled(connection: sa.Connection, run_id: str) -> dict[str, File]:
    """The files that a model call which is not done has made, by id."""
    return {file.id: file for file in map(_file, connection.execute(_unsettled, {"of_run": run_id}))}


def set_source(connection: sa.Connection, id: str, source: Json) -> None:
    connection.execute(_set_source, {"of_id": id, "new_source": dumps_text(source)})


def exist(connection: sa.Connection, tenant: str) -> bool:
    """Whether there is any."""
    return connection.execute(_any, {"of_tenant": tenant}).one_or_none() is not None


def replace(connection: sa.Connection, body: Json, *, copied: bool) -> bool:
    """Returns whether it is still there."""
    done = connection.execute(_update, {"of_id": body["id"], "new_body": dumps_text(body), "now_copied": copied})
    return done.rowcount > 0


def set_upstream_ids(connection: sa.Connection, id: str, upstream_ids: dict[str, str]) -> None:
    """Upstreams have copies of their own now, or have no longer."""
    connection.execute(_set_upstream_ids, {"of_id": id, "new_upstream_ids": dumps_text(upstream_ids)})


def copied_as(connection: sa.Connection, thread_id: str, server: str, upstream_id: str) -> File | None:
    """The generated file, of whoever the thread belongs to, that a server has under an id of its own."""
    rows = connection.execute(_handed_over, {"of_thread": thread_id, "part": f'%"{upstream_id}"%'})
    return next((file for file in map(_file, rows) if file.upstream_ids.get(server) == upstream_id), None)


def delete(connection: sa.Connection, tenant: str, id: str) -> bool:
    return connection.execute(_delete, {"of_tenant": tenant, "of_id": id}).rowcount > 0


def settle_run(connection: sa.Connection, run_id: str) -> None:
    """What a model call that is done has made stays."""
    connection.execute(_settle_run, {"of_run": run_id})


def drop_unsettled(connection: sa.Connection, run_id: str) -> list[str]:
    """Forget what an interrupted model call had made. Returns the ids, whose blobs are to be deleted after the transaction."""
    return list(connection.execute(_drop_unsettled, {"of_run": run_id}).scalars())


def list_page(connection: sa.Connection, tenant: str, cut: Cut) -> tuple[list[Json], bool]:
    return _list.page(connection, cut, {"of_tenant": tenant})


def _file(row: Any) -> File:
    return File(json.loads(row[0]), json.loads(row[1]), bool(row[2]), json.loads(row[3]) if row[3] else {})
