"""Requests of every http client of this process led to the offline upstream, whatever client, seam or proxy they come through: it does not
matter when a client was made, or with which base URL and key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from assistants_compat.seam.family import family_of
from assistants_compat.testing.answers import HttpError
from assistants_compat.testing.network import is_loopback
from assistants_compat.testing.replies import Send, error_reply
from assistants_compat.testing.sending import sending_replaced

if TYPE_CHECKING:
    from assistants_compat.testing.upstream import OfflineUpstream

_ADDRESS = "https://api.openai.com/v1"
"""The base URL that the upstream sees, whatever the client has."""

_MISDIRECTED = 421


@contextmanager
def redirected(upstream: OfflineUpstream, path_of: Callable[[str], str | None], hosts: Collection[str], elsewhere: str) -> Iterator[None]:
    """Until the end of the context, for the whole process.

    Args:
        path_of: the path below the API's base URL, of a URL; None for a request that is not redirected.
        hosts: those to which anybody may go.
        elsewhere: what to tell a client of the SDK that goes to another server, with `{}` for its URL. It is refused with that; whatever
            else goes elsewhere goes there.
    """

    def refusal(request: Any) -> Any:
        """None where the request is not the SDK's, or stays on this machine."""
        headers = request.headers
        of_the_sdk = "x-stainless-lang" in headers and "OpenAI/" in headers.get("user-agent", "")
        if not of_the_sdk or is_loopback(request.url.host) or request.url.host in hosts:
            return None
        reply = error_reply(HttpError(_MISDIRECTED, elsewhere.format(request.url), headers={"x-should-retry": "false"}), "req_elsewhere")
        content = b"".join(step.data for step in reply.body if isinstance(step, Send))
        family = family_of(request)
        return family.Response(reply.status, headers=dict(reply.headers), stream=family.ByteStream(content), request=request)

    def there(request: Any, path: str) -> Any:
        """The same request to the upstream."""
        return family_of(request).Request(
            request.method, _ADDRESS + path, headers=request.headers, stream=request.stream, extensions=request.extensions
        )

    def sync(original: Any) -> Any:
        def handle_request(self: Any, request: Any) -> Any:
            path = path_of(str(request.url))
            if path is None:
                return refusal(request) or original(self, request)
            return upstream.transport(_name(self)).handle_request(there(request, path))

        return handle_request

    def asynchronous(original: Any) -> Any:
        async def handle_async_request(self: Any, request: Any) -> Any:
            path = path_of(str(request.url))
            if path is None:
                return refusal(request) or await original(self, request)
            return await upstream.async_transport(_name(self)).handle_async_request(there(request, path))

        return handle_async_request

    with sending_replaced(sync, asynchronous):
        yield


def _name(transport: Any) -> Any:
    return family_of(transport).__name__
