"""The thread that keeps watch over a process's runs while there are any: renews their leases, ends those whose time is up,
and stops work on a run that somebody else has cancelled or taken over.
"""

from __future__ import annotations

import atexit
import logging
import math
import threading
import time
import weakref
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from assistants_compat.runs.ending import end_run
from assistants_compat.runs.lifecycle import CANCELLABLE
from assistants_compat.store import runs
from assistants_compat.store.errors import STORE_FAILURES

if TYPE_CHECKING:
    from assistants_compat.runs.execution import Execution
    from assistants_compat.runs.runtime import Runtime

logger = logging.getLogger("assistants_compat")


AT_ONCE = 100
"""Leases that are renewed in one transaction."""


class Keeper:
    """Its thread starts with the first run and goes home when none is left."""

    def __init__(self, runtime: Runtime) -> None:
        # The runtime owns its keeper; a strong reference back would keep both alive for ever.
        self._runtime = weakref.ref(runtime)
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._deadlines: dict[str, float] = {}
        self._exit_registered = False

    def watch(self, run_id: str, deadline: float) -> None:
        """Keep an eye on a run until it has ended."""
        with self._condition:
            self._deadlines[run_id] = deadline
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep, name="assistants-compat-keeper", daemon=True)
                self._thread.start()
            runtime = self._runtime()
            if runtime is not None:
                runtime.elsewhere.listen()
            if runtime is not None and not self._exit_registered:
                self._exit_registered = True
                atexit.register(_at_exit, weakref.ref(runtime))

    def dismiss(self, run_id: str) -> None:
        """The run has ended."""
        with self._condition:
            self._deadlines.pop(run_id, None)

    def dismiss_all(self) -> None:
        """Nothing is watched any more; its thread goes home."""
        with self._condition:
            self._deadlines.clear()
            self._condition.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(10)

    def forget(self) -> None:
        """In a forked child there is no such thread."""
        self._condition = threading.Condition()
        self._thread = None
        self._deadlines = {}

    def _keep(self) -> None:
        while True:
            with self._condition:
                runtime = self._runtime()
                if runtime is None or not self._has_to_keep(runtime):
                    self._thread = None
                    return
                heartbeat = runtime.settings.lease / 3
                until_due = min(self._deadlines.values(), default=math.inf) - runtime.clock()
                del runtime
                self._condition.wait(max(0.0, min(heartbeat, until_due)) + 0.001)
            runtime = self._runtime()
            if runtime is None:
                return
            if not self._has_to_keep(runtime):
                continue
            try:
                self.tick(runtime)
            except Exception as error:
                known = isinstance(error, STORE_FAILURES)
                why = " ".join(str(error).split())
                logger.warning("the store did not answer; runs of this process may be taken over: %s", why, exc_info=not known)
                pause = runtime.settings.lease / 3
                del runtime
                time.sleep(pause)

    def _has_to_keep(self, runtime: Runtime) -> bool:
        return bool(self._deadlines) or runtime.elsewhere.follows

    def tick(self, runtime: Runtime) -> None:
        """One round, which the tests with a clock of their own call for themselves."""
        now = runtime.clock()
        executions = list(runtime.executions.values())
        renewed = _renew_all(runtime, [each for each in executions if not each.is_stranded], now)
        for execution in executions:
            if execution.run_id not in renewed:
                self.look_after(runtime, execution, now)
        with self._condition:
            due = {id for id, deadline in self._deadlines.items() if deadline <= now}
        with runtime.database.read() as connection:
            due.update(runs.overdue(connection, now))  # of dead processes too, though nobody looks at them
        for run_id in due:
            end_overdue(runtime, run_id)
        runtime.elsewhere.look_at_followed(runtime, None)

    def look_after(self, runtime: Runtime, execution: Execution, now: float) -> None:
        """Renew the lease of a run at work, or have the work stopped if the run is somebody else's by now, or has ended."""
        if execution.is_stranded:
            execution.release()
            execution.interrupt()
            return
        with execution.last_word:

            def renew(connection: sa.Connection) -> tuple[runs.Run | None, runs.Run | None]:
                mine = runs.renew(connection, execution.run_id, execution.owner, now + runtime.settings.lease)
                return mine, None if mine else runs.get(connection, execution.run_id)

            mine, run = runtime.database.transact(renew)
            if mine or runtime.executions.get(execution.run_id) is not execution:
                return
            if run is None or run.status != "cancelling":
                execution.step_aside()
            elif run.lease_until < now:  # whoever cancelled it has not lived to end it
                end_overdue(runtime, run.id)


def _renew_all(runtime: Runtime, executions: Sequence[Execution], now: float) -> set[str]:
    """Ids of the runs whose leases were renewed. Many in a transaction: one for each would keep a process with hundreds of runs from
    its writing, since whoever waits for the store waits for this thread's turn as well."""
    until = now + runtime.settings.lease
    renewed: set[str] = set()
    for begin in range(0, len(executions), AT_ONCE):
        owners = {each.run_id: each.owner for each in executions[begin : begin + AT_ONCE]}
        renewed |= runtime.database.transact(partial(runs.renew_all, owners=owners, until=until))
    return renewed


def end_overdue(runtime: Runtime, run_id: str) -> None:
    """End a run whose time is up or that was left half cancelled, if nothing else has ended it."""
    execution = runtime.executions.get(run_id)

    def end(connection: sa.Connection) -> list[bytes]:
        run = runs.get_to_end(connection, run_id)
        status = ""
        if run is not None and run.status == "cancelling":
            status = "cancelled"
        elif run is not None and run.status in CANCELLABLE and run.deadline <= runtime.clock():
            status = "expired"
        drafts = () if execution is None else execution.drafts
        return end_run(connection, run, status, runtime.now(), drafts=drafts) if run is not None and status else []

    with execution.last_word if execution is not None else nullcontext():
        events = runtime.database.transact(end)
        runtime.keeper.dismiss(run_id)
        runtime.stop(run_id, events)


def _at_exit(reference: weakref.ref[Runtime]) -> None:
    runtime = reference()
    if runtime is not None:
        runtime.leave_to_others()
