"""Queries on runs, and the lease: which process is at work on a run, and until when that counts.

Whoever executes a run writes only through `fenced`, which fails once the run was cancelled, expired, deleted or taken over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from assistants_compat.store import threads
from assistants_compat.store.announcements import announce
from assistants_compat.store.pages import Cut, Paged
from assistants_compat.store.tables import runs
from assistants_compat.wire import dumps_text

Json = dict[str, Any]


class Run(NamedTuple):
    body: Json
    progress: Json
    deadline: float
    lease_owner: str | None
    lease_until: float
    attempts: int

    @property
    def id(self) -> str:
        return str(self.body["id"])

    @property
    def thread_id(self) -> str:
        return str(self.body["thread_id"])

    @property
    def status(self) -> str:
        return str(self.body["status"])


_AT_WORK = ("queued", "in_progress")
_columns = (runs.c.body, runs.c.progress, runs.c.deadline, runs.c.lease_owner, runs.c.lease_until, runs.c.attempts)
_one = runs.c.id == sa.bindparam("of_id")
_insert = sa.insert(runs)
_select = sa.select(*_columns).where(_one)
_select_to_write = _select.with_for_update()
_thread_of = sa.select(runs.c.thread_id).where(_one)
_select_in_thread = sa.select(*_columns).where(runs.c.thread_id == sa.bindparam("of_thread"), _one)
_select_in_thread_to_write = _select_in_thread.with_for_update()
_update = sa.update(runs).where(_one).values(status=sa.bindparam("new_status"), body=sa.bindparam("new_body"))
_update_progress = sa.update(runs).where(_one).values(progress=sa.bindparam("new_progress"))
_lease = (
    sa.update(runs)
    .where(_one)
    .values(lease_owner=sa.bindparam("owner"), lease_until=sa.bindparam("until"), attempts=sa.bindparam("new_attempts"))
)
_mine = _one & (runs.c.lease_owner == sa.bindparam("owner")) & (runs.c.status.in_(_AT_WORK))
_renew = sa.update(runs).where(_mine).values(lease_until=sa.bindparam("until")).returning(*_columns)
_renew_all = (
    sa.update(runs)
    .where(
        runs.c.id.in_(sa.bindparam("of_ids", expanding=True)),
        runs.c.lease_owner.in_(sa.bindparam("owners", expanding=True)),  # no two executions have the same
        runs.c.status.in_(_AT_WORK),
    )
    .values(lease_until=sa.bindparam("until"))
    .returning(runs.c.id)
)
_release = sa.update(runs).where(_mine).values(lease_owner=None, lease_until=0.0, attempts=runs.c.attempts - 1)
_lost = sa.select(runs.c.id).where(runs.c.deadline <= sa.bindparam("now"), runs.c.status.in_(("queued", "in_progress", "requires_action")))
_count_active = (
    sa.select(runs.c.status, sa.func.count()).where(runs.c.status.in_(("queued", "in_progress", "requires_action"))).group_by(runs.c.status)
)
_list = Paged(runs, runs.c.thread_id == sa.bindparam("of_thread"), runs.c.seq)


def _run(row: Any) -> Run:
    return Run(json.loads(row[0]), json.loads(row[1]), row[2], row[3], row[4], row[5])


def run_row(run: Run) -> Json:
    """A run as a row for an insert."""
    return {
        "id": run.id,
        "thread_id": run.thread_id,
        "status": run.status,
        "deadline": run.deadline,
        "lease_owner": run.lease_owner,
        "lease_until": run.lease_until,
        "attempts": run.attempts,
        "body": dumps_text(run.body),
        "progress": dumps_text(run.progress),
    }


def insert(connection: sa.Connection, run: Run) -> None:
    connection.execute(_insert, run_row(run))


def get(connection: sa.Connection, id: str, thread_id: str | None = None, *, to_write: bool = False) -> Run | None:
    """A run, of whatever thread or of the thread named; `to_write`: locked to this transaction, which is going to change it."""
    if thread_id is None:
        row = connection.execute(_select_to_write if to_write else _select, {"of_id": id}).one_or_none()
    else:
        query = _select_in_thread_to_write if to_write else _select_in_thread
        row = connection.execute(query, {"of_id": id, "of_thread": thread_id}).one_or_none()
    return None if row is None else _run(row)


def get_to_end(connection: sa.Connection, id: str) -> Run | None:
    """A run that this transaction may end: locked to it, and its thread before it."""
    if connection.dialect.name != "sqlite":
        thread_id = connection.execute(_thread_of, {"of_id": id}).scalar()
        if thread_id is not None:
            threads.hold(connection, thread_id)
    return get(connection, id, to_write=True)


def replace(connection: sa.Connection, body: Json) -> None:
    """Write the public object and its status."""
    if body["status"] not in _AT_WORK:
        announce(connection, body["id"])
    connection.execute(_update, {"of_id": body["id"], "new_status": body["status"], "new_body": dumps_text(body)})


def replace_progress(connection: sa.Connection, id: str, progress: Json) -> None:
    connection.execute(_update_progress, {"of_id": id, "new_progress": dumps_text(progress)})


def lease(connection: sa.Connection, id: str, owner: str | None, until: float, attempts: int) -> None:
    """Give the run to `owner`. Only inside the transaction that found it free."""
    connection.execute(_lease, {"of_id": id, "owner": owner, "until": until, "new_attempts": attempts})


def renew(connection: sa.Connection, id: str, owner: str, until: float) -> Run | None:
    """A sign of life. Returns the run as it stands, None when it is no longer `owner`'s to execute."""
    row = connection.execute(_renew, {"of_id": id, "owner": owner, "until": until}).one_or_none()
    return None if row is None else _run(row)


def renew_all(connection: sa.Connection, owners: Mapping[str, str], until: float) -> set[str]:
    """A sign of life of many runs at once, by their ids: those that are still their owners' to execute."""
    return set(connection.execute(_renew_all, {"of_ids": list(owners), "owners": list(owners.values()), "until": until}).scalars())


def release(connection: sa.Connection, id: str, owner: str) -> None:
    """Let the next process that looks take the run over at once. Unlike a death, that does not count as an attempt."""
    connection.execute(_release, {"of_id": id, "owner": owner})


def overdue(connection: sa.Connection, now: float) -> list[str]:
    """Ids of runs that should have expired by `now`."""
    return list(connection.execute(_lost, {"now": now}).scalars())


def count_active(connection: sa.Connection) -> dict[str, int]:
    """How many runs of the whole store are in which state that is not their last."""
    return {row[0]: row[1] for row in connection.execute(_count_active)}


def list_page(connection: sa.Connection, thread_id: str, cut: Cut) -> tuple[list[Json], bool]:
    return _list.page(connection, cut, {"of_thread": thread_id})
