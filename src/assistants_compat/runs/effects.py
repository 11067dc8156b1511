"""What work that does no network I/O asks of whoever drives it, and what it is told. See `drivers`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

FROM_HERE = "assistants_compat"
"""In the extensions of a request made here: the seam, through which it goes like any other of the client's, passes it on."""


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
    headers: Mapping[str, str] = field(default_factory=dict)


class Sink(Protocol):
    """Where the bytes of a `Fetch` go."""

    size: int
    """Bytes it has already: the rest is asked for."""

    validator: str | None
    """The ETag of the version they are of."""

    def restart(self) -> None: ...
    def write(self, chunk: bytes) -> None: ...


@dataclass(frozen=True)
class Fetch:
    """Write the body of `path` into `sink` as it comes; what the sink has already is not asked for again where the upstream can
    leave it out. Answered with `Called`, whose body is that of a refusal. `ConnectionLost` is thrown in where it breaks: the sink
    keeps what had come; and whatever the sink raises.
    """

    path: str
    sink: Sink
    seconds_left: float


@dataclass(frozen=True)
class Upload:
    """Send a file as a form. Answered with `Called`; `ConnectionLost` is thrown in where there is no answer."""

    path: str
    fields: Mapping[str, str]
    filename: str
    file: Path


@dataclass(frozen=True)
class InStore:
    """Do something in the store, which may be a network away. Answered with what `work` returns; thrown in is what it raises."""

    work: Callable[[], Any]


Asked = Sleep | Call | Fetch | Upload | InStore
"""What can be asked beside a model call, or without one."""

Effect = Asked | Open | Read


class ConnectionLost(Exception):
    """Thrown in by the driver: no connection, a time-out, or a body that ended too early."""


class ClientClosed(Exception):
    """Thrown in by the driver: the program has closed its http client. The run is left to whoever looks next."""
