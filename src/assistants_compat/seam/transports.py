"""The transports that stand in front of a client's own: they answer claimed Assistants paths and pass everything else on.

Built for httpx and for httpx2 from the same code; which one is decided by the client, not by the version of openai.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import AsyncIterator, Iterator
from functools import cache
from types import ModuleType
from typing import Any

from assistants_compat.seam.claims import Claim, Claims


@cache
def transports(family: ModuleType) -> tuple[type, type]:
    """The sync and the async transport class of a family."""

    class Body(family.SyncByteStream):  # type: ignore[misc, name-defined]
        """A JSON answer."""

        def __init__(self, content: bytes) -> None:
            self._content = content

        def __iter__(self) -> Iterator[bytes]:
            yield self._content

    class AsyncBody(family.AsyncByteStream):  # type: ignore[misc, name-defined]
        """A JSON answer."""

        def __init__(self, content: bytes) -> None:
            self._content = content

        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield self._content

    class Events(family.SyncByteStream):  # type: ignore[misc, name-defined]
        """A run's events as they come. Once read or closed it yields nothing more: the SDK may ask again."""

        def __init__(self, channel: Any, timeout: float | None, request: Any) -> None:
            self._channel, self._timeout, self._request = channel, timeout, request

        def __iter__(self) -> Iterator[bytes]:
            channel, self._channel = self._channel, None
            if channel is None:
                return
            try:
                yield from channel.read(self._timeout)
            except TimeoutError:
                raise family.ReadTimeout("The run sent no event in time.", request=self._request) from None
            finally:
                channel.desert()

        def close(self) -> None:
            if self._channel is not None:
                self._channel.desert()

    class AsyncEvents(family.AsyncByteStream):  # type: ignore[misc, name-defined]
        """The same for async clients."""

        def __init__(self, channel: Any, timeout: float | None, request: Any) -> None:
            self._channel, self._timeout, self._request = channel, timeout, request

        async def __aiter__(self) -> AsyncIterator[bytes]:
            channel, self._channel = self._channel, None
            if channel is None:
                return
            try:
                async for chunk in channel.read_async(self._timeout):
                    yield chunk
            except TimeoutError:
                raise family.ReadTimeout("The run sent no event in time.", request=self._request) from None
            finally:
                channel.desert()

        async def aclose(self) -> None:
            if self._channel is not None:
                self._channel.desert()

    class Seam(family.BaseTransport):  # type: ignore[misc, name-defined]
        """In front of a sync client's transport."""

        def __init__(self, inner: Any, claims: Claims, client: Any) -> None:
            self.inner = inner
            self.claims = claims
            self._client = weakref.ref(client)

        def handle_request(self, request: Any) -> Any:
            claimed = _claimed(self.claims, request)
            if claimed is None:
                return self.inner.handle_request(request)
            request.read()
            return self._answer(request, *claimed)

        def _answer(self, request: Any, claim: Claim, path: str) -> Any:
            from assistants_compat.api import Held, Streamed, handle, resume
            from assistants_compat.ids import new_request_id
            from assistants_compat.runs.drivers import start_in_thread
            from assistants_compat.seam import exchange

            began, request_id = time.perf_counter(), new_request_id()
            asked = exchange.api_request(claim, path, request, self._client(), family)
            answer = handle(asked, request_id)
            for execution in asked.executions:
                start_in_thread(execution)
            if isinstance(answer, Held):
                until = time.monotonic() + exchange.patience(request, answer.seconds)
                while not asked.runtime.moved.wait(answer.ready, min(exchange.LONGEST_LOOK, max(0.0, until - time.monotonic()))):
                    if time.monotonic() >= until:
                        break
                answer = resume(answer, request_id)
            if isinstance(answer, Streamed):
                body = Events(answer.channel, exchange.read_timeout(request), request)
                return family.Response(200, headers=exchange.stream_headers(request_id, began), stream=body)
            content = exchange.reply_bytes(answer)
            headers = exchange.reply_headers(request_id, began, {"content-length": str(len(content)), **answer.headers})
            return family.Response(answer.status, headers=headers, stream=Body(content))

        def close(self) -> None:
            self.inner.close()

    class AsyncSeam(family.AsyncBaseTransport):  # type: ignore[misc, name-defined]
        """In front of an async client's transport."""

        def __init__(self, inner: Any, claims: Claims, client: Any) -> None:
            self.inner = inner
            self.claims = claims
            self._client = weakref.ref(client)

        async def handle_async_request(self, request: Any) -> Any:
            claimed = _claimed(self.claims, request)
            if claimed is None:
                return await self.inner.handle_async_request(request)
            await request.aread()
            return await self._answer(request, *claimed)

        async def _answer(self, request: Any, claim: Claim, path: str) -> Any:
            from assistants_compat.api import Held, Streamed, handle, resume
            from assistants_compat.ids import new_request_id
            from assistants_compat.runs.drivers import start_in_task
            from assistants_compat.seam import exchange

            began, request_id = time.perf_counter(), new_request_id()
            asked = exchange.api_request(claim, path, request, self._client(), family)
            # SQLite's transactions are shorter than a hop to a thread and back.
            answer = handle(asked, request_id)
            for execution in asked.executions:
                start_in_task(execution)
            if isinstance(answer, Held):
                until = time.monotonic() + exchange.patience(request, answer.seconds)
                moved = asked.runtime.moved
                while not await moved.wait_async(answer.ready, min(exchange.LONGEST_LOOK, max(0.0, until - time.monotonic()))):
                    if time.monotonic() >= until:
                        break
                answer = resume(answer, request_id)
            if isinstance(answer, Streamed):
                body = AsyncEvents(answer.channel, exchange.read_timeout(request), request)
                return family.Response(200, headers=exchange.stream_headers(request_id, began), stream=body)
            content = exchange.reply_bytes(answer)
            headers = exchange.reply_headers(request_id, began, {"content-length": str(len(content)), **answer.headers})
            return family.Response(answer.status, headers=headers, stream=AsyncBody(content))

        async def aclose(self) -> None:
            await self.inner.aclose()

    return Seam, AsyncSeam


def _claimed(claims: Claims, request: Any) -> tuple[Claim, str] | None:
    found = claims.find(request.url)
    if found is None:
        return None
    first = found[1].split("/", 2)[1:2]
    return found if first in (["assistants"], ["threads"]) else None
