"""How long requests wait: as the upstream asks, or longer with every failure; and that no more are to be sent."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 20.0


class Stopped(Exception):
    """Nothing will come of this or any other request: one sentence why."""


class Pace:
    """How long all requests hold back, when one of them is told to.

    Args:
        stop: set when no more is to be sent.
        told: is told why, and for how many seconds, where it takes longer than a moment.
    """

    def __init__(self, stop: threading.Event, told: Callable[[str, float], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._stop = stop
        self._told = told
        self._clock = clock
        self._until = 0.0
        self._lock = threading.Lock()

    def hold(self, seconds: float, why: str) -> None:
        """Let nobody send for so long."""
        with self._lock:
            until = self._clock() + seconds
            if until <= self._until:
                return
            self._until = until
        if seconds >= 1:
            self._told(why, seconds)

    def pause(self, seconds: float) -> None:
        """Wait, this thread alone.

        Raises:
            Stopped: meanwhile it was.
        """
        if self._stop.wait(seconds):
            raise Stopped("Interrupted.")

    def wait(self) -> None:
        """Wait until sending is allowed. Raises as `pause` does."""
        while (left := self._until - self._clock()) > 0:
            self.pause(left)
        if self._stop.is_set():
            raise Stopped("Interrupted.")


def pause_after(failures: int) -> float:
    """Seconds until the next try: more with every failure, and not the same for all."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (failures - 1)) * (0.75 + random.random() / 2)


def told_to_wait(headers: Any) -> float | None:
    """The seconds that an answer's headers ask for; None where they say nothing that can be read."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        return max(0.0, float(headers["retry-after"]))
    except KeyError:
        return None
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(headers["retry-after"]).timestamp() - time.time())
    except (KeyError, ValueError, TypeError):
        return None
