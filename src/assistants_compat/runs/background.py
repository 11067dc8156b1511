"""A model call that is a response in the background: stored upstream, made there whether or not anybody listens, and followed from here.

Its id is in the store from its first event on, and with everything that is written of it the number of the last event that was taken
in. Whoever takes the run over reads the response again from its beginning, which brings the translation to where it was: what was
written up to that number is not written again, and the ids are the same, because they are derived from the response's.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from assistants_compat.runs import recovery
from assistants_compat.runs.answer import read_error
from assistants_compat.runs.effects import Call, Called, ConnectionLost, Effect, Open, Opened, Sleep
from assistants_compat.runs.transcript import Change
from assistants_compat.store import items, runs, steps

if TYPE_CHECKING:
    from assistants_compat.runs.runtime import Runtime
    from assistants_compat.store.database import Database

Json = dict[str, Any]
logger = logging.getLogger("assistants_compat")

LOOK_EVERY = 2.0
"""Seconds between two looks at a response that cannot be followed any more."""

OVER = frozenset({"completed", "incomplete", "failed", "cancelled"})


class Gone(ConnectionLost):
    """The response is not there any more, or not for this key."""


@dataclass
class Response:
    """The response that is being made.

    Args:
        model: the name that was sent.
        include: what was asked for beyond its text; a later reader has to ask again.
        written_before: the number of the last event that a process which is gone has written something of.
        known: what the store has of it from that process.
    """

    id: str
    model: str
    include: Sequence[str] = ()
    written_before: int = -1
    known: Known = field(default_factory=lambda: Known((), (), ()))
    seen: int = 0
    """The number of the last event that was taken in; that of the first is 0."""
    idle: int = 0
    """How many connections in a row have brought nothing new."""
    can_be_followed: bool = True
    is_over: bool = False

    def noted(self) -> Json:
        """As a run's progress has it."""
        return {"id": self.id, "sequence_number": self.seen, "model": self.model, "include": list(self.include)}

    def path(self, *, following: bool) -> str:
        more = {"stream": "true", "starting_after": str(self.seen)} if following else {}
        query = urlencode([*more.items(), *(("include[]", what) for what in self.include)])
        return f"/responses/{self.id}" + (f"?{query}" if query else "")

    def take_in(self, event: Json) -> None:
        """From now on, an event belongs to what was seen."""
        number = event.get("sequence_number")
        if isinstance(number, int) and number > self.seen:
            self.seen = number
            self.idle = 0

    def was_written(self, event: Json) -> bool:
        """Whether all that comes of an event is in the store: then it is read for the translation's sake only."""
        number = event.get("sequence_number")
        return isinstance(number, int) and number <= self.written_before


def begun_in(response: Any) -> str | None:
    """The id of a response that goes on in the background; None of one that does not, whatever was asked for."""
    if not isinstance(response, dict) or response.get("background") is not True:
        return None
    return response["id"] if isinstance(response.get("id"), str) and response["id"] else None


class Known:
    """Rows of a model call that a process which is gone has written.

    Args:
        steps, messages: as they stand, those that were completed too.
        ids: of the items that only the model sees.
    """

    def __init__(self, steps: Iterable[Json], messages: Iterable[Json], ids: Iterable[str]) -> None:
        self._bodies = {body["id"]: body for body in (*steps, *messages)}
        self._ids = {*self._bodies, *ids}

    def without(self, change: Change) -> Change:
        if not self._ids:
            return change
        return replace(
            change,
            new_items=[row for row in change.new_items if row["id"] not in self._ids],
            new_steps=[step for step in change.new_steps if step["id"] not in self._ids],
            messages=[self._as_begun(body) for body in change.messages if not self._is_done(body)],
            steps=[self._as_begun(body) for body in change.steps if not self._is_done(body)],
        )

    def _is_done(self, body: Json) -> bool:
        known = self._bodies.get(body["id"])
        return known is not None and known["status"] != "in_progress"

    def _as_begun(self, body: Json) -> Json:
        """With the time at which it was begun the first time."""
        known = self._bodies.get(body["id"])
        return body if known is None else {**body, "created_at": known["created_at"]}


def left_behind(database: Database, run: runs.Run) -> Response | None:
    """The response that a process which is gone was following, if it was at one."""
    noted = run.progress.get("response")
    if noted is None:
        return None
    with database.read() as connection:
        ids = items.unsettled_ids(connection, run.id)
        known = Known(steps.unsettled(connection, run.id), items.unsettled_messages(connection, run.id), ids)
    return Response(noted["id"], noted["model"], tuple(noted["include"]), noted["sequence_number"], known)


def follow(runtime: Runtime, run_id: str, response: Response, deadline: float) -> Generator[Effect, Any, Opened | Json]:
    """Find the response again, for as long as the run may last: paying a second time is no way out of a bad connection.

    Returns:
        The reply whose body is to be read; or, where the response cannot be followed any more, the whole of it once it has ended.

    Raises:
        Gone: it is not there any more.
    """
    while True:
        response.idle += 1
        try:
            if response.idle > 1 or not response.can_be_followed:
                whole = yield from _ended(response)
                if whole is not None:
                    return whole
                yield Sleep(recovery.backoff(response.idle, random.random()) if response.can_be_followed else LOOK_EVERY)
            if response.can_be_followed:
                opened: Opened = yield Open(None, max(1.0, deadline - runtime.clock()), response.path(following=True))
                if opened.status == 200:
                    return opened
                error = yield from read_error()
                if opened.status != 400:
                    raise _failed(response, opened.status, opened.headers, error)
                response.can_be_followed = False  # it is more than five minutes old (reported), or was not streamed
                logger.info("run %s: response %s is waited for: %s", run_id, response.id, error.get("message"))
        except Gone:
            raise
        except ConnectionLost as lost:
            logger.info("run %s: response %s cannot be reached: %s", run_id, response.id, lost)
            yield Sleep(recovery.backoff(response.idle, random.random()))


def _ended(response: Response) -> Generator[Effect, Any, Json | None]:
    """The response, if it has ended."""
    called: Called = yield Call("GET", response.path(following=False))
    body = called.body
    if called.status != 200 or not isinstance(body, dict) or not isinstance(body.get("output"), list):
        raise _failed(response, called.status, called.headers, recovery.error_of(body))
    return body if body.get("status") in OVER else None


def _failed(response: Response, status: int, headers: Mapping[str, str], error: Json) -> ConnectionLost:
    why = str(error.get("message") or f"status {status}")
    is_temporary = isinstance(recovery.decide(status, headers, error, 1, 1, 0.0), recovery.Wait)
    return ConnectionLost(why) if is_temporary else Gone(f"response {response.id} is gone: {why}")
