"""All that is done to it, by the names by which it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torture import bad_upstream, disk, killed, malformed, together
from torture.plan import Plan
from torture.result import Result

FAULTS: dict[str, tuple[str, Callable[[Plan], Iterator[Result]]]] = {
    "killed": ("Processes killed at every step of a run's life", killed.measure),
    "together": ("Many processes at once", together.measure),
    "upstream": ("A bad upstream", bad_upstream.measure),
    "disk": ("No room, and no right to write", disk.measure),
    "malformed": ("Malformed requests", malformed.measure),
}
"""Title, and what tries it."""
