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
from assistants_compat.transfer.conversations.calls import Calls, Refused, Stopped
from assistants_compat.transfer.conversations.filling import MOST_ITEMS, WHOLE, Ending, Outcome, read_thread
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


def would_bring(database: Database, upstream: str, selection: Selection, told: Callable[[Outcome | None], None]) -> Brought:
    """What would become of the threads, as far as the store knows."""
    brought = Brought()
    for id in selection.thread_ids(database):
        thread = read_thread(database, selection.tenant, id)
        if not isinstance(thread, Outcome):
            with database.read() as connection:
                known = conversations.get(connection, upstream, id)
                there = 0 if known is None else sum(1 for _ in conversations.added(connection, known.seq))
            more = max(0, len(thread.entries) - there)
            brought.calls += (known is None or known.id is None) + -(-more // MOST_ITEMS)
            was_whole = known is not None and known.whole
            ending: Ending = "made" if not was_whole else "continued" if more else "unchanged"
            thread = Outcome(id, ending, None if known is None else known.id, len(thread.entries), more, thread.losses)
        brought.outcomes.append(thread)
        told(thread)
    return brought


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
