"""Before a run: its thread's vector store has to be there, and its files indexed."""

from __future__ import annotations

import random
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from assistants_compat.runs import recovery
from assistants_compat.runs.effects import Call, Called, ConnectionLost, Effect, Sleep
from assistants_compat.store import runs

if TYPE_CHECKING:
    from assistants_compat.runs.runtime import Runtime

LONGEST_INDEXING = 60.0
"""Seconds that a run waits for its thread's files, as documented; an assistant's are not waited for."""

_LOOK_EVERY = 0.25


def store_readiness(run: runs.Run, runtime: Runtime) -> Generator[Effect, Any, recovery.GiveUp | None]:
    """Wait for the thread's store. Returns why the run cannot be, None if it can."""
    searches = any(tool["type"] == "file_search" for tool in run.body["tools"])
    store = run.progress["resources"]["thread_store"]
    if searches and not run.progress["resources"]["vector_store_ids"]:
        runtime.warn_once(
            f"file_search {run.body['assistant_id']}",
            f"run {run.id} has the tool 'file_search', but neither its assistant nor its thread has a vector store: nothing is searched.",
        )
    if not searches or store is None or run.progress["rounds"]:
        return None
    began = runtime.clock()
    attempt = 0
    while True:
        attempt += 1
        try:
            called: Called = yield Call("GET", f"/vector_stores/{store}")
        except ConnectionLost:
            called = Called(503, None)
        if called.status == 200 and isinstance(called.body, dict):
            if called.body.get("status") == "expired":
                return recovery.GiveUp(recovery.SERVER_ERROR, f"The thread's vector store {store} has expired. Add its files to a new one.")
            indexing = (called.body.get("file_counts") or {}).get("in_progress") or 0
            if not indexing or runtime.clock() - began >= LONGEST_INDEXING:
                return None
            yield Sleep(_LOOK_EVERY)
            continue
        error = recovery.error_of(called.body)
        message = str(error.get("message") or f"Vector store {store} cannot be reached.")
        verdict = recovery.decide(called.status, {}, {**error, "message": message}, attempt, runtime.settings.max_retries, random.random())
        if not isinstance(verdict, recovery.Wait):
            return verdict if isinstance(verdict, recovery.GiveUp) else recovery.GiveUp(recovery.SERVER_ERROR, message)
        yield Sleep(verdict.seconds)
