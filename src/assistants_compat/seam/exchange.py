"""One request answered here, from the http library's form to the api's and back: what both transports share."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote, urlencode

from assistants_compat.api import Answer, Blob, Held, Reply, Request, Streamed, handle, resume
from assistants_compat.ids import new_request_id
from assistants_compat.runs.channel import Channel
from assistants_compat.runs.execution import Execution
from assistants_compat.runs.runtime import runtime_for
from assistants_compat.runs.upstream import Upstream
from assistants_compat.seam.claims import Claim
from assistants_compat.wire import dumps

logger = logging.getLogger("assistants_compat")

LONGEST_LOOK = 1.0
"""Seconds between two looks at a run that another process executes."""

TURN = 0.02
"""Seconds that a look at a thread leaves to a run of that thread which executes in the same event loop."""

# Of the headers of the program's request, what has nothing to do with the model call made in its name.
_NOT_FORWARDED = frozenset(
    """
    host content-length content-type content-encoding transfer-encoding accept accept-encoding connection idempotency-key
    openai-beta x-stainless-retry-count x-stainless-read-timeout x-stainless-raw-response x-stainless-helper-method
    x-stainless-poll-helper x-stainless-custom-poll-interval x-stainless-stream-helper x-stainless-custom-event-handler
    """.split()  # noqa: SIM905 - a list of words reads best as one
)


class Exchange:
    """A request whose body has been read, being answered.

    Args:
        request, client, family: of httpx or httpx2.
    """

    def __init__(self, claim: Claim, path: str, request: Any, client: Any, family: ModuleType) -> None:
        self._began = time.perf_counter()
        self._left = False
        self._request_id = new_request_id()
        timeout = request.extensions.get("timeout") or {}
        self.read_timeout: float | None = timeout.get("read")
        """Seconds that the program is willing to wait for the next bytes; None: for ever."""
        self.asked = Request(
            runtime=runtime_for(claim.settings),
            method=request.method,
            path=path,
            query=request.url.params.multi_items(),
            headers=request.headers,
            content=request.content,
            upstream=Upstream(_responses_url(claim, request), _forwarded(request), client, family, timeout, claim.is_azure),
        )

    def answer(self) -> Answer:
        """The api's answer. `asked.executions` is what has to be set going then."""
        answer = handle(self.asked, self._request_id)
        self._let_go_if_left()
        return answer

    def leave(self) -> None:
        """The task that asked has been cancelled: what its request has started, or starts yet in a thread, is for the next to look."""
        self._left = True
        self._let_go_if_left()

    def _let_go_if_left(self) -> None:
        while self._left and self.asked.executions:
            self.asked.executions.pop().release()

    def set_going(self, start: Callable[[Execution], None]) -> None:
        """Have the work done that answering has started."""
        while self.asked.executions:
            execution = self.asked.executions.pop(0)
            try:
                start(execution)
            except BaseException as error:
                execution.release()  # for the next request that looks, of this process or another
                if not isinstance(error, Exception):
                    raise
                logger.exception("run %s could not be started", execution.run_id)

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
        answer = resume(held, self._request_id)
        self._let_go_if_left()
        return answer

    def form(self, answer: Reply | Streamed | Blob) -> tuple[int, dict[str, str], bytes | Channel | Path]:
        """Status, headers and body, with the headers that recorded replies have and programs read."""
        headers = {
            "content-type": "application/json",
            "x-request-id": self._request_id,
            "openai-version": "2020-10-01",
            "openai-processing-ms": str(int((time.perf_counter() - self._began) * 1000)),
        }
        if isinstance(answer, Streamed):
            return 200, {**headers, "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}, answer.channel
        if isinstance(answer, Blob):
            return 200, {**headers, **_download_headers(answer)}, answer.path
        content = dumps(answer.body)
        return answer.status, {**headers, "content-length": str(len(content)), **answer.headers}, content


class Hold:
    """How long something may still be waited for, a look at a time.

    Args:
        ready: asked whenever something has moved.
        look: asked after each wait, where it is the store that has to be asked.
    """

    def __init__(self, ready: Callable[[], bool], seconds: float, look: Callable[[], bool] = bool) -> None:
        self.ready = ready
        self.look = look
        self._until = time.monotonic() + seconds

    def next_look(self) -> float | None:
        """Seconds to wait before looking again; None when patience is at its end."""
        left = self._until - time.monotonic()
        return min(LONGEST_LOOK, left) if left > 0 else None


# Query parameters of the Assistants API, and Azure's version of it; whatever else there is, a gateway wants on every call.
_OWN_QUERY = frozenset({"limit", "order", "after", "before", "run_id", "include", "include[]", "api-version"})


def _download_headers(blob: Blob) -> dict[str, str]:
    """As /files/{id}/content had them: octets (recorded), whatever the file is."""
    name = blob.filename.encode("ascii", "replace").decode().translate({34: "_", 10: "_", 13: "_"})
    named = f'attachment; filename="{name}"'
    if name != blob.filename:
        named += f"; filename*=UTF-8''{quote(blob.filename, safe='')}"
    return {"content-type": "application/octet-stream", "content-disposition": named, "content-length": str(blob.size)}


def _responses_url(claim: Claim, request: Any) -> str:
    url = claim.responses_url()
    if not request.url.query:
        return url
    more = [(key, value) for key, value in request.url.params.multi_items() if key not in _OWN_QUERY]
    return f"{url}?{urlencode(more)}" if more else url


def _forwarded(request: Any) -> tuple[tuple[str, str], ...]:
    kept = [(key, value) for key, value in request.headers.multi_items() if key not in _NOT_FORWARDED]
    return (*kept, ("content-type", "application/json"), ("accept", "text/event-stream"))
