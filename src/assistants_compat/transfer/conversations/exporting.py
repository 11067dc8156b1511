"""Many threads become conversations, a few at a time; and what would become of them, without asking anybody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice

import sqlalchemy as sa

from assistants_compat.store import conversations
from assistants_compat.store.conversations import Conversation
from assistants_compat.store.database import Database
from assistants_compat.transfer.conversations.calls import Calls, Refused
from assistants_compat.transfer.conversations.filling import MOST_ITEMS
from assistants_compat.transfer.conversations.pace import Stopped
from assistants_compat.transfer.conversations.reading import WHOLE, Ending, Outcome, Thread, begins_with, read_thread, why_changed
from assistants_compat.transfer.selection import Selection

_LOOKED_FOR = 3
_TICK = 0.25
"""Seconds after which whoever is told hears that nothing is done yet."""


@dataclass
class Brought:
    """What became of the threads that were asked for. `stopped` says why not all of them were come to."""

    outcomes: list[Outcome] = field(default_factory=list)
    stopped: str | None = None
    calls: int = 0
    """How many the upstream would be asked for, where nothing was done."""

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.ending not in WHOLE]


def bring_all(
    ids: Iterable[str], bring: Callable[[str], Outcome], stop: threading.Event, at_once: int, told: Callable[[Outcome | None], None]
) -> Brought:
    """Bring threads over until all are, or something stops it: then those on their way come to a point at which they can be left.

    Args:
        stop: is set when no more is to be sent.
        at_once: how many at the same time.
        told: is told of each that is done with, in this thread, and of None now and then.

    Raises:
        StoreError and others of the store's, from whichever thread has them first.
    """
    brought = Brought()
    waiting = iter(ids)
    on_their_way: set[Future[Outcome]] = set()
    with ThreadPoolExecutor(at_once, thread_name_prefix="assistants-compat-export") as pool:
        try:
            while True:
                if not stop.is_set():
                    on_their_way |= {pool.submit(bring, id) for id in islice(waiting, at_once - len(on_their_way))}
                if not on_their_way:
                    return brought
                done, on_their_way = wait(on_their_way, _TICK, FIRST_COMPLETED)
                if not done:
                    told(None)
                for future in done:
                    try:
                        outcome = future.result()
                    except Stopped as stopped:
                        stop.set()
                        brought.stopped = brought.stopped or str(stopped)
                    else:
                        brought.outcomes.append(outcome)
                        told(outcome)
        except KeyboardInterrupt:
            stop.set()
            brought.stopped = "Interrupted."
            for future in wait(on_their_way).done:
                if future.exception() is None:
                    brought.outcomes.append(future.result())
            return brought
        finally:
            stop.set()


def would_bring(database: Database, upstream: str, selection: Selection, told: Callable[[Outcome], None], *, again: bool) -> Brought:
    """What would become of the threads, as far as the store knows."""
    brought = Brought()
    for id in selection.thread_ids(database):
        thread = read_thread(database, selection.tenant, id)
        outcome = thread if isinstance(thread, Outcome) else _would_become(database, upstream, thread, again=again)
        if outcome.ending in WHOLE:
            brought.calls += (outcome.conversation_id is None) + -(-outcome.added // MOST_ITEMS)
        brought.outcomes.append(outcome)
        told(outcome)
    return brought


def _would_become(database: Database, upstream: str, thread: Thread, *, again: bool) -> Outcome:
    count = len(thread.entries)
    with database.read() as connection:
        known = conversations.get(connection, upstream, thread.id)
        there = [] if known is None else list(conversations.added(connection, known.seq))
    if known is None or known.id is None or again:
        return Outcome(thread.id, "made", None, count, count, thread.losses)
    if not begins_with(thread.entries, there):
        return Outcome(thread.id, "changed", known.id, len(there), why=why_changed(known.id))
    more = count - len(there)
    ending: Ending = "made" if not known.whole else "continued" if more else "unchanged"
    return Outcome(thread.id, ending, known.id, count, more, thread.losses)


def replace(database: Database, upstream: str, selection: Selection) -> None:
    """Have new conversations made of these threads, in the place of those that they are."""
    for id in selection.thread_ids(database):

        def work(connection: sa.Connection, id: str = id) -> None:
            known = conversations.get(connection, upstream, id)
            if known is not None:
                conversations.replace(connection, known)

        database.transact(work)


def all_known(database: Database, upstream: str, tenant: str) -> list[Conversation]:
    """All of a tenant's conversations on an upstream."""
    with database.read() as connection:
        return list(conversations.of_tenant(connection, upstream, tenant))


def check_same_upstream(calls: Calls, known: Iterable[Conversation]) -> None:
    """That the upstream has conversations which were made there before.

    Raises:
        Stopped: it has none of those that were looked for: the key is another project's.
    """
    newest = [conversation for conversation in known if conversation.id is not None][-_LOOKED_FOR:]
    try:
        if newest and not any(calls.exists(str(conversation.id)) for conversation in reversed(newest)):
            named = ", ".join(str(conversation.id) for conversation in newest)
            raise Stopped(
                f"The upstream has not got {named}, which this store knows from an earlier export. Is this another project's key? Then "
                "set OPENAI_PROJECT_ID to its id, which keeps the two apart. If they were deleted, --again makes others."
            )
    except Refused as refused:
        raise Stopped(f"The upstream does not show a conversation: {refused}") from None
