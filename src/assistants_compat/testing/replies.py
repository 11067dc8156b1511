"""A reply as steps to perform: what a transport or a server sends, and where it waits, stops or drops the connection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assistants_compat.testing.answers import HttpError
from assistants_compat.testing.gate import Flag, Gate

PATIENCE = 600.0
"""Seconds for which a stream waits for its response's next event."""


@dataclass(frozen=True)
class Send:
    data: bytes


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Hold:
    gate: Gate


@dataclass(frozen=True)
class Until:
    """Nothing is sent until the flag is raised."""

    flag: Flag


@dataclass(frozen=True)
class Do:
    """Something happens on the upstream's side: what comes after it finds it done."""

    action: Callable[[], None]


@dataclass(frozen=True)
class Drop:
    """The connection ends without the end of the body, or, before the headers, is not made at all."""


Step = Send | Pause | Hold | Until | Do | Drop


@dataclass(frozen=True)
class UpstreamReply:
    """`before` happens before the status line and the headers, `body` after them, each of its steps before the next one is known.
    `events` are those of a stream. `close` is called once nobody performs the reply any more, at its end or before."""

    status: int
    headers: Mapping[str, str]
    body: Iterable[Step] = ()
    before: tuple[Step, ...] = ()
    events: tuple[Mapping[str, Any], ...] | None = None
    json: Any = None
    close: Callable[[], None] = lambda: None


def json_reply(status: int, value: Any, headers: Mapping[str, str], *, before: tuple[Step, ...] = ()) -> UpstreamReply:
    data = json.dumps(value, indent=2, ensure_ascii=False).encode()
    all_headers = {"content-type": "application/json", **headers, "content-length": str(len(data))}
    return UpstreamReply(status, all_headers, (Send(data),), before, json=value)


def error_body(error: HttpError, *, detail: bool = False) -> dict[str, Any]:
    """Errors of /files say what they say a second time, under `detail`."""
    body: dict[str, Any] = {"error": {"message": error.message, "type": error.type, "param": error.param, "code": error.code}}
    return {**body, "detail": {"message": error.message, "code": error.code}} if detail else body


def error_reply(error: HttpError, request_id: str, *, before: tuple[Step, ...] = (), detail: bool = False) -> UpstreamReply:
    return json_reply(error.status, error_body(error, detail=detail), {**usual_headers(request_id), **error.headers}, before=before)


def usual_headers(request_id: str) -> dict[str, str]:
    """What every reply carries, with limits that never come near."""
    return {
        "openai-version": "2020-10-01",
        "openai-processing-ms": "12",
        "x-request-id": request_id,
        "x-ratelimit-limit-requests": "30000",
        "x-ratelimit-limit-tokens": "150000000",
        "x-ratelimit-remaining-requests": "29999",
        "x-ratelimit-remaining-tokens": "149999900",
        "x-ratelimit-reset-requests": "2ms",
        "x-ratelimit-reset-tokens": "0s",
    }
