"""The transports that stand in front of a client's own: they answer claimed Assistants paths and pass everything else on.

Built for httpx and for httpx2 from the same code; which one is decided by the client, not by the version of openai.
"""

from __future__ import annotations

import weakref
from collections.abc import AsyncIterator, Iterator
from functools import cache, partial
from types import ModuleType
from typing import Any, BinaryIO

import anyio.to_thread

from assistants_compat.runs.channel import Channel
from assistants_compat.seam.claims import Claim, Claims

_CHUNK = 1 << 16
"""Bytes of a file that are read at once."""


@cache
def transports(family: ModuleType) -> tuple[type, type]:
    """The sync and the async transport class of a family."""

    class Body(family.SyncByteStream, family.AsyncByteStream):  # type: ignore[misc, name-defined]
        """A JSON answer."""

        def __init__(self, content: bytes) -> None:
            self._content = content

        def __iter__(self) -> Iterator[bytes]:
            yield self._content

        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield self._content

    class FromDisk(family.SyncByteStream, family.AsyncByteStream):  # type: ignore[misc, name-defined]
        """A file's bytes, read as they are wanted."""

        def __init__(self, file: BinaryIO) -> None:
            self._file = file

        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            return self._checked(self._file.read(_CHUNK), StopIteration)

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self

        async def __anext__(self) -> bytes:
            return self._checked(await anyio.to_thread.run_sync(self._file.read, _CHUNK), StopAsyncIteration)

        def _checked(self, chunk: bytes, end: type[Exception]) -> bytes:
            if not chunk:
                self.close()
                raise end
            return chunk

        def close(self) -> None:
            self._file.close()

        async def aclose(self) -> None:
            self._file.close()

    class Events(family.SyncByteStream, family.AsyncByteStream):  # type: ignore[misc, name-defined]
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
                raise self._too_late() from None
            finally:
                channel.desert()

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self

        async def __anext__(self) -> bytes:
            if self._channel is None:
                raise StopAsyncIteration
            try:
                chunk: bytes = await self._channel.read_next(self._timeout)
            except TimeoutError:
                self.close()
                raise self._too_late() from None
            if not chunk:
                self.close()
                raise StopAsyncIteration
            return chunk

        def close(self) -> None:
            channel, self._channel = self._channel, None
            if channel is not None:
                channel.desert()

        async def aclose(self) -> None:
            self.close()

        def _too_late(self) -> Exception:
            error: Exception = family.ReadTimeout("The run sent no event in time.", request=self._request)
            return error

    def response(form: tuple[int, dict[str, str], Any], read_timeout: float | None, request: Any) -> Any:
        status, headers, content = form
        if isinstance(content, bytes):
            stream: Any = Body(content)
        else:
            stream = Events(content, read_timeout, request) if isinstance(content, Channel) else FromDisk(content)
        return family.Response(status, headers=headers, stream=stream)

    class Seam(family.BaseTransport):  # type: ignore[misc, name-defined]
        """In front of a sync client's transport."""

        def __init__(self, inner: Any, claims: Claims, client: Any) -> None:
            self.inner = inner
            self.claims = claims
            self._client = weakref.ref(client)

        def handle_request(self, request: Any) -> Any:
            claimed = self.claims.find(request)
            if claimed is None:
                return self.inner.handle_request(request)
            request.read()
            answer = self._answer(request, *claimed)
            return self.inner.handle_request(request) if answer is None else answer

        def _answer(self, request: Any, claim: Claim, path: str) -> Any:
            """The response; None for a request that is not ours after all."""
            from assistants_compat.api import Errand, Held, PassOn
            from assistants_compat.runs.drivers import run_errand, start_in_thread
            from assistants_compat.seam.exchange import Exchange

            exchange = Exchange(claim, path, request, self._client(), family)
            answer = exchange.answer()
            if isinstance(answer, Errand):
                answer = run_errand(answer.work, exchange.asked.upstream)
            if isinstance(answer, PassOn):
                return None
            exchange.set_going(start_in_thread)
            if isinstance(answer, Held):
                hold = exchange.hold(answer)
                while (seconds := hold.next_look()) is not None:
                    if exchange.asked.runtime.moved.wait(hold.ready, seconds) or hold.look():
                        break
                answer = exchange.resume(answer)
                exchange.set_going(start_in_thread)  # it may have taken the run over only now
            return response(exchange.form(answer), exchange.read_timeout, request)

        def close(self) -> None:
            self.inner.close()

    class AsyncSeam(family.AsyncBaseTransport):  # type: ignore[misc, name-defined]
        """In front of an async client's transport."""

        def __init__(self, inner: Any, claims: Claims, client: Any) -> None:
            self.inner = inner
            self.claims = claims
            self._client = weakref.ref(client)

        async def handle_async_request(self, request: Any) -> Any:
            claimed = self.claims.find(request)
            if claimed is None:
                return await self.inner.handle_async_request(request)
            await request.aread()
            answer = await self._answer(request, *claimed)
            return await self.inner.handle_async_request(request) if answer is None else answer

        async def _answer(self, request: Any, claim: Claim, path: str) -> Any:
            """The response; None for a request that is not ours after all."""
            from assistants_compat.api import Errand, Held, PassOn
            from assistants_compat.runs.drivers import run_errand_async, start_in_task
            from assistants_compat.seam.exchange import Exchange

            exchange = Exchange(claim, path, request, self._client(), family)
            turn = exchange.others_turn()
            if turn is not None and (seconds := turn.next_look()) is not None:
                await exchange.asked.runtime.moved.wait_async(turn.ready, seconds)
            runtime = exchange.asked.runtime
            try:
                answer = await runtime.in_thread(exchange.answer)
                if isinstance(answer, Errand):
                    answer = await run_errand_async(answer.work, exchange.asked.upstream, runtime)
                if isinstance(answer, PassOn):
                    return None
                exchange.set_going(start_in_task)
                if isinstance(answer, Held):
                    hold = exchange.hold(answer)
                    while (seconds := hold.next_look()) is not None:
                        if await runtime.moved.wait_async(hold.ready, seconds) or await runtime.in_thread(hold.look):
                            break
                    answer = await runtime.in_thread(partial(exchange.resume, answer))
                    exchange.set_going(start_in_task)
            except BaseException:
                exchange.asked.leave()
                raise
            return response(exchange.form(answer), exchange.read_timeout, request)

        async def aclose(self) -> None:
            await self.inner.aclose()

    return Seam, AsyncSeam
