"""No network: while it is blocked, whatever would open a connection is told off, and remembered."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock


class NetworkBlocked(OSError):
    """There is no network in a replay."""


@contextmanager
def blocked() -> Iterator[list[str]]:
    """Until the end of the context, for the whole process. The value: what was tried."""
    tried: list[str] = []

    def connect(_socket: socket.socket, address: Any, *_more: Any) -> Any:
        return refuse(f"connect to {address}")

    def look_up(host: Any, port: Any = None, *_more: Any, **_named: Any) -> Any:
        return refuse(f"look up {host}")

    def refuse(what: str) -> Any:
        tried.append(what)
        raise NetworkBlocked(f"The network is blocked while a cassette is replayed: something tried to {what}.")

    with (
        mock.patch.object(socket.socket, "connect", connect),
        mock.patch.object(socket.socket, "connect_ex", connect),
        mock.patch.object(socket, "getaddrinfo", look_up),
    ):
        yield tried
