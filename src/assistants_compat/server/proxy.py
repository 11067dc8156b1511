"""Everything that is not answered here, on its way to the upstream and back: streamed both ways, bytes as they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from assistants_compat.server.pools import Pools
from assistants_compat.server.refusals import upstream_unreachable
from assistants_compat.server.streaming import CutOff, Streaming

# Between one machine and the next only (RFC 9110, 7.6.1), and what a proxy in front of this server has added about its clients.
_HOP_BY_HOP = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade".split()  # noqa: SIM905
)
_NOT_SENT = _HOP_BY_HOP | frozenset("host expect forwarded via x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip".split())  # noqa: SIM905

_TIMEOUT = httpx.Timeout(600.0, connect=30.0)


def upstream_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """The server's one http client. It keeps no cookies: they would go from one tenant to another.

    Args:
        transport: None: the network, through the proxies that the environment names.
    """
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    unlimited = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    trusted = httpx.create_ssl_context()
    client = httpx.AsyncClient(transport=transport, cookies=no_cookies, limits=unlimited, timeout=_TIMEOUT, verify=trusted)
    if transport is None:
        # Put in afterwards: a client that is given a transport does not look for proxies, each of which has one pool.
        client._transport = Pools(lambda: httpx.AsyncHTTPTransport(verify=trusted, limits=unlimited))
    return client


def sendable(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """A request's headers without those that are for this server only."""
    headers = list(headers)
    named = {name.strip().lower() for key, value in headers if key == "connection" for name in value.split(",")}
    return [(name, value) for name, value in headers if name not in _NOT_SENT and name not in named]


class Proxy:
    """Args:
    patience: as of `Streaming`.
    hidden: headers of replies that callers are not to see.
    """

    def __init__(self, client: httpx.AsyncClient, patience: float, hidden: Iterable[str] = ()) -> None:
        self._client = client
        self._patience = patience
        self._hidden = frozenset(hidden)

    async def response(
        self, method: str, url: str, headers: Iterable[tuple[str, str]], body: AsyncIterator[bytes] | bytes | None
    ) -> Streaming:
        """The upstream's answer, of which the head has come.

        Raises:
            Refused: it gave none.
        """
        # The client's own defaults (accept, user-agent) stay out of it.
        sent = [(name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in sendable(headers)]
        request = httpx.Request(method, url, headers=sent, content=body, extensions={"timeout": _TIMEOUT.as_dict()})
        try:
            reply = await self._client.send(request, stream=True)
        except httpx.HTTPError as error:
            raise upstream_unreachable(type(error).__name__, timed_out=isinstance(error, httpx.TimeoutException)) from error
        return Streaming(reply.status_code, self._returned(reply), _raw(reply), self._patience, reply.aclose)

    def _returned(self, reply: httpx.Response) -> list[tuple[bytes, bytes]]:
        named = {name.strip().lower() for name in reply.headers.get("connection", "").split(",")}
        dropped = {name.encode("latin-1") for name in _HOP_BY_HOP | self._hidden | named}
        kept = ((name.lower(), value) for name, value in reply.headers.raw)
        return [(name, value) for name, value in kept if name not in dropped]


async def _raw(reply: Any) -> AsyncIterator[bytes]:
    """The body, still compressed if it came so."""
    try:
        async for piece in reply.aiter_raw():
            yield piece
    except httpx.HTTPError as error:
        raise CutOff(f"the upstream's answer broke off: {type(error).__name__}") from error
