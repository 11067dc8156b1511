"""How much a caller may ask for at once: the size of a body, and runs at the same time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import anyio
from starlette.requests import Request

from assistants_compat.server.refusals import body_too_large, body_too_slow, too_many_runs

_STARTS_A_RUN = re.compile(r"/threads/(runs|[^/]+/runs(/[^/]+/submit_tool_outputs)?)/?")


async def body_pieces(request: Request, patience: float) -> AsyncIterator[bytes]:
    """A request's body as it comes.

    Raises:
        Refused: nothing has come for `patience` seconds.
        starlette.requests.ClientDisconnect: the client has gone.
    """
    stream = request.stream()
    while True:
        try:
            with anyio.fail_after(patience):
                piece = await anext(stream, None)
        except TimeoutError:
            raise body_too_slow(patience) from None
        if piece is None:
            return
        if piece:
            yield piece


async def read_body(request: Request, most: int, patience: float) -> bytes:
    """The whole body. Raises as `body_pieces`, and Refused where it has more than `most` bytes, as soon as that is known."""
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > most:
        raise body_too_large(most)
    body = bytearray()
    async for piece in body_pieces(request, patience):
        body += piece
        if len(body) > most:
            raise body_too_large(most)
    return bytes(body)


def starts_a_run(method: str, path: str) -> bool:
    """Whether a request asks for work on a run, if it is granted."""
    return method == "POST" and _STARTS_A_RUN.fullmatch(path) is not None


class RunLimits:
    """Counts the runs that this process executes, and those that are about to begin. Used in one event loop."""

    def __init__(self, most: int, most_of_a_tenant: int) -> None:
        self._most = most
        self._most_of_a_tenant = most_of_a_tenant
        self._counts: Counter[str] = Counter()

    @contextmanager
    def place(self, tenant: str) -> Iterator[None]:
        """A place that is kept while a request is answered which may start a run. Raises Refused where there is none."""
        if self._counts[tenant] >= self._most_of_a_tenant:
            raise too_many_runs(self._most_of_a_tenant, "for one client")
        if self.total >= self._most:
            raise too_many_runs(self._most, "on this server")
        with self.counted(tenant):
            yield

    @contextmanager
    def counted(self, tenant: str) -> Iterator[None]:
        """One that executes: counted, never refused, since it may have been taken over from a process that died."""
        self._counts[tenant] += 1
        try:
            yield
        finally:
            self._counts[tenant] -= 1
            if not self._counts[tenant]:
                del self._counts[tenant]

    @property
    def total(self) -> int:
        return self._counts.total()
