"""What was saved of threads and assistants, brought into a store: first everything is found, then it is merged, a few threads at a time.

A thread comes into the store whole, in one transaction, or not at all. Whatever ends an import, the next one goes on with what is missing.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from assistants_compat.store.blobs import Blobs, BlobTooLarge
from assistants_compat.store.database import Database
from assistants_compat.store.weaving import BATCH, stored
from assistants_compat.transfer.merging import Merging, Result
from assistants_compat.transfer.staging import Staged, Staging

T = TypeVar("T")

_ATTEMPTS = 5


class _Rehearsed(Exception):
    """A transaction that was only tried, so that it is rolled back."""


@dataclass(frozen=True)
class Destination:
    """Where an import goes.

    Attributes:
        tenant: whose everything will be.
        most_bytes: the largest generated file that is taken.
    """

    database: Database
    blobs: Blobs
    tenant: str
    most_bytes: int


class Import:
    """What has been found, on its way into a store.

    Args:
        replaces: whether what the store has otherwise is replaced by what was found.
        rehearses: nothing stays written.
        told: is told how many objects more are done.
    """

    def __init__(
        self,
        staging: Staging,
        to: Destination,
        *,
        replaces: bool = False,
        rehearses: bool = False,
        told: Callable[[int], None] = lambda _count: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._staging = staging
        self._to = to
        self._rehearses = rehearses
        self._told = told
        self._merging = Merging(staging, to.tenant, replaces=replaces, has_blob=self._has_blob, clock=clock)

    def run(self) -> Result:
        """Bring everything in. Remarks are left with what was found.

        Raises:
            StoreError, OSError: the store cannot be written. What is in it by then is whole.
        """
        total = Result()
        for assistants in _batches(self._staging.assistants()):
            self._transact(total, lambda connection, found=assistants: self._merging.assistants(connection, found))  # type: ignore[misc]
            self._told(len(assistants))
        for ids, count in self._threads():
            for id in ids:
                self._copy_files(id)
            self._transact(total, lambda connection, ids=ids: self._merge(connection, ids))  # type: ignore[misc]
            self._told(count)
        return total

    def _merge(self, connection: sa.Connection, ids: Sequence[str]) -> Result:
        result = Result()
        for id in ids:
            result.add(self._merging.thread(connection, id))
        return result

    def _threads(self) -> Iterator[tuple[list[str], int]]:
        """Threads that go into one transaction: as many as it takes to make that worth while."""
        ids: list[str] = []
        objects = 0
        for id, count in self._staging.thread_ids():
            ids.append(id)
            objects += count
            if objects >= BATCH:
                yield ids, objects
                ids, objects = [], 0
        if ids:
            yield ids, objects

    def _transact(self, total: Result, work: Callable[[sa.Connection], Result]) -> None:
        results: list[Result] = []

        def attempt(connection: sa.Connection) -> None:
            results[:] = [work(connection)]  # a transaction may have to be done again
            if self._rehearses:
                raise _Rehearsed

        for left in reversed(range(_ATTEMPTS)):
            try:
                self._to.database.transact(attempt)
            except _Rehearsed:
                break
            except sa.exc.IntegrityError:  # somebody else has brought one of them in at the same time, and now it is seen
                if not left:
                    raise
            else:
                break
        for kind, place, what in results[0].remarks:
            self._staging.remark(kind, place, what)
        results[0].remarks = []
        total.add(results[0])

    def _copy_files(self, thread_id: str) -> None:
        """Bring the bytes of generated files over before anything says that they are here."""
        for staged in self._staging.in_order("file", thread_id):
            path = self._staging.path_of(staged.id)
            if path is None or self._rehearses or self._to.blobs.path(staged.id).exists() or self._is_of_others(staged.id, thread_id):
                continue
            try:
                with open(path, "rb", opener=_no_link) as source, self._to.blobs.part(staged.id, self._to.most_bytes) as part:
                    shutil.copyfileobj(source, part)
                    part.keep()
            except BlobTooLarge:
                what = f"the bytes of generated file {staged.id} were left out: there are more than {self._to.most_bytes}"
                self._staging.remark("bad", staged.place, what)

    def _is_of_others(self, id: str, thread_id: str) -> bool:
        with self._to.database.read() as connection:
            found = stored(connection, "files", [id])
        return id in found and found[id].home != thread_id

    def _has_blob(self, id: str) -> bool:
        return self._to.blobs.path(id).exists() or (self._rehearses and self._staging.path_of(id) is not None)


def _batches(found: Iterator[Staged]) -> Iterator[list[Staged]]:
    batch: list[Staged] = []
    for staged in found:
        batch.append(staged)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))
