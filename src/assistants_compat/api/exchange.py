"""What goes into the api and what comes out, the same for the seam and the server."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from assistants_compat.api.body import parse_body
from assistants_compat.runs.channel import Channel
from assistants_compat.runs.effects import Asked
from assistants_compat.runs.execution import Execution
from assistants_compat.runs.parting import Unneeded
from assistants_compat.runs.runtime import Runtime
from assistants_compat.runs.upstream import Upstream

Json = dict[str, Any]
logger = logging.getLogger("assistants_compat")


@dataclass
class Request:
    """A request to an Assistants path.

    Args:
        path: below the base URL, still encoded, so that an id may hold no slash: `/threads/thread_…/runs`.
        headers: found whatever the case of the name asked for is, or with names in lower case.
        upstream: where the model calls of a run go that this request starts or takes over.
        tenant: whose objects it may see; the in-process shim has one tenant, "".
        shares_upstream: whether the upstream keeps other tenants' files too, which are not to be listed.
    """

    runtime: Runtime
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    content: bytes
    upstream: Upstream
    tenant: str = ""
    shares_upstream: bool = False
    executions: list[Execution] = field(default_factory=list)
    """Work this request has started, for the door to set going once the request is answered."""
    unneeded: list[Unneeded] | None = field(default_factory=list)
    """Responses upstream of runs that this request has ended, to be parted with before it is answered. None: it is answered already."""
    has_left: bool = False
    """Whether nobody waits for the answer any more."""

    def body(self) -> Json:
        """The JSON body. Raises ApiError where it is none."""
        return parse_body(self.content)

    def set_going(self, start: Callable[[Execution], None]) -> None:
        """Have the work done that answering has started."""
        while self.executions:
            execution = self.executions.pop(0)
            try:
                start(execution)
            except BaseException as error:
                execution.release()  # for the next request that looks, of this process or another
                if not isinstance(error, Exception):
                    raise
                logger.exception("run %s could not be started", execution.run_id)

    def leave(self) -> None:
        """The task that asked is cancelled: what its request has started, or starts yet in a thread, is for the next who looks."""
        self.has_left = True
        self.let_go_if_left()

    def let_go_if_left(self) -> None:
        while self.has_left and self.executions:
            self.executions.pop().release()

    @property
    def held(self) -> bool:
        """Whether a poll helper of the SDK asks, which would only ask again."""
        return self.headers.get("x-stainless-poll-helper") == "true"


@dataclass(frozen=True)
class Reply:
    """An answer in JSON."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    of_store: bool = False
    """Whether it tells what is wrong with the store, and where that is."""


@dataclass(frozen=True)
class Streamed:
    """An answer that is read from a run's channel, as server-sent events."""

    channel: Channel


@dataclass(frozen=True)
class Blob:
    """An answer that is read from an open file of `size` bytes, which whoever sends it closes."""

    file: BinaryIO
    filename: str
    size: int


@dataclass(frozen=True)
class PassOn:
    """Not ours to answer: the request goes to the upstream as it came."""


@dataclass(frozen=True)
class Held:
    """No answer yet: wait until `ready()`, at most `seconds`, then ask `resume` for it.

    `ready` knows what this process knows; `look` asks the store, and is called every second or so.
    """

    ready: Callable[[], bool]
    seconds: float
    resume: Callable[[], Reply]
    look: Callable[[], bool] = bool


@dataclass(frozen=True)
class Errand:
    """No answer yet: something has to be asked of the upstream first. `work` yields effects and returns the answer."""

    work: Generator[Asked, Any, Done]


Done = Reply | Streamed | Blob | PassOn
Answer = Done | Held | Errand
