"""The lock that a run has on its thread, and getting past one whose run is over or was left behind by a dead process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import NamedTuple, TypeVar

import sqlalchemy as sa

from assistants_compat.api.errors import ApiError
from assistants_compat.api.exchange import Request
from assistants_compat.runs.ending import drop_unfinished, end_run
from assistants_compat.runs.execution import Execution
from assistants_compat.runs.lifecycle import TERMINAL, WORKING
from assistants_compat.runs.recovery import SERVER_ERROR, SOMETHING_WRONG
from assistants_compat.runs.runtime import Runtime, new_owner
from assistants_compat.store import runs

T = TypeVar("T")

MOST_ATTEMPTS = 3
"""How many processes may die of a run before it is given up as failed."""


class ThreadLocked(Exception):
    """The thread has an active run; `error` is what to answer if it really is at work."""

    def __init__(self, run_id: str, error: ApiError) -> None:
        super().__init__(run_id)
        self.run_id = run_id
        self.error = error


def unlocking(request: Request, attempt: Callable[[sa.Connection], T]) -> T:
    """Do `attempt` in a transaction; where it meets a lock, look after the run that holds it, and try once more.

    Raises:
        ApiError: the lock's own sentence, if the run is at work or waits for tool outputs.
    """
    try:
        return request.runtime.database.transact(attempt)
    except ThreadLocked as locked:
        run = look(request, None, locked.run_id)
        if run is not None and run.status not in TERMINAL:
            raise locked.error from None
    try:
        return request.runtime.database.transact(attempt)
    except ThreadLocked as locked:
        raise locked.error from None


def look(request: Request, run: runs.Run | None, run_id: str) -> runs.Run | None:
    """A run as it stands, after seeing to it that it moves: ended if its time is up, taken over if nobody is at work on it.

    `run` saves a query where it was read just now.
    """
    runtime = request.runtime
    execution = runtime.executions.get(run_id)
    if execution is not None and execution.is_stranded:
        execution.release()
        execution.interrupt()
        run = None
    if run is None:
        with runtime.database.read() as connection:
            run = runs.get(connection, run_id)
    if run is None or not is_due(run, runtime.clock()):
        return run
    execution = runtime.executions.get(run_id)
    with execution.last_word if execution is not None else nullcontext():
        seen = runtime.database.transact(lambda connection: _looked_after(connection, runtime, execution, run_id))
        if not seen.owner and seen.events is None:
            return seen.run
        run = seen.run
        for id in seen.unfinished:
            runtime.blobs.delete(id)
        if seen.events is None:
            runtime.stop(run_id, [])  # what this process had of it before, if it had
            thread_id, deadline = (run.thread_id, run.deadline) if run else ("", 0.0)
            start(request, Execution(runtime, thread_id, run_id, seen.owner, request.upstream), deadline)
        else:
            runtime.keeper.dismiss(run_id)
            runtime.stop(run_id, seen.events)
    return run


class _Seen(NamedTuple):
    run: runs.Run | None
    events: list[bytes] | None = None
    """What tells of its end, if it was ended."""
    owner: str = ""
    """Of the lease by which it was taken over, if it was."""
    unfinished: Sequence[str] = ()
    """Files whose blobs are to be deleted."""


def _looked_after(connection: sa.Connection, runtime: Runtime, execution: Execution | None, run_id: str) -> _Seen:
    """The part of a look that is a transaction."""
    run = runs.get_to_end(connection, run_id)
    now = runtime.clock()
    if run is None or not is_due(run, now):
        return _Seen(run)
    drafts = () if execution is None else execution.drafts
    if run.status == "cancelling":
        events = end_run(connection, run, "cancelled", int(now), drafts=drafts)
    elif run.deadline <= now:
        events = end_run(connection, run, "expired", int(now), drafts=drafts)
    elif execution is not None and execution.owner == run.lease_owner and not execution.is_stranded:
        # This process has slept through its own lease and nobody else was there: its work goes on.
        runs.renew(connection, run_id, execution.owner, now + runtime.settings.lease)
        return _Seen(run)
    elif run.attempts >= MOST_ATTEMPTS:
        events = end_run(connection, run, "failed", int(now), last_error={"code": SERVER_ERROR, "message": SOMETHING_WRONG})
    else:
        unfinished = drop_unfinished(connection, run_id)
        owner = new_owner()
        runs.lease(connection, run_id, owner, now + runtime.settings.lease, run.attempts + 1)
        return _Seen(runs.get(connection, run_id), None, owner, unfinished)
    return _Seen(runs.get(connection, run_id), events)


def is_due(run: runs.Run, now: float) -> bool:
    """Whether a look at the run would find something to do."""
    if run.status in TERMINAL:
        return False
    return run.status == "cancelling" or run.deadline <= now or (run.status in WORKING and run.lease_until < now)


def start(request: Request, execution: Execution, deadline: float) -> None:
    """Have this process execute a run whose lease it has; the door sets it going once the request is answered."""
    request.runtime.executions[execution.run_id] = execution
    request.runtime.keeper.watch(execution.run_id, deadline)
    request.executions.append(execution)
