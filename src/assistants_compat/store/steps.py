"""Queries on run steps."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from assistants_compat.store.pages import Cut, Paged
from assistants_compat.store.tables import steps
from assistants_compat.wire import dumps_text

Json = dict[str, Any]

_insert = sa.insert(steps)
_one = (steps.c.run_id == sa.bindparam("of_run")) & (steps.c.id == sa.bindparam("of_id"))
_select = sa.select(steps.c.body).where(_one)
_update = sa.update(steps).where(_one)
_open = sa.select(steps.c.body).where(steps.c.run_id == sa.bindparam("of_run"), steps.c.status == "in_progress").order_by(steps.c.seq)
_of_run = sa.select(steps.c.body).where(steps.c.run_id == sa.bindparam("of_run")).order_by(steps.c.seq)
_unsettled = sa.select(steps.c.body).where(steps.c.run_id == sa.bindparam("of_run"), ~steps.c.settled)
_drop_unsettled = sa.delete(steps).where(steps.c.run_id == sa.bindparam("of_run"), ~steps.c.settled)
_settle_run = sa.update(steps).where(steps.c.run_id == sa.bindparam("of_run"), ~steps.c.settled).values(settled=True)
_list = Paged(steps, steps.c.run_id == sa.bindparam("of_run"), steps.c.seq)


def step_row(step: Json, *, settled: bool) -> Json:
    """A step as a row for an insert."""
    return {
        "id": step["id"],
        "thread_id": step["thread_id"],
        "run_id": step["run_id"],
        "status": step["status"],
        "settled": settled,
        "body": dumps_text(step),
    }


def insert(connection: sa.Connection, step: Json) -> None:
    """A step of a model call that is not done yet."""
    connection.execute(_insert, step_row(step, settled=False))


def replace(connection: sa.Connection, step: Json) -> None:
    connection.execute(_update, {"of_run": step["run_id"], "of_id": step["id"], "status": step["status"], "body": dumps_text(step)})


def get(connection: sa.Connection, run_id: str, id: str) -> Json | None:
    body = connection.execute(_select, {"of_run": run_id, "of_id": id}).scalar()
    return None if body is None else json.loads(body)


def open_steps(connection: sa.Connection, run_id: str) -> list[Json]:
    """Steps in progress, oldest first."""
    return [json.loads(body) for body in connection.execute(_open, {"of_run": run_id}).scalars()]


def of_run(connection: sa.Connection, run_id: str) -> list[Json]:
    """All steps of a run, oldest first."""
    return [json.loads(body) for body in connection.execute(_of_run, {"of_run": run_id}).scalars()]


def unsettled(connection: sa.Connection, run_id: str) -> list[Json]:
    """The steps of a model call that is not done, those that it has completed too."""
    return [json.loads(body) for body in connection.execute(_unsettled, {"of_run": run_id}).scalars()]


def drop_unsettled(connection: sa.Connection, run_id: str) -> None:
    """Forget the steps of an interrupted model call, those that it had completed too."""
    connection.execute(_drop_unsettled, {"of_run": run_id})


def settle_run(connection: sa.Connection, run_id: str) -> None:
    """The steps of a model call that is done stay."""
    connection.execute(_settle_run, {"of_run": run_id})


def list_page(connection: sa.Connection, run_id: str, cut: Cut) -> tuple[list[Json], bool]:
    return _list.page(connection, cut, {"of_run": run_id})
