"""A request to the Assistants API on its way through the api: with its limits, its errand upstream, its hold, and its work set going."""

from __future__ import annotations

import logging
from contextlib import nullcontext

from assistants_compat.api import Blob, Errand, Held, PassOn, Reply, Request, Streamed, handle, resume
from assistants_compat.api.over_http import Hold
from assistants_compat.runs.drivers import run_errand_async
from assistants_compat.runs.execution import Execution
from assistants_compat.server.at_work import AtWork
from assistants_compat.server.limits import RunLimits, starts_a_run
from assistants_compat.server.refusals import closing, no_store

logger = logging.getLogger("assistants_compat.server")

# Headers in which SDKs say how long they wait for an answer.
_TIMEOUTS = ("x-stainless-read-timeout", "x-stainless-timeout")


class Answering:
    """What reads or writes the store is done in threads where that is on a server.

    Args:
        names_store: whether callers may be told where the store is.
    """

    def __init__(self, at_work: AtWork, limits: RunLimits, most_unread: int, *, names_store: bool) -> None:
        self._at_work = at_work
        self._limits = limits
        self._most_unread = most_unread
        self._names_store = names_store

    async def answer(self, asked: Request, request_id: str) -> Reply | Streamed | Blob | None:
        """The answer; None for a request that is not ours after all.

        Raises:
            Refused: no more runs now; or the store cannot be used, and what is wrong with it is none of the caller's business.
        """
        try:
            answer = await self._answer(asked, request_id)
        except BaseException:
            asked.leave()
            raise
        if isinstance(answer, Reply) and answer.of_store and not self._names_store:
            logger.error("%s", answer.body["error"]["message"])
            raise no_store()
        return answer

    async def _answer(self, asked: Request, request_id: str) -> Reply | Streamed | Blob | None:
        starts = starts_a_run(asked.method, asked.path)
        if starts and self._at_work.closing:
            raise closing()
        with self._limits.place(asked.tenant) if starts else nullcontext():
            answer = await asked.runtime.in_thread(lambda: handle(asked, request_id))
            if isinstance(answer, Errand):
                answer = await run_errand_async(answer.work, asked.upstream, asked.runtime)
            if isinstance(answer, PassOn):
                return None
            if isinstance(answer, Streamed):
                answer.channel.most_unread = self._most_unread
            self._set_going(asked)
        if isinstance(answer, Held):
            answer = await self._held(answer, asked, request_id)
        assert isinstance(answer, Reply | Streamed | Blob)
        return answer

    async def _held(self, held: Held, asked: Request, request_id: str) -> Reply:
        hold = Hold(held.ready, min(held.seconds, _client_waits(asked) * 0.8), held.look)
        while (seconds := hold.next_look()) is not None:
            if await asked.runtime.moved.wait_async(hold.ready, seconds) or await asked.runtime.in_thread(hold.look):
                break
        if self._at_work.closed:  # whoever looks now would take over the run that was just left to others
            raise closing()
        answer = await asked.runtime.in_thread(lambda: resume(held, request_id))
        self._set_going(asked)  # it may have taken the run over only now
        return answer

    def _set_going(self, asked: Request) -> None:
        def start(execution: Execution) -> None:
            self._at_work.start(execution, asked.tenant)

        asked.set_going(start)


def _client_waits(asked: Request) -> float:
    """Seconds, as far as the client says."""
    for name in _TIMEOUTS:
        try:
            return float(asked.headers.get(name, ""))
        except ValueError:
            continue
    return float("inf")
