"""Requests that fail when a test wants them to: scripted by method and path, used up one by one."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from assistants_compat.testing.answers import HttpError, Unreachable
from assistants_compat.testing.gate import Gate
from assistants_compat.testing.replies import Drop, Hold, Send, Step, UpstreamReply


@dataclass(frozen=True)
class BrokenDownload:
    """The reply's body ends after that many bytes, in the middle of the connection."""

    after_bytes: int = 0


Fault = HttpError | Unreachable | BrokenDownload | Gate
"""A Gate lets the reply through unharmed, once it is open."""


class Faults:
    """`add("GET /files/*/content", HttpError(500, "…"), BrokenDownload(10))`: the next two downloads fail. `*` is one step of a path."""

    def __init__(self) -> None:
        self._scripts: list[tuple[re.Pattern[str], deque[Fault]]] = []

    def add(self, requests: str, *faults: Fault) -> None:
        pattern = "".join("[^/]+" if piece == "*" else re.escape(piece) for piece in re.split(r"(\*)", requests))
        self._scripts.append((re.compile(pattern), deque(faults)))

    def take(self, method: str, route: str) -> Fault | None:
        for pattern, faults in self._scripts:
            if faults and pattern.fullmatch(f"{method} {route}"):
                return faults.popleft()
        return None

    @property
    def unused(self) -> int:
        return sum(len(faults) for _, faults in self._scripts)


def damaged(reply: UpstreamReply, fault: BrokenDownload | Gate) -> UpstreamReply:
    if isinstance(fault, Gate):
        return replace(reply, before=(*reply.before, Hold(fault)))
    return replace(reply, body=_cut(reply.body, fault.after_bytes), events=None, json=None)


def _cut(body: Iterable[Step], left: int) -> Iterator[Step]:
    for step in body:
        if isinstance(step, Send):
            step = Send(step.data[:left])
            left -= len(step.data)
        yield step
        if not left:
            break
    yield Drop()
