"""Runs that are not over and nobody is at work on, and threads that a run locks though it is over."""

from __future__ import annotations

from collections.abc import Iterator

from assistants_compat.doctor.facts import ActiveRun, Facts
from assistants_compat.doctor.findings import Finding, counted, named, ok

_LOOK = "The next request that looks at such a run or its thread does that; so does any process that executes runs on this store."


def stuck(facts: Facts) -> Iterator[Finding]:
    if facts.contents is None:
        return
    active = facts.contents.active
    overdue = [run for run in active if run.deadline <= facts.now or run.status == "cancelling"]
    left = [run for run in active if run not in overdue and run.status != "requires_action" and run.lease_until < facts.now]
    if overdue:
        yield Finding(
            "warning",
            f"{counted(len(overdue), 'run')} should have ended, and {_lock(overdue)}: {_some(overdue)}.",
            f"They have to be looked at to end. {_LOOK}",
            tuple(run.id for run in overdue),
        )
    if left:
        yield Finding(
            "warning",
            f"{counted(len(left), 'run')} nobody is at work on, since the process that was has died: {_some(left)}.",
            f"They have to be taken over. {_LOOK}",
            tuple(run.id for run in left),
        )
    rest = [run for run in active if run not in overdue and run not in left]
    waiting = sum(run.status == "requires_action" for run in rest)
    if not overdue and not left:
        yield ok(f"No run is stuck; {len(rest) - waiting:,} at work, {waiting:,} waiting for their tools' outputs.")


def _lock(runs: list[ActiveRun]) -> str:
    return f"{'locks its thread' if len(runs) == 1 else 'lock their threads'} until then"


def _some(runs: list[ActiveRun]) -> str:
    return named([f"{run.id} of {run.thread_id} ({run.status})" for run in runs])


def locks(facts: Facts) -> Iterator[Finding]:
    locks = () if facts.contents is None else facts.contents.locks
    if locks:
        threads = tuple(thread for thread, _ in locks)
        yield Finding(
            "problem",
            f"{counted(len(locks), 'thread')} locked by a run that is over or not there: "
            f"{named([f'{thread} by {run}' for thread, run in locks])}.",
            "This never happens by itself: was the store edited, or restored in parts? While no program uses it, set active_run to NULL in "
            "these rows of its table 'threads'.",
            threads,
        )
