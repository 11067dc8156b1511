"""A store as it is found in the end: read through the API, as programs see it, and by SQL, past everything that could hide something."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import openai
import sqlalchemy as sa

from assistants_compat.runs.runtime import Runtime
from assistants_compat.store import tables

Json = dict[str, Any]


class Said(NamedTuple):
    """A message as the API lists it."""

    id: str
    role: str
    text: str
    run_id: str | None = None


@dataclass
class Thread:
    """Rows are as in the tables, the oldest first."""

    id: str
    message_count: int
    active_run: str | None
    listed: list[Said] = field(default_factory=list)
    items: list[Json] = field(default_factory=list)
    runs: list[Json] = field(default_factory=list)
    steps: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)

    @property
    def messages(self) -> list[Json]:
        return [item for item in self.items if item["type"] == "message"]


def listed(client: openai.OpenAI, thread_id: str, limit: int = 100) -> list[Said]:
    """A thread's messages by the API, page by page."""
    found = client.beta.threads.messages.list(thread_id, order="asc", limit=limit)
    return [Said(message.id, message.role, _text(message), message.run_id) for message in found]


def _text(message: Any) -> str:
    return "".join(part.text.value for part in message.content if part.type == "text")


def take(runtime: Runtime, client: openai.OpenAI, thread_ids: Iterable[str] | None = None) -> list[Thread]:
    """The threads named, or all there are. Reads all rows of the store."""
    with runtime.database.read() as connection:
        wanted = None if thread_ids is None else set(thread_ids)
        rows = _rows(connection, tables.threads)
        found = {
            row["id"]: Thread(row["id"], row["message_count"], row["active_run"]) for row in rows if wanted is None or row["id"] in wanted
        }
        for name in ("items", "runs", "steps", "files"):
            for row in _rows(connection, getattr(tables, name)):
                thread = found.get(row["thread_id"])
                if thread is not None:
                    getattr(thread, name).append({**row, "body": json.loads(row["body"])})
    for thread in found.values():
        thread.listed = listed(client, thread.id)
    return list(found.values())


def _rows(connection: sa.Connection, table: sa.Table) -> list[Json]:
    return [dict(row) for row in connection.execute(sa.select(table).order_by(table.c.seq)).mappings()]


def orphans(runtime: Runtime) -> dict[str, int]:
    """Rows whose thread is not there, by table."""
    found: dict[str, int] = defaultdict(int)
    with runtime.database.read() as connection:
        for name in ("items", "runs", "steps"):
            table: sa.Table = getattr(tables, name)
            lost = sa.select(sa.func.count()).select_from(table).where(table.c.thread_id.not_in(sa.select(tables.threads.c.id)))
            found[name] = int(connection.execute(lost).scalar_one())
    return {name: count for name, count in found.items() if count}


def blobs(runtime: Runtime) -> dict[str, int]:
    """The sizes of the files in the store's folder by their ids; halves without an id are left out."""
    folder: Path = runtime.blobs.folder()
    return {path.name: path.stat().st_size for path in folder.glob("*") if path.suffix != ".part"} if folder.exists() else {}
