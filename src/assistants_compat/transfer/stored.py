"""What a store has of one thread, as API objects: read as it stood at one moment, a part at a time, however long the thread is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from assistants_compat.store import files, items, runs, steps, threads
from assistants_compat.store.database import Database
from assistants_compat.store.pages import each
from assistants_compat.transfer.schemas import ITEM, OWN

Json = dict[str, Any]


@dataclass(frozen=True)
class StoredThread:
    """Its parts, each in the order of the thread. What only this package knows of an object is under its key `assistants_compat`."""

    body: Json
    active_run: str | None
    """The run that is at work on it, if there is one."""
    _connection: sa.Connection

    @property
    def id(self) -> str:
        return str(self.body["id"])

    def items(self) -> Iterator[items.Item]:
        """All of it, as the store has it."""
        return items.oldest_first(self._connection, self.id)

    def messages(self) -> Iterator[Json]:
        for item in self.items():
            if item.type == "message":
                yield {**item.body, OWN: item.extra} if item.extra else item.body

    def count_messages(self) -> int:
        return items.count_messages(self._connection, self.id)

    def hidden_items(self) -> Iterator[Json]:
        """What only the model sees, each with the message that it comes before; None after the last one."""
        waiting: list[Json] = []
        for item in self.items():
            if item.type == "message":
                yield from ({**hidden, "before": item.id} for hidden in waiting)
                waiting = []
            else:
                waiting.append(_hidden(item, self.id))
        yield from waiting

    def runs(self) -> Iterator[Json]:
        return each(lambda cut: runs.list_page(self._connection, self.id, cut))

    def steps(self, run_id: str) -> list[Json]:
        return steps.of_run(self._connection, run_id)

    def files(self) -> Iterator[Json]:
        """The files that code made in it."""
        for file, run_id in files.of_thread(self._connection, self.id):
            yield {**file.body, OWN: {"thread_id": self.id, "run_id": run_id, "source": file.source, "copied": file.copied}}


def _hidden(item: items.Item, thread_id: str) -> Json:
    named = {"id": item.id, "object": ITEM, "thread_id": thread_id, "run_id": item.run_id, "before": None}
    return {**named, "body": item.body, "extra": item.extra}


@contextmanager
def stored_thread(database: Database, tenant: str, id: str) -> Iterator[StoredThread | None]:
    """A thread of a tenant; None where it has none of this id."""
    with database.snapshot() as connection:
        thread = threads.get(connection, tenant, id)
        yield None if thread is None else StoredThread(thread.body, thread.active_run, connection)


def thread_ids(database: Database, tenant: str) -> Iterator[str]:
    """All of a tenant's, in the order in which they came into the store."""
    after: int | None = None
    while True:
        with database.read() as connection:
            found = threads.listed(connection, tenant, after_seq=after)
        yield from (str(thread.body["id"]) for thread in found)
        if not found:
            return
        after = found[-1].seq
