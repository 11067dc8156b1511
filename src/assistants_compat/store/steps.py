"""Queries on run steps."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from assistants_compat.store.pages import Cut, page
from assistants_compat.store.tables import steps
from assistants_compat.wire import dumps_text

Json = dict[str, Any]

_insert = sa.insert(steps)
_one = (steps.c.run_id == sa.bindparam("of_run")) & (steps.c.id == sa.bindparam("of_id"))
_select = sa.select(steps.c.body).where(_one)
_update = sa.update(steps).where(_one)
_open = sa.select(steps.c.body).where(steps.c.run_id == sa.bindparam("of_run"), steps.c.status == "in_progress").order_by(steps.c.seq)
_drop = sa.delete(steps).where(steps.c.run_id == sa.bindparam("of_run"), steps.c.status == "in_progress")


def insert(connection: sa.Connection, step: Json) -> None:
    connection.execute(
        _insert,
        {"id": step["id"], "thread_id": step["thread_id"], "run_id": step["run_id"], "status": step["status"], "body": dumps_text(step)},
    )


def replace(connection: sa.Connection, step: Json) -> None:
    connection.execute(_update, {"of_run": step["run_id"], "of_id": step["id"], "status": step["status"], "body": dumps_text(step)})


def get(connection: sa.Connection, run_id: str, id: str) -> Json | None:
    body = connection.execute(_select, {"of_run": run_id, "of_id": id}).scalar()
    return None if body is None else json.loads(body)


def open_steps(connection: sa.Connection, run_id: str) -> list[Json]:
    """Steps in progress, oldest first."""
    return [json.loads(body) for body in connection.execute(_open, {"of_run": run_id}).scalars()]


def drop_open(connection: sa.Connection, run_id: str) -> None:
    """Forget the steps that an interrupted model call had begun."""
    connection.execute(_drop, {"of_run": run_id})


def list_page(connection: sa.Connection, run_id: str, cut: Cut) -> tuple[list[Json], bool]:
    rows, more = page(connection, steps, steps.c.run_id == run_id, cut)
    return [json.loads(row[0]) for row in rows], more
