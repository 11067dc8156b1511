"""No network: while it is blocked, whatever would open a connection elsewhere than on this machine is told off, and remembered."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

_HERE = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "", "0.0.0.0", "::"})


class NetworkBlocked(OSError):
    """A connection that was not made."""


@contextmanager
def blocked(why: str, *, loopback: bool = True, hosts: Iterable[str] = ()) -> Iterator[list[str]]:
    """Until the end of the context, for the whole process. The value: what was tried.

    Sockets of other kinds than the internet's are left alone, and so is what is connected already.

    Args:
        why: the reason, for the message: "while …".
        loopback: whether connections to the loopback interface are made.
        hosts: names and addresses to which they are made as well.
    """
    tried: list[str] = []
    allowed = set(hosts)
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def is_open(host: Any) -> bool:
        name = host.decode() if isinstance(host, (bytes, bytearray)) else str(host or "")
        return name in allowed or (loopback and _is_here(name))

    def refuse(what: str) -> Any:
        tried.append(what)
        raise NetworkBlocked(f"The network is blocked {why}: something tried to {what}.")

    def checked(original: Any) -> Any:
        def connecting(self: socket.socket, address: Any, *more: Any) -> Any:
            internet = self.family in (socket.AF_INET, socket.AF_INET6)
            return original(self, address, *more) if not internet or is_open(address[0]) else refuse(f"connect to {address}")

        return connecting

    def looking_up(host: Any, port: Any = None, *more: Any, **named: Any) -> Any:
        if not is_open(host):
            return refuse(f"look up {host}")
        found = look_up(host, port, *more, **named)
        allowed.update(str(entry[4][0]) for entry in found)
        return found

    with (
        mock.patch.object(socket.socket, "connect", checked(connect)),
        mock.patch.object(socket.socket, "connect_ex", checked(connect_ex)),
        mock.patch.object(socket, "getaddrinfo", looking_up),
    ):
        yield tried


def is_loopback(host: str | None) -> bool:
    """Whether a name or an address is of the loopback interface."""
    return host is not None and host != "" and _is_here(host)


def _is_here(host: str) -> bool:
    if host in _HERE or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
