"""What an execution writes of its leg: in short transactions, which fail once the run is no longer this process's to execute."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from assistants_compat.runs import parting, progress, recovery
from assistants_compat.runs.ending import drop_unfinished, end_run
from assistants_compat.runs.events import Finished
from assistants_compat.runs.generated import GeneratedFile
from assistants_compat.runs.lifecycle import TERMINAL, move
from assistants_compat.runs.transcript import Change
from assistants_compat.store import files, items, runs, steps, threads
from assistants_compat.store.errors import STORE_FAILURES

if TYPE_CHECKING:
    from assistants_compat.runs.runtime import Runtime

Json = dict[str, Any]
logger = logging.getLogger("assistants_compat")


class NotMine(Exception):
    """The run was cancelled, has expired, was deleted or taken over while this process was at work on it."""


class Leg:
    """Args:
    owner: the name on the run's lease: no other execution, of this process or any other, ever has the same.
    """

    def __init__(self, runtime: Runtime, thread_id: str, run_id: str, owner: str) -> None:
        self.runtime = runtime
        self.thread_id = thread_id
        self.run_id = run_id
        self.owner = owner
        self.change = Change()
        """What is being written to the store right now."""
        self.stored = parting.Stored()
        """What is kept of it upstream, too."""
        self.not_copied: list[str] = []
        """Files that code made and that could not be copied out of their container, and why."""

    def _fence(self, connection: sa.Connection) -> runs.Run:
        """The run as it stands, inside a transaction in which it is still this process's to execute.

        Raises:
            NotMine: it is not.
        """
        run = runs.renew(connection, self.run_id, self.owner, self.runtime.clock() + self.runtime.settings.lease)
        if run is None:
            raise NotMine
        return run

    def check(self) -> None:
        """Raises NotMine."""
        self.runtime.database.transact(self._fence)

    def begin(self) -> runs.Run:
        """From queued to in_progress. A run that was taken over in the middle begins its model call again."""

        def begin(connection: sa.Connection) -> runs.Run:
            run = self._fence(connection)
            if run.status == "queued":
                run = run._replace(body=move(run.body, "in_progress", self.runtime.now()))
                runs.replace(connection, run.body)
            return run

        return self.runtime.database.transact(begin)

    # -- during the model call

    def note(self) -> None:
        """Remember the response in the background that another process may have to go on with."""
        self.runtime.database.transact(self._note)

    def _note(self, connection: sa.Connection) -> None:
        """How far the response was read, where there is one; in a transaction in which the run is still this process's to execute."""
        run = self._fence(connection)
        if self.stored.response is not None:
            runs.replace_progress(connection, run.id, {**run.progress, "response": self.stored.response.noted()})

    def write(self, change: Change) -> None:
        def write(connection: sa.Connection) -> None:
            self._note(connection)
            _write(connection, change)

        self.change = change
        self.runtime.database.transact(write)

    def insert_files(self, generated: Sequence[GeneratedFile], now: int) -> dict[str, files.File]:
        """Have files that are not here yet known as being brought over. Returns those of the leg that were known before."""

        def insert(connection: sa.Connection) -> dict[str, files.File]:
            self._fence(connection)
            known = files.unsettled(connection, self.run_id)
            for file in generated:
                if file.id not in known:
                    files.insert(connection, self.thread_id, self.run_id, file.shown(now), file.source)
            return known

        return self.runtime.database.transact(insert)

    def replace_file(self, shown: Json, *, copied: bool) -> None:
        def replace(connection: sa.Connection) -> None:
            self._fence(connection)
            files.replace(connection, shown, copied=copied)

        self.runtime.database.transact(replace)

    def begin_again(self, concede: Callable[[sa.Connection], None]) -> None:
        """Forget what a failed call had begun.

        Args:
            concede: forgets, in the same transaction, what no call can read any more.
        """

        def drop(connection: sa.Connection) -> list[str]:
            run = self._fence(connection)
            if self.stored.response is not None:
                runs.replace_progress(connection, run.id, {**run.progress, "response": None})
            made = drop_unfinished(connection, self.run_id)
            concede(connection)
            return made

        made = self.runtime.database.transact(drop)
        self.stored.is_done(self.run_id)
        for id in made:
            self.runtime.blobs.delete(id)
        self.not_copied.clear()

    # -- the end

    def finish(self, change: Change, finished: Finished) -> Json:
        """The call's last rows, the run's new state and the end of the leg, in one transaction. Returns the run's object."""
        waits = finished.status == "requires_action"
        missing = 0 if waits else finished.uncited.count(None)
        if missing:
            self.not_copied.append(f"{missing} of the images that were drawn: the upstream showed neither their bytes nor where they are")
        changes = _told_of(finished, self.not_copied)
        self.change = change

        def finish(connection: sa.Connection) -> Json:
            threads.hold(connection, self.thread_id)
            run = self._fence(connection)
            _write(connection, change)
            done = progress.after_call(
                run.progress, finished.usage, waits_for_outputs=waits, drawn=finished.drawn, uncited=finished.uncited
            )
            runs.replace_progress(connection, run.id, done)
            threads.add_to_count(connection, run.thread_id, items.settle_run(connection, run.id))
            steps.settle_run(connection, run.id)
            files.settle_run(connection, run.id)
            moved = move({**run.body, "usage": None if waits else done["usage"]}, finished.status, self.runtime.now(), **changes)
            runs.replace(connection, moved)
            if not waits:
                threads.unlock(connection, run.thread_id, run.id)
            return moved

        moved = self.runtime.database.transact(finish)
        self.stored.is_done(self.run_id)
        return moved

    def fail(self, error: recovery.GiveUp, drafts: Iterable[Json]) -> list[bytes]:
        """End the run as failed. Returns the events that tell of it."""

        def fail(connection: sa.Connection) -> tuple[list[bytes], list[parting.Unneeded]]:
            threads.hold(connection, self.thread_id)
            run = self._fence(connection)
            claimed = parting.claim(connection, run)
            return end_run(connection, run, "failed", self.runtime.now(), last_error=error.last_error, drafts=drafts), claimed

        events, claimed = self.runtime.database.transact(fail)
        response, self.stored.response = self.stored.response, None
        self.stored.unneeded += [replace(each, is_over=response is not None and response.is_over) for each in claimed]
        return events

    def claim_if_ended(self) -> None:
        """Take the response of a run that was ended by somebody who could not see to it."""

        def claim(connection: sa.Connection) -> list[parting.Unneeded]:
            run = runs.get(connection, self.run_id, to_write=True)
            return parting.claim(connection, run) if run is not None and run.status in TERMINAL else []

        if self.stored.response is not None:
            self.stored.unneeded += self.runtime.database.transact(claim)
            self.stored.response = None

    def release(self) -> None:
        """Give up the run unfinished, for the next process that looks."""
        try:
            self.runtime.database.transact(lambda connection: runs.release(connection, self.run_id, self.owner))
        except STORE_FAILURES:
            logger.warning("run %s: the store failed; the run can be taken over when its lease runs out", self.run_id, exc_info=True)


def _told_of(finished: Finished, not_copied: Sequence[str]) -> Json:
    """What a run's object tells of the end of a leg, beside its status."""
    told: Json = {}
    if finished.status == "requires_action":
        told["required_action"] = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": list(finished.calls)}}
    elif finished.status == "incomplete":
        told["incomplete_details"] = {"reason": finished.incomplete_reason}
    if not_copied:
        told["last_error"] = recovery.not_copied(not_copied).last_error
    return told


def _write(connection: sa.Connection, change: Change) -> None:
    for step in change.new_steps:
        steps.insert(connection, step)
    items.insert(connection, change.new_items)
    for message in change.messages:
        items.replace_message(connection, message)
    for step in change.steps:
        steps.replace(connection, step)
