"""Queries on assistants."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from assistants_compat.store.pages import Cut, Paged
from assistants_compat.store.tables import assistants
from assistants_compat.wire import dumps_text

Json = dict[str, Any]

_insert = sa.insert(assistants)
_one = (assistants.c.tenant == sa.bindparam("of_tenant")) & (assistants.c.id == sa.bindparam("of_id"))
_select = sa.select(assistants.c.body).where(_one)
_select_to_write = _select.with_for_update()
_update = sa.update(assistants).where(_one)
_delete = sa.delete(assistants).where(_one)
_list = Paged(assistants, assistants.c.tenant == sa.bindparam("of_tenant"), assistants.c.created_at, assistants.c.seq)


def assistant_row(tenant: str, assistant: Json) -> Json:
    """An assistant as a row for an insert."""
    return {"id": assistant["id"], "tenant": tenant, "created_at": assistant["created_at"], "body": dumps_text(assistant)}


def insert(connection: sa.Connection, tenant: str, assistant: Json) -> None:
    connection.execute(_insert, assistant_row(tenant, assistant))


def get(connection: sa.Connection, tenant: str, id: str, *, to_write: bool = False) -> Json | None:
    """An assistant; `to_write`: locked to this transaction, which is going to change it."""
    body = connection.execute(_select_to_write if to_write else _select, {"of_tenant": tenant, "of_id": id}).scalar()
    return None if body is None else json.loads(body)


def replace(connection: sa.Connection, tenant: str, assistant: Json) -> None:
    connection.execute(_update, {"of_tenant": tenant, "of_id": assistant["id"], "body": dumps_text(assistant)})


def delete(connection: sa.Connection, tenant: str, id: str) -> bool:
    return connection.execute(_delete, {"of_tenant": tenant, "of_id": id}).rowcount > 0


def list_page(connection: sa.Connection, tenant: str, cut: Cut) -> tuple[list[Json], bool]:
    return _list.page(connection, cut, {"of_tenant": tenant})
