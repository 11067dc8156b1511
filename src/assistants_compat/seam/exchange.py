"""Between an httpx request and the api's: what both transports share."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from assistants_compat.api import Reply, Request
from assistants_compat.runs.drivers import Upstream
from assistants_compat.runs.runtime import runtime_for
from assistants_compat.seam.claims import Claim
from assistants_compat.wire import dumps

# Of the headers of the program's request, what has nothing to do with the model call made in its name.
_NOT_FORWARDED = frozenset(
    [
        "host",
        "content-length",
        "content-type",
        "content-encoding",
        "transfer-encoding",
        "accept",
        "accept-encoding",
        "connection",
        "openai-beta",
        "x-stainless-retry-count",
        "x-stainless-read-timeout",
        "x-stainless-raw-response",
        "x-stainless-helper-method",
        "x-stainless-poll-helper",
        "x-stainless-custom-poll-interval",
        "x-stainless-stream-helper",
        "x-stainless-custom-event-handler",
        "idempotency-key",
    ]
)

LONGEST_LOOK = 1.0
"""Seconds between two looks at a run that another process executes."""


def api_request(claim: Claim, path: str, request: Any, client: Any, family: ModuleType) -> Request:
    """The api's form of an http request whose body has been read."""
    headers = {key.lower(): value for key, value in request.headers.items()}
    upstream = Upstream(
        url=claim.responses_url(),
        headers=(
            *((key, value) for key, value in request.headers.multi_items() if key.lower() not in _NOT_FORWARDED),
            ("content-type", "application/json"),
            ("accept", "text/event-stream"),
        ),
        client=client,
        family=family,
        timeout=request.extensions.get("timeout"),
        is_azure=claim.is_azure,
    )
    return Request(
        runtime=runtime_for(claim.settings),
        method=request.method,
        path=path,
        query=list(request.url.params.multi_items()),
        headers=headers,
        content=request.content,
        upstream=upstream,
    )


def reply_headers(request_id: str, began: float, more: Mapping[str, str]) -> dict[str, str]:
    """The headers that recorded replies have and programs read."""
    return {
        "content-type": "application/json",
        "x-request-id": request_id,
        "openai-version": "2020-10-01",
        "openai-processing-ms": str(int((time.perf_counter() - began) * 1000)),
        **more,
    }


def stream_headers(request_id: str, began: float) -> dict[str, str]:
    return reply_headers(request_id, began, {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"})


def reply_bytes(reply: Reply) -> bytes:
    return dumps(reply.body)


def read_timeout(request: Any) -> float | None:
    """How long the program is willing to wait for the next bytes, in seconds; None: for ever."""
    timeout = request.extensions.get("timeout") or {}
    seconds = timeout.get("read")
    return None if seconds is None else float(seconds)


def patience(request: Any, seconds: float) -> float:
    """How long an answer may be held back without the program giving up."""
    limit = read_timeout(request)
    return seconds if limit is None else min(seconds, limit * 0.8)
