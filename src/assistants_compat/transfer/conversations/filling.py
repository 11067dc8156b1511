"""One thread becomes a conversation: made, filled, and both written down, from wherever an earlier process left it.

A conversation is made empty, so that one whose id was lost on the way has nothing of anybody's in it: there is no list in which it could
be found again. Then its items are added, 20 a call. Where nobody knows whether a call was done, what is there is looked at before the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from typing import Any

import sqlalchemy as sa

from assistants_compat.store import conversations
from assistants_compat.store.conversations import Added, Conversation
from assistants_compat.store.database import Database
from assistants_compat.transfer.conversations.calls import MOST_TRIES, Calls, Refused, Unclear
from assistants_compat.transfer.conversations.items import Entry, Loss, image_ids, likeness, metadata_of, without_images
from assistants_compat.transfer.conversations.pace import Stopped, pause_after
from assistants_compat.transfer.conversations.reading import AGAIN, Ending, Outcome, Thread, begins_with, read_thread, why_changed
from assistants_compat.wire import dumps

Json = dict[str, Any]

MOST_ITEMS = 20
"""The Conversations API's, in one call."""
MOST_BYTES = 8 * 1024 * 1024
"""In one call, unless one item alone has more: images may be written out in messages."""

MOST_LOST = 4
"""How often a conversation is asked for, where nobody says whether it was made."""


class _Ended(Exception):
    """The thread goes no further."""

    def __init__(self, ending: Ending, why: str) -> None:
        super().__init__(why)
        self.ending = ending


@dataclass(frozen=True)
class Filling:
    """Brings threads of a tenant over. Safe to use from many threads of this process, for another thread of the store each."""

    database: Database
    calls: Calls
    upstream: str
    """The name under which the store keeps what is there."""
    tenant: str
    told: Callable[[int], None]
    """Is told how many items were added."""

    def bring(self, thread_id: str) -> Outcome:
        """Raises Stopped, StoreError."""
        thread = read_thread(self.database, self.tenant, thread_id)
        return thread if isinstance(thread, Outcome) else _One(self, thread).bring()


class _One:
    """One thread on its way."""

    def __init__(self, filling: Filling, thread: Thread) -> None:
        self._filling = filling
        self._calls = filling.calls
        self._thread = thread
        known, self._added = filling.database.transact(self._known)
        self._seq, self._id, self._was_whole = known.seq, known.id, known.whole
        self._was_asked = known.asked
        self._gone = list(known.gone)
        self._added_now = 0
        self._is_doubtful = False
        """Whether a call may have been done that nobody has written down, or may yet be done."""

    def _known(self, connection: sa.Connection) -> tuple[Conversation, list[Added]]:
        """What the store knows of its conversation, which is a row from now on."""
        upstream, id = self._filling.upstream, self._thread.id
        found = conversations.get(connection, upstream, id)
        if found is None:
            conversations.begin(connection, upstream, self._filling.tenant, id)
            found = conversations.get(connection, upstream, id)
            assert found is not None
        return found, list(conversations.added(connection, found.seq))

    def bring(self) -> Outcome:
        try:
            self._check_beginning()
            if not self._was_whole or self._is_behind:
                self._fill()
            ending: Ending = "made" if not self._was_whole else "continued" if self._added_now else "unchanged"
            return self._outcome(ending, "")
        except _Ended as ended:
            return self._outcome(ended.ending, str(ended))
        except Refused as refused:
            if refused.status == 404 and self._id is not None and not self._calls.exists(self._id):
                return self._outcome("gone", f"{self._id} is not there upstream: deleted, or another project's. {AGAIN}")
            return self._outcome("refused", f"The upstream refuses it: {refused}")

    def _outcome(self, ending: Ending, why: str) -> Outcome:
        gone = set(self._gone)
        lost = [Loss("images_gone", f"{id} of {e.source_id}") for e in self._thread.entries for id in image_ids(e.body) if id in gone]
        losses = [*self._thread.losses, *lost]
        return Outcome(self._thread.id, ending, self._id, len(self._added), self._added_now, losses, why)

    @property
    def _is_behind(self) -> bool:
        return len(self._added) < len(self._thread.entries)

    def _check_beginning(self) -> None:
        if not begins_with(self._thread.entries, self._added):
            raise _Ended("changed", why_changed(self._id))

    # -- making it

    def _make(self) -> str:
        if self._was_asked:  # by a process that has died since
            self._lose()
        for attempt in count(1):
            self._note_asked(True)
            try:
                made = self._calls.make(metadata_of(self._thread.body))
            except Unclear as unclear:
                self._lose()
                if attempt == MOST_LOST:
                    raise Stopped(f"The upstream does not say whether it makes conversations: {unclear}") from None
                self._calls.pause(pause_after(attempt))
            except (Refused, Stopped):
                self._note_asked(False)
                raise
            else:
                self._filling.database.transact(partial(conversations.set_made, seq=self._seq, id=made))
                return made
        raise AssertionError

    def _note_asked(self, asked: bool) -> None:
        self._filling.database.transact(partial(conversations.set_asked, seq=self._seq, asked=asked))

    def _lose(self) -> None:
        self._filling.database.transact(partial(conversations.lose, seq=self._seq))

    # -- filling it

    def _fill(self) -> None:
        if self._id is None:
            self._id = self._make()
        else:
            self._look(self._id)
            self._is_doubtful = not self._was_whole
        known = len(self._added) if self._was_whole else 0
        failures = 0
        while chunk := self._next_chunk():
            try:
                ids = self._calls.add(self._id, [self._sent(entry) for entry in chunk])
            except Unclear as unclear:
                self._is_doubtful = True
                failures += 1
                if failures == MOST_TRIES:
                    raise Stopped(f"The upstream does not say whether it adds items: {unclear}") from None
                self._calls.pause(pause_after(failures))
                self._look(self._id)
            else:
                failures = 0
                self._write_down(chunk, ids)
        if self._is_doubtful:
            self._look_for_strays(self._id, known)
        self._filling.database.transact(partial(conversations.set_whole, seq=self._seq))

    def _next_chunk(self) -> list[Entry]:
        chunk: list[Entry] = []
        size = 0
        for entry in islice(self._thread.entries, len(self._added), len(self._added) + MOST_ITEMS):
            size += len(dumps(entry.body))
            if chunk and size > MOST_BYTES:
                break
            chunk.append(entry)
        return chunk

    def _sent(self, entry: Entry) -> Json:
        """As it is sent: an image that the upstream has not any more would have every later response refused."""
        for id in image_ids(entry.body):
            if id not in self._gone and not self._calls.has_file(id):
                self._gone.append(id)
        return without_images(entry.body, self._gone)

    def _write_down(self, chunk: Sequence[Entry], ids: Sequence[str]) -> None:
        added = [Added(entry.source_id, entry.source_type, entry.digest, id) for entry, id in zip(chunk, ids, strict=True)]
        self._filling.database.transact(lambda connection: conversations.add(connection, self._seq, added, self._gone))
        self._added += added
        self._added_now += len(added)
        self._filling.told(len(added))

    def _look(self, id: str) -> None:
        """Write down what of the rest is in the conversation already."""
        chunk: list[Entry] = []
        ids: list[str] = []
        strays: list[str] = []
        rest = islice(self._thread.entries, len(self._added), None)
        for item in self._calls.items(id, self._added[-1].item_id if self._added else None):
            entry = None if strays else next(rest, None)
            if entry is not None and likeness(self._sent(entry)) == likeness(item):
                chunk.append(entry)
                ids.append(str(item["id"]))
            else:
                strays.append(str(item["id"]))
        self._judge(id, strays)
        if chunk:
            self._write_down(chunk, ids)

    def _look_for_strays(self, id: str, known: int) -> None:
        """Args:
        known: how many of the items were written down before anything was doubtful.
        """
        ours = {added.item_id for added in self._added}
        after = self._added[known - 1].item_id if known else None
        self._judge(id, [item_id for item in self._calls.items(id, after) if (item_id := str(item["id"])) not in ours])

    def _judge(self, id: str, strays: Sequence[str]) -> None:
        """Items that are not the thread's. Until a conversation is whole nobody knows of it but this command: they are from a call of its
        own that was done after all, when it had been made again."""
        if strays and self._was_whole:
            raise _Ended("moved_on", f"{id} has gone on upstream, and the thread has here: they are not put together. {AGAIN}")
        for stray in strays:
            self._calls.remove(id, stray)
