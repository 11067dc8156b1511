"""What work that does no network I/O asks of whoever drives it, and what it is told. See `drivers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Open:
    """Send the request. Answered with `Opened`; `ConnectionLost` is thrown in where there is no answer."""

    body: bytes
    seconds_left: float


@dataclass(frozen=True)
class Opened:
    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Read:
    """Answered with the next bytes, empty at the end; `ConnectionLost` is thrown in where it breaks."""


@dataclass(frozen=True)
class Sleep:
    seconds: float


@dataclass(frozen=True)
class Call:
    """A request of the upstream's other resources. Answered with `Called`; `ConnectionLost` is thrown in where there is no answer.

    Args:
        path: below the base URL, with a slash.
    """

    method: str
    path: str
    body: Any = None


@dataclass(frozen=True)
class Called:
    status: int
    body: Any
    """The JSON of the reply; None where it is none."""


Effect = Open | Read | Sleep | Call


class ConnectionLost(Exception):
    """Thrown in by the driver: no connection, a time-out, or a body that ended too early."""


class ClientClosed(Exception):
    """Thrown in by the driver: the program has closed its http client. The run is left to whoever looks next."""
