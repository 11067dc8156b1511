"""Counting what a process does, step by step, and ending it with SIGKILL at one of them: no handler, no `finally`, no goodbye.

A step is a statement sent to the database (BEGIN and COMMIT among them), something asked of the upstream and what came of it, an event
told to a stream or read from it, a piece of a file, an answer on its way out. The kill comes before the step is taken.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa

BEFORE_THE_CALL = "before the model call"
MID_STREAM = "mid-stream"
COMMITTED = "between commit and event"
WAITING = "at requires_action"
SUBMITTING = "during submit"
OTHERWISE = "elsewhere"
MOMENTS = (BEFORE_THE_CALL, MID_STREAM, COMMITTED, WAITING, SUBMITTING, OTHERWISE)
"""Of a run's life, in which steps are taken. A process has one run at a time."""

_TELLING = frozenset({"tells events", "tells the last events", "hands events to the reader", "answers"})


class Steps:
    """Args:
    kill_at: the number of the step before which the process ends, from 1. 0: never, they are only counted.
    tell: called with the step's name and its moment when it is that one.
    """

    def __init__(self, kill_at: int, tell: Callable[[str, str], None]) -> None:
        self._kill_at = kill_at
        self._tell = tell
        self._lock = threading.Lock()
        self._counts = False
        self._moment = OTHERWISE
        self._of_thread = threading.local()
        self.taken = 0
        self.moments: Counter[str] = Counter()
        """How many of them in which moment."""

    def begin(self) -> None:
        """Count from here."""
        self._counts = True

    def before(self, name: str) -> None:
        if not self._counts:
            return
        with self._lock:
            self.taken += 1
            moment = COMMITTED if name in _TELLING and self._has_just_committed() else self._moment
            self.moments[moment] += 1
            if self.taken == self._kill_at:
                self._tell(name, moment)
                os.kill(os.getpid(), signal.SIGKILL)
        self._of_thread.latest = name
        if name == "COMMIT":
            self._moment = self._of_thread.__dict__.pop("next", self._moment)

    def _has_just_committed(self) -> bool:
        return getattr(self._of_thread, "latest", "") == "COMMIT"

    def watch(self) -> None:
        """Have this process tell of its steps. They are counted once it is told to begin."""
        watch_statements(lambda statement: self.before(kind(statement)))
        self._watch_runs()
        self._watch_answers()

    def _watch_runs(self) -> None:
        from assistants_compat.runs.channel import Channel
        from assistants_compat.runs.effects import Open
        from assistants_compat.runs.execution import Execution
        from assistants_compat.store.blobs import Part

        work: Any = Execution.work

        def counted(execution: Execution) -> Any:
            """The work, each of whose effects is a step, and each answer to one."""
            self._moment = BEFORE_THE_CALL
            inner = work(execution)
            advance = partial(next, inner)
            while True:
                try:
                    effect = advance()
                except StopIteration:
                    return
                self.before(f"asks: {type(effect).__name__}")
                try:
                    result = yield effect
                except GeneratorExit:
                    inner.close()
                    raise
                except BaseException as error:  # noqa: BLE001 - the work's to judge
                    advance = partial(inner.throw, error)
                else:
                    advance = partial(inner.send, result)
                    if isinstance(effect, Open):
                        self._moment = MID_STREAM
                self.before(f"is answered: {type(effect).__name__}")

        Execution.work = counted  # type: ignore[method-assign]
        self._watch_states()
        self._before(Channel, "send", "tells events")
        self._before(Channel, "end", "tells the last events")
        self._before(Channel, "_next", "hands events to the reader")
        self._before(Part, "write", "writes a piece of a file")
        self._before(Part, "keep", "keeps a file")

    def _watch_states(self) -> None:
        """The moment after the commit with which a run stops moving."""
        from assistants_compat.runs.lifecycle import TERMINAL
        from assistants_compat.store import runs

        replace = runs.replace

        def noted(connection: Any, body: Any) -> None:
            replace(connection, body)
            if body["status"] == "requires_action" or body["status"] in TERMINAL:
                self._of_thread.next = WAITING if body["status"] == "requires_action" else OTHERWISE

        runs.replace = noted

    def _watch_answers(self) -> None:
        from assistants_compat import api

        answered: Any = api._answered

        def after(answer: Any, what: str, request_id: str) -> Any:
            if what.endswith("/submit_tool_outputs"):
                self._moment = SUBMITTING
            answer = answered(answer, what, request_id)
            self.before("answers")
            return answer

        api._answered = after
        self._before(api.Request, "set_going", "sets its work going")

    def _before(self, owner: Any, name: str, step: str) -> None:
        real = getattr(owner, name)

        def counted(*arguments: Any, **more: Any) -> Any:
            self.before(step)
            return real(*arguments, **more)

        setattr(owner, name, counted)


def watch_statements(before: Callable[[str], None]) -> None:
    """Have `before` called with each statement that this process sends, on connections made from now on, BEGIN and COMMIT among them."""

    def connected(driver: Any, _record: Any) -> None:
        if hasattr(driver, "set_trace_callback"):
            driver.set_trace_callback(before)

    sa.event.listen(sa.Engine, "connect", connected)
    try:
        import psycopg
    except ImportError:
        return
    execute: Any = psycopg.Cursor.execute

    def told(cursor: Any, query: Any, *arguments: Any, **more: Any) -> Any:
        before(query.decode() if isinstance(query, bytes) else str(query))
        return execute(cursor, query, *arguments, **more)

    psycopg.Cursor.execute = told  # type: ignore[method-assign]


def kind(statement: str) -> str:
    """`INSERT INTO items`, `COMMIT`: what a statement does and to what."""
    words = statement.split()
    first = words[0].upper() if words else ""
    after = {"INSERT": "INTO", "DELETE": "FROM", "SELECT": "FROM"}.get(first)
    if first == "UPDATE":
        return f"UPDATE {words[1]}"
    if after in words:
        return f"{first} {words[words.index(after) + 1]}"
    return "COMMIT" if "COMMIT" in words else first
