"""Connections to the upstream, in several small pools.

httpcore looks at every connection of a pool whenever a request comes or an answer ends, and at every one again for each that is idle. With
hundreds of answers that are being read at the same time that costs more than reading them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx

MOST = 32
"""Answers at the same time, after which another pool is begun."""


class _Pool:
    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self.transport = transport
        self.at_work = 0


class Pools(httpx.AsyncBaseTransport):
    """A transport that begins a pool of connections where all others are full, and closes each but the first when it falls empty.

    Args:
        make: a new pool.
        most: answers that one has at the same time.
    """

    def __init__(self, make: Callable[[], httpx.AsyncBaseTransport], most: int = MOST) -> None:
        self._make = make
        self._most = most
        self._pools = [_Pool(make())]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        pool = next((pool for pool in self._pools if pool.at_work < self._most), None)
        if pool is None:
            pool = _Pool(self._make())
            self._pools.append(pool)
        pool.at_work += 1
        try:
            response = await pool.transport.handle_async_request(request)
        except BaseException:
            await self._leave(pool)
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Counted(response.stream, lambda: self._leave(pool))
        return response

    async def _leave(self, pool: _Pool) -> None:
        pool.at_work -= 1
        if not pool.at_work and pool is not self._pools[0] and pool in self._pools:
            self._pools.remove(pool)
            await pool.transport.aclose()

    async def aclose(self) -> None:
        pools, self._pools = self._pools, self._pools[:1]
        for pool in pools:
            await pool.transport.aclose()


class _Counted(httpx.AsyncByteStream):
    """A body that says once when it is closed."""

    def __init__(self, inner: httpx.AsyncByteStream, closed: Callable[[], Awaitable[None]]) -> None:
        self._inner = inner
        self._closed = closed
        self._is_open = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._inner:
            yield piece

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            if self._is_open:
                self._is_open = False
                await self._closed()
