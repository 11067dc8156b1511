"""Threads as they stand in the store, on their way into conversations, and what becomes of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from assistants_compat.store.conversations import Added
from assistants_compat.store.database import Database
from assistants_compat.transfer.conversations.items import Entry, Loss, entries_of, losses_of
from assistants_compat.transfer.stored import stored_thread

Json = dict[str, Any]

AGAIN = "--again makes another conversation of it."

Ending = Literal["made", "continued", "unchanged", "missing", "busy", "changed", "moved_on", "gone", "refused"]
WHOLE: frozenset[Ending] = frozenset({"made", "continued", "unchanged"})
"""Endings after which the conversation has all that the thread has."""


@dataclass
class Outcome:
    """What became of a thread. `why` is a sentence where it is not in a conversation as a whole."""

    thread_id: str
    ending: Ending
    conversation_id: str | None = None
    items: int = 0
    """How many the conversation has of the thread."""
    added: int = 0
    """How many of them now."""
    losses: list[Loss] = field(default_factory=list)
    why: str = ""


@dataclass(frozen=True)
class Thread:
    """A thread as it stood at one moment, and what of it goes into a conversation."""

    id: str
    body: Json
    entries: list[Entry]
    losses: list[Loss]


def read_thread(database: Database, tenant: str, id: str) -> Thread | Outcome:
    """A thread that can be brought over; the outcome for one that cannot."""
    with stored_thread(database, tenant, id) as thread:
        if thread is None:
            return Outcome(id, "missing", why="It is not in the store.")
        if thread.active_run is not None:
            return Outcome(id, "busy", why=f"Its run {thread.active_run} is at work. Export it again when that is over.")
        history = list(thread.items())
        return Thread(id, thread.body, entries_of(history), list(losses_of(thread.body, history)))


def begins_with(entries: Sequence[Entry], added: Sequence[Added]) -> bool:
    """Whether a thread still begins with what its conversation has of it."""
    return [(entry.source_id, entry.digest) for entry in entries[: len(added)]] == [(item.source_id, item.digest) for item in added]


def why_changed(conversation_id: str | None) -> str:
    return f"Messages that are in {conversation_id} were changed or deleted in the thread. {AGAIN}"
