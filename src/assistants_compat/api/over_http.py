"""What both doors do alike around the api: an answer in HTTP's form, and what of a request goes on to the model calls made for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import BinaryIO
from urllib.parse import quote

from assistants_compat.api.exchange import Blob, Reply, Streamed
from assistants_compat.runs.channel import Channel
from assistants_compat.wire import dumps

Pairs = Iterable[tuple[str, str]]

LONGEST_LOOK = 1.0
"""Seconds between two looks at a run that another process executes."""

# Of the headers of the program's request, what has nothing to do with the model call made in its name.
_NOT_FORWARDED = frozenset(
    """
    host content-length content-type content-encoding transfer-encoding accept accept-encoding connection idempotency-key
    openai-beta x-stainless-retry-count x-stainless-read-timeout x-stainless-raw-response x-stainless-helper-method
    x-stainless-poll-helper x-stainless-custom-poll-interval x-stainless-stream-helper x-stainless-custom-event-handler
    """.split()  # noqa: SIM905 - a list of words reads best as one
)

# Query parameters of the Assistants API, and Azure's version of it; whatever else there is, a gateway wants on every call.
_OWN_QUERY = frozenset({"limit", "order", "after", "before", "run_id", "include", "include[]", "purpose", "api-version"})


def forwarded_headers(headers: Pairs) -> tuple[tuple[str, str], ...]:
    """The headers of a model call, from those of the request that it is made for, with names in lower case."""
    kept = [(name, value) for name, value in headers if name not in _NOT_FORWARDED]
    return (*kept, ("content-type", "application/json"), ("accept", "text/event-stream"))


def forwarded_query(query: Pairs) -> list[tuple[str, str]]:
    """The query of a model call, likewise."""
    return [(name, value) for name, value in query if name not in _OWN_QUERY]


def in_form(answer: Reply | Streamed | Blob, request_id: str, began: float) -> tuple[int, dict[str, str], bytes | Channel | BinaryIO]:
    """Status, headers and body, with the headers that recorded replies have and programs read.

    Args:
        began: the `time.perf_counter()` at which the request came.
    """
    headers = {
        "content-type": "application/json",
        "x-request-id": request_id,
        "openai-version": "2020-10-01",
        "openai-processing-ms": str(int((time.perf_counter() - began) * 1000)),
    }
    if isinstance(answer, Streamed):
        return 200, {**headers, "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}, answer.channel
    if isinstance(answer, Blob):
        return 200, {**headers, **_download_headers(answer)}, answer.file
    content = dumps(answer.body)
    return answer.status, {**headers, "content-length": str(len(content)), **answer.headers}, content


def _download_headers(blob: Blob) -> dict[str, str]:
    """As /files/{id}/content had them: octets (recorded), whatever the file is."""
    name = "".join(c if c.isprintable() and c not in '"\\' else "_" for c in blob.filename.encode("ascii", "replace").decode())
    named = f'attachment; filename="{name}"'
    if name != blob.filename:
        named += f"; filename*=UTF-8''{quote(blob.filename, safe='')}"
    return {"content-type": "application/octet-stream", "content-disposition": named, "content-length": str(blob.size)}


class Hold:
    """How long something may still be waited for, a look at a time.

    Args:
        ready: asked whenever something has moved.
        look: asked after each wait, where it is the store that has to be asked.
    """

    def __init__(self, ready: Callable[[], bool], seconds: float, look: Callable[[], bool] = bool) -> None:
        self.ready = ready
        self.look = look
        self._until = time.monotonic() + seconds

    def next_look(self) -> float | None:
        """Seconds to wait before looking again; None when patience is at its end."""
        left = self._until - time.monotonic()
        return min(LONGEST_LOOK, left) if left > 0 else None
