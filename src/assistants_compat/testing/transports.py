"""The upstream as an httpx or httpx2 transport: no sockets, one event a chunk, asyncio and trio alike."""

from __future__ import annotations

import importlib
import time
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal, cast

import anyio

from assistants_compat.testing.replies import PATIENCE, Do, Drop, Hold, Pause, Send, Step, Until, UpstreamReply

if TYPE_CHECKING:
    from assistants_compat.testing.upstream import OfflineUpstream

FamilyName = Literal["httpx", "httpx2"]


def transport(upstream: OfflineUpstream, name: FamilyName | None) -> Any:
    family = _family(name)

    class Body(family.SyncByteStream):  # type: ignore[misc, name-defined]
        """One shot: a second iteration yields nothing."""

        def __init__(self, reply: UpstreamReply, request: Any) -> None:
            self._steps = iter(reply.body)
            self._close = reply.close
            self._request = request

        def __iter__(self) -> Iterator[bytes]:
            for step in self._steps:
                if isinstance(step, Send):
                    yield step.data
                else:
                    _perform(step, _dropped(family, self._request))

        def close(self) -> None:
            self._steps = iter(())
            self._close()

    class Transport(family.BaseTransport):  # type: ignore[misc, name-defined]
        def handle_request(self, request: Any) -> Any:
            reply = _handled(upstream, request, request.read())
            try:
                for step in reply.before:
                    _perform(step, _refused(family, request))
            except BaseException:
                reply.close()
                raise
            return family.Response(reply.status, headers=dict(reply.headers), stream=Body(reply, request))

    return Transport()


def async_transport(upstream: OfflineUpstream, name: FamilyName | None) -> Any:
    family = _family(name)

    class Body(family.AsyncByteStream):  # type: ignore[misc, name-defined]
        """One shot: a second iteration yields nothing."""

        def __init__(self, reply: UpstreamReply, request: Any) -> None:
            self._steps = iter(reply.body)
            self._close = reply.close
            self._request = request

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self  # no generator, which trio would miss the end of where a program leaves it

        async def __anext__(self) -> bytes:
            for step in self._steps:
                if isinstance(step, Send):
                    return step.data
                await _perform_async(step, _dropped(family, self._request))
            raise StopAsyncIteration

        async def aclose(self) -> None:
            self._steps = iter(())
            self._close()

    class Transport(family.AsyncBaseTransport):  # type: ignore[misc, name-defined]
        async def handle_async_request(self, request: Any) -> Any:
            reply = _handled(upstream, request, await request.aread())
            try:
                for step in reply.before:
                    await _perform_async(step, _refused(family, request))
            except BaseException:
                reply.close()
                raise
            return family.Response(reply.status, headers=dict(reply.headers), stream=Body(reply, request))

    return Transport()


def http_client(upstream: OfflineUpstream, name: FamilyName | None) -> Any:
    return _family(name).Client(transport=transport(upstream, name))


def async_http_client(upstream: OfflineUpstream, name: FamilyName | None) -> Any:
    return _family(name).AsyncClient(transport=async_transport(upstream, name))


def _family(name: FamilyName | None) -> Any:
    """openai speaks httpx2 from 3.0 on, httpx before."""
    if name is None:
        name = "httpx2" if int(version("openai").split(".")[0]) >= 3 else "httpx"
    return importlib.import_module(name)


def _handled(upstream: OfflineUpstream, request: Any, body: bytes) -> UpstreamReply:
    return upstream.handle(request.method, request.url.raw_path.decode("ascii"), dict(request.headers), body)


def _perform(step: Step, error: Exception) -> None:
    if isinstance(step, Pause):
        time.sleep(step.seconds)
    elif isinstance(step, Hold):
        step.gate.pass_through()
    elif isinstance(step, Until):
        step.flag.wait(PATIENCE)
    elif isinstance(step, Do):
        step.action()
    elif isinstance(step, Drop):
        raise error


async def _perform_async(step: Step, error: Exception) -> None:
    if isinstance(step, Pause):
        await anyio.sleep(step.seconds)
    elif isinstance(step, Hold):
        await step.gate.pass_through_async()
    elif isinstance(step, Until):
        await step.flag.wait_async(PATIENCE)
    elif isinstance(step, Do):
        step.action()
    elif isinstance(step, Drop):
        raise error


def _dropped(family: Any, request: Any) -> Exception:
    sentence = "peer closed connection without sending complete message body (incomplete chunked read)"
    return cast("Exception", family.RemoteProtocolError(sentence, request=request))


def _refused(family: Any, request: Any) -> Exception:
    return cast("Exception", family.ConnectError("[Errno 111] Connection refused", request=request))
