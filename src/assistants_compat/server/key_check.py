"""Whether the upstream takes a caller's key: without that, anybody could keep things here, and a revoked key would go on opening its
tenant's threads."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable

import httpx

from assistants_compat.runs.recovery import error_of
from assistants_compat.server.refusals import Refused, upstream_unreachable

logger = logging.getLogger("assistants_compat.server")

VALID_FOR = 300.0
"""Seconds after which a key is tried again."""

_MOST = 10_000
_WANTED = ("authorization", "api-key", "openai-organization", "openai-project", "user-agent")


class KeyCheck:
    """Asks for the list of models, which every key may or may not see, but only a valid one is not answered 401."""

    def __init__(self, client: httpx.AsyncClient, base_url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._url = f"{base_url}/models"
        self._clock = clock
        self._known: OrderedDict[str, float] = OrderedDict()

    async def __call__(self, tenant: str, headers: tuple[tuple[str, str], ...]) -> None:
        """Raises Refused: in the upstream's words for a key it does not take, and where it cannot be asked about a key that is new."""
        checked = self._known.get(tenant)
        if checked is not None and self._clock() - checked < VALID_FOR:
            self._known.move_to_end(tenant)
            return
        wanted = [(name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in headers if name in _WANTED]
        request = httpx.Request("GET", self._url, headers=wanted)
        try:
            reply = await self._client.send(request)
        except httpx.HTTPError as error:
            if checked is None:
                raise upstream_unreachable("the key could not be checked", timed_out=isinstance(error, httpx.TimeoutException)) from None
            logger.warning("a key that was valid could not be checked again: %s", type(error).__name__)
            return
        if reply.status_code == 401:
            self._known.pop(tenant, None)
            raise _as_said(reply)
        self._known[tenant] = self._clock()
        self._known.move_to_end(tenant)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)


def _as_said(reply: httpx.Response) -> Refused:
    try:
        error = error_of(reply.json())
    except ValueError:
        error = {}
    message = str(error.get("message") or "The upstream does not take this API key.")
    return Refused(message, 401, type=str(error.get("type") or "invalid_request_error"), code=error.get("code"))
