"""The ASGI app: from an HTTP request to an answer of the api or of the upstream."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote

import httpx
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from assistants_compat.api import Blob, Reply, Request, Streamed, pattern_of
from assistants_compat.api.errors import ApiError, server_error
from assistants_compat.api.over_http import forwarded_headers, in_form
from assistants_compat.claimed_paths import may_be_ours
from assistants_compat.ids import new_request_id
from assistants_compat.runs.channel import Channel
from assistants_compat.runs.upstream import Upstream
from assistants_compat.server.addresses import Address, find
from assistants_compat.server.limits import body_pieces, read_body
from assistants_compat.server.logs import request_id_of
from assistants_compat.server.metrics import CONTENT_TYPE
from assistants_compat.server.proxy import sendable
from assistants_compat.server.refusals import Refused, no_websockets, shared_upstream, unknown_path
from assistants_compat.server.service import Service
from assistants_compat.server.settings import ServerSettings
from assistants_compat.server.shared_upstream import is_open
from assistants_compat.server.streaming import CutOff, Streaming, event_pieces, file_pieces
from assistants_compat.server.tenants import Caller
from assistants_compat.settings import Settings

logger = logging.getLogger("assistants_compat.server")


def create_app(
    settings: ServerSettings | None = None, compat: Settings | None = None, *, transport: httpx.AsyncBaseTransport | None = None
) -> Starlette:
    """The server as an ASGI app, to be run by itself or mounted at any path of another app; for servers on asyncio.

    A mounted app's lifespan is the outer app's to run: `async with app.router.lifespan_context(app)`. Without it runs that are not
    finished when the process ends are taken over when their lease runs out, as after a crash.

    Args:
        settings: the server's. None: as the environment says.
        compat: how runs behave and where they are kept. None: as the environment says.
        transport: the way to the upstream; None: the network.

    Raises:
        ValueError: settings that do not go together.
        OSError: the tenants' secret cannot be kept beside the store.
    """
    service = Service(settings or ServerSettings.from_environment(), compat or Settings.from_environment(), transport)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await service.aclose()

    async def alive(_: HttpRequest) -> Response:
        return JSONResponse({"status": "ok"})

    def ready(_: HttpRequest) -> Response:
        reason = service.why_not_ready()
        return JSONResponse({"status": reason or "ok"}, 503 if reason else 200)

    def metrics(_: HttpRequest) -> Response:
        return Response(service.metrics.text(), headers={"content-type": CONTENT_TYPE})

    routes: list[BaseRoute] = [Route("/healthz", alive), Route("/readyz", ready)]
    if service.settings.mode == "local":  # elsewhere tenants would read it
        routes.append(Route("/metrics", metrics))
    app = Starlette(routes=[*routes, Mount("/", app=_Door(service))], lifespan=lifespan)
    app.state.service = service
    return app


class _Door:
    """Everything but the server's own paths."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await _refuse_websocket(receive, send)
            return
        visit = _Visit(self._service, HttpRequest(scope, receive))
        request_id_of.set(visit.request_id)
        try:
            response = await visit.response()
        except ClientDisconnect:
            visit.log(499)
            return
        visit.log(response.status)
        try:
            await response(scope, receive, send)
        except CutOff as cut:
            self._service.metrics.cut_off()
            logger.warning("the answer was cut off: %s", cut)  # and the ASGI server closes the connection


class _Visit:
    """One request."""

    def __init__(self, service: Service, request: HttpRequest) -> None:
        self._service = service
        self._request = request
        self._began = time.perf_counter()
        self._route = "none"
        self._path = _path_below_mount(request.scope)
        self._fields: dict[str, Any] = {}
        self.request_id = new_request_id()

    async def response(self) -> Streaming:
        """Raises ClientDisconnect."""
        try:
            return await self._response()
        except ApiError as error:
            headers = error.headers if isinstance(error, Refused) else {}
            return self._formed(Reply(error.body(), error.status, headers))
        except ClientDisconnect:
            raise
        except Exception:
            logger.exception("%s %s failed by an error of assistants-compat", self._request.method, self._path)
            return self._formed(Reply(server_error(self.request_id).body(), 500, {"x-should-retry": "false"}))

    async def _response(self) -> Streaming:
        request = self._request
        if request.headers.get("upgrade", "").lower() == "websocket":
            raise no_websockets()
        caller = await self._service.tenants.caller(request)
        self._fields["tenant"] = caller.tenant[:12]
        address = find(self._path, request.url.query)
        if address is None:
            raise unknown_path(request.method, self._path)
        if may_be_ours(request.method, address.path):
            content = await read_body(request, self._service.settings.max_body_bytes, self._service.settings.patience)
            self._route = pattern_of(address.path) or "none"
            answer = await self._service.answering.answer(self._asked(caller, address, content), self.request_id)
            if self._service.settings.log_content:
                self._fields["request_body"] = content.decode(errors="replace")
                self._fields["reply_body"] = answer.body if isinstance(answer, Reply) else None
            if answer is not None:
                return self._formed(answer)
            return await self._passed_on(caller, address, content or None)
        has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
        return await self._passed_on(caller, address, body_pieces(request, self._service.settings.patience) if has_body else None)

    def _asked(self, caller: Caller, address: Address, content: bytes) -> Request:
        destination = self._service.destination
        url, headers = destination.responses_url(address.query), forwarded_headers(sendable(caller.headers))
        return Request(
            runtime=self._service.runtime,
            method=self._request.method,
            path=address.path,
            query=parse_qsl(address.query, keep_blank_values=True),
            headers=self._request.headers,
            content=content,
            upstream=Upstream(url, headers, self._service.client, httpx, None, destination.is_azure),
            tenant=caller.tenant,
            shares_upstream=caller.shares_upstream,
        )

    async def _passed_on(self, caller: Caller, address: Address, body: AsyncIterator[bytes] | bytes | None) -> Streaming:
        self._route = "upstream"
        if caller.shares_upstream and not is_open(self._request.method, address.path):
            raise shared_upstream(self._request.method, address.path)
        url = self._service.destination.url_of(address)
        return await self._service.proxy.response(self._request.method, url, caller.headers, body)

    def _formed(self, answer: Reply | Streamed | Blob) -> Streaming:
        status, headers, body = in_form(answer, self.request_id, self._began)
        settings = self._service.settings
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        if isinstance(body, Channel):
            # For nginx, which would keep events back until it has a page full of them.
            pairs.append((b"x-accel-buffering", b"no"))
            self._service.metrics.streams.inc()
            return Streaming(status, pairs, event_pieces(body, settings.keep_alive), settings.patience, partial(self._deserted, body))
        if isinstance(body, bytes):
            return Streaming(status, pairs, _at_once(body), settings.patience, lambda: None)
        return Streaming(status, pairs, file_pieces(body), settings.patience, body.close)

    def _deserted(self, channel: Channel) -> None:
        channel.desert()
        self._service.metrics.streams.dec()

    def log(self, status: int) -> None:
        seconds = time.perf_counter() - self._began
        self._service.metrics.answered(self._request.method, self._route, status, seconds)
        fields = {"method": self._request.method, "path": self._path, "status": status, "seconds": round(seconds, 4), **self._fields}
        logger.info("request", extra={"fields": fields})


async def _at_once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _path_below_mount(scope: Scope) -> str:
    """Still encoded."""
    raw = scope.get("raw_path")
    path = quote(scope["path"]) if raw is None else raw.decode("latin-1").partition("?")[0]
    mount = quote(scope.get("root_path", ""))
    return path[len(mount) :] if mount and path.startswith(mount) else path


async def _refuse_websocket(receive: Receive, send: Send) -> None:
    """Where the ASGI server has taken the handshake on already."""
    await receive()
    await send({"type": "websocket.close", "code": 1003, "reason": no_websockets().message[:120]})
