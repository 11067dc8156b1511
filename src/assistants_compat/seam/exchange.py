"""One request answered here, from the http library's form to the api's and back: what both transports share."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import ModuleType
from typing import Any, BinaryIO
from urllib.parse import urlencode

from assistants_compat.api import Answer, Blob, Held, Reply, Request, Streamed, handle, resume
from assistants_compat.api.over_http import Hold, forwarded_headers, forwarded_query, in_form
from assistants_compat.ids import new_request_id
from assistants_compat.runs.channel import Channel
from assistants_compat.runs.execution import Execution
from assistants_compat.runs.runtime import runtime_for
from assistants_compat.runs.upstream import Upstream
from assistants_compat.seam.claims import Claim

TURN = 0.02
"""Seconds that a look at a thread leaves to a run of that thread which executes in the same event loop."""


class Exchange:
    """A request whose body has been read, being answered.

    Args:
        request, client, family: of httpx or httpx2.
    """

    def __init__(self, claim: Claim, path: str, request: Any, client: Any, family: ModuleType) -> None:
        self._began = time.perf_counter()
        self._request_id = new_request_id()
        timeout = request.extensions.get("timeout") or {}
        self.read_timeout: float | None = timeout.get("read")
        """Seconds that the program is willing to wait for the next bytes; None: for ever."""
        headers = forwarded_headers(request.headers.multi_items())
        self.asked = Request(
            runtime=runtime_for(claim.settings),
            method=request.method,
            path=path,
            query=request.url.params.multi_items(),
            headers=request.headers,
            content=request.content,
            upstream=Upstream(_responses_url(claim, request), headers, client, family, timeout, claim.is_azure),
        )

    def answer(self) -> Answer:
        """The api's answer. `asked.executions` is what has to be set going then."""
        return handle(self.asked, self._request_id)

    def set_going(self, start: Callable[[Execution], None]) -> None:
        """Have the work done that answering has started."""
        self.asked.set_going(start)

    def others_turn(self) -> Hold | None:
        """For a task that looks at a thread in whose loop a run of that thread executes: a moment in which that can go on.

        A program that sleeps without its loop between two looks leaves the run no other time.
        """
        if self.asked.method != "GET":
            return None
        at_work = [execution for execution in list(self.asked.runtime.executions.values()) if execution.thread_id in self.asked.path]
        if not at_work:
            return None
        executions = self.asked.runtime.executions
        return Hold(lambda: executions.get(at_work[0].run_id) is not at_work[0], TURN)

    def hold(self, held: Held) -> Hold:
        seconds = held.seconds if self.read_timeout is None else min(held.seconds, self.read_timeout * 0.8)
        return Hold(held.ready, seconds, held.look)

    def resume(self, held: Held) -> Reply:
        return resume(held, self._request_id)

    def form(self, answer: Reply | Streamed | Blob) -> tuple[int, dict[str, str], bytes | Channel | BinaryIO]:
        """Status, headers and body, with the headers that recorded replies have and programs read."""
        return in_form(answer, self._request_id, self._began)


def _responses_url(claim: Claim, request: Any) -> str:
    url = claim.responses_url()
    if not request.url.query:
        return url
    more = forwarded_query(request.url.params.multi_items())
    return f"{url}?{urlencode(more)}" if more else url
