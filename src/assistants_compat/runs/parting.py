"""What becomes of a response in the background that nobody needs any more: stopped, if it is still being made, and deleted.

It had to be stored upstream to be made there, for thirty days; the thread is here, so nothing is lost with it. Whoever takes the
response's id out of the store has to see to it. Tried once: a failure is logged, and the run has ended all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from dataclasses import dataclass, field

import sqlalchemy as sa

from assistants_compat.runs import recovery
from assistants_compat.runs.background import Response
from assistants_compat.runs.effects import Asked, Call, Called, ClientClosed, ConnectionLost
from assistants_compat.store import runs

logger = logging.getLogger("assistants_compat")

PATIENCE = 5.0
"""Seconds for which the upstream's word is waited for: a program may be waiting for its own answer."""


@dataclass(frozen=True)
class Unneeded:
    """A response and the run that it was of.

    Args:
        is_over: whether it has ended, so that there is nothing to stop.
    """

    run_id: str
    id: str
    is_over: bool = False


@dataclass
class Stored:
    """What the upstream stores of one leg.

    Args:
        response: what is being made there in the background.
        unneeded: what nobody needs any more.
    """

    response: Response | None = None
    unneeded: list[Unneeded] = field(default_factory=list)

    def is_done(self, run_id: str) -> None:
        """Nobody will read the response again: that much is committed."""
        if self.response is not None and self.response.is_over:
            self.unneeded.append(Unneeded(run_id, self.response.id, is_over=True))
        self.response = None


def claim(connection: sa.Connection, run: runs.Run) -> list[Unneeded]:
    """The response of a run that ends unfinished: taken out of the store, for the caller to see to."""
    noted = run.progress.get("response")
    if noted is None:
        return []
    runs.replace_progress(connection, run.id, {**run.progress, "response": None})
    return [Unneeded(run.id, noted["id"])]


def part_with(responses: list[Unneeded]) -> Generator[Asked, Called | None, None]:
    """Stop and delete them, one after the other; from the list goes what was tried. Raises nothing."""
    while responses:
        response = responses[0]
        calls = [] if response.is_over else [("POST", f"/responses/{response.id}/cancel", "cancelled")]
        for method, path, done in [*calls, ("DELETE", f"/responses/{response.id}", "deleted")]:
            why = yield from _done(method, path)
            if why is not None:
                logger.warning("run %s: its response %s could not be %s upstream: %s", response.run_id, response.id, done, why)
        responses.pop(0)


def _done(method: str, path: str) -> Generator[Asked, Called, str | None]:
    """None, or why not. What is not there any more needs nothing done."""
    try:
        called = yield Call(method, path, seconds_left=PATIENCE)
    except ClientClosed:
        return "the program has closed its http client"
    except ConnectionLost as lost:
        return str(lost)
    except Exception as error:  # noqa: BLE001 - of a hook or a recorder of the program's
        return f"{type(error).__name__}: {error}"
    if 200 <= called.status < 300 or called.status == 404:
        return None
    return str(recovery.error_of(called.body).get("message") or f"status {called.status}")
