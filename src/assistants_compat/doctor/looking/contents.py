"""What is in a store, as far as it can be judged: models, names of things upstream, runs that are not over, files that code made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from assistants_compat.doctor.facts import ActiveRun, Contents, MadeFile
from assistants_compat.runs.lifecycle import TERMINAL
from assistants_compat.store.tables import assistants, files, items, runs, threads

Json = dict[str, Any]

MOST = 20_000
"""Threads, and messages, the newest of which are read for what they name."""


def look_into(connection: sa.Connection) -> Contents:
    """Read, in the transaction that the caller has begun, a store that has this version's schema."""
    counts = {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in (assistants, threads, runs)
    }
    own = set(connection.execute(sa.select(files.c.id)).scalars())
    models: dict[str, list[str]] = {}
    stores: dict[str, str] = {}
    named: dict[str, str] = {}
    for body in _bodies(connection, sa.select(assistants.c.body).order_by(assistants.c.seq)):
        models.setdefault(str(body["model"]), []).append(body["id"])
        _note_resources(body, stores, named)
    for body in _bodies(connection, _naming(sa.select(threads.c.body).order_by(threads.c.seq.desc()), '%"%_ids":["%')):
        _note_resources(body, stores, named)
    messages = sa.select(items.c.body).where(items.c.type == "message").order_by(items.c.seq.desc())
    for body in _bodies(connection, _naming(messages, '%"file_id":%')):
        for id in _files_of(body):
            named.setdefault(id, f"message {body['id']} of {body['thread_id']}")
    return Contents(
        counts=counts,
        models={model: tuple(ids) for model, ids in models.items()},
        vector_stores=stores,
        files={id: holder for id, holder in named.items() if id not in own},
        unread=tuple(_unread(connection, counts)),
        active=tuple(_active(connection)),
        locks=tuple((row[0], row[1]) for row in connection.execute(_LOCKS)),
        made=tuple(map(_made, connection.execute(sa.select(files.c.body, files.c.copied).where(files.c.settled)))),
    )


def _naming(query: sa.Select[Any], pattern: str) -> sa.Select[Any]:
    newest = query.limit(MOST).subquery()
    return sa.select(newest.c.body).where(newest.c.body.like(pattern))


def _bodies(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Json]:
    for text in connection.execute(query).scalars():
        yield json.loads(text)


def _note_resources(body: Json, stores: dict[str, str], named: dict[str, str]) -> None:
    resources = body.get("tool_resources") or {}
    for id in (resources.get("file_search") or {}).get("vector_store_ids") or ():
        stores.setdefault(id, body["id"])
    for id in (resources.get("code_interpreter") or {}).get("file_ids") or ():
        named.setdefault(id, body["id"])


def _files_of(message: Json) -> Iterable[str]:
    """What the model is shown of, or is given for its tools. A citation is not: it stands in a text, whatever becomes of its file."""
    images = [part["image_file"]["file_id"] for part in message["content"] if part["type"] == "image_file"]
    return [*images, *(attachment["file_id"] for attachment in message.get("attachments") or () if attachment.get("file_id"))]


def _unread(connection: sa.Connection, counts: dict[str, int]) -> Iterator[str]:
    if counts["threads"] > MOST:
        yield f"the newest {MOST:,} of {counts['threads']:,} threads were"
    messages = connection.execute(sa.select(sa.func.count()).select_from(items).where(items.c.type == "message")).scalar_one()
    if messages > MOST:
        yield f"the newest {MOST:,} of {messages:,} messages were"


_LOCKS = (
    sa.select(threads.c.id, threads.c.active_run)
    .outerjoin(runs, runs.c.id == threads.c.active_run)
    .where(threads.c.active_run.is_not(None), sa.or_(runs.c.id.is_(None), runs.c.status.in_(sorted(TERMINAL))))
    .order_by(threads.c.seq)
)


def _active(connection: sa.Connection) -> Iterator[ActiveRun]:
    columns = (runs.c.id, runs.c.thread_id, runs.c.status, runs.c.lease_until, runs.c.deadline, runs.c.attempts)
    query = sa.select(*columns).where(runs.c.status.not_in(sorted(TERMINAL))).order_by(runs.c.seq)
    for row in connection.execute(query):
        yield ActiveRun(*row)


def _made(row: Any) -> MadeFile:
    body = json.loads(row[0])
    return MadeFile(body["id"], bool(row[1]), int(body["bytes"]), str(body["status_details"] or "").rstrip("."))
