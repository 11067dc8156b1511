"""Which threads and assistants of which tenant a command is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistants_compat.store.database import Database
from assistants_compat.transfer.stored import thread_ids

ALL = "all"


@dataclass(frozen=True)
class Selection:
    """None stands for all of a kind."""

    tenant: str = ""
    threads: Sequence[str] | None = None
    assistants: Sequence[str] | None = None

    @classmethod
    def of(cls, tenant: str, threads: Sequence[str], assistants: Sequence[str]) -> Selection:
        """What is named, or `all` of a kind; everything where nothing is named."""
        if not threads and not assistants:
            return cls(tenant)
        return cls(tenant, _named(threads), _named(assistants))

    def thread_ids(self, database: Database) -> Iterable[str]:
        return thread_ids(database, self.tenant) if self.threads is None else self.threads


def _named(ids: Sequence[str]) -> Sequence[str] | None:
    return None if ALL in ids else tuple(dict.fromkeys(ids))
