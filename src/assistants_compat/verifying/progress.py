"""How far the model has come with a run: it stops where the recording's next reply does not show more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from assistants_compat.verifying.words import Leg

PATIENCE = 30.0
"""Seconds that the replay waits for a run to get where it is let go."""

EVERYTHING = 1 << 30

_LOOK = 0.05
"""Seconds between two looks at a run whose model call does not come."""


class Stuck(Exception):
    """A run did not get where it should; the message says which and where."""


class Progress:
    """Of one run, thread by thread safe: the replay lets go, the model's server waits and goes on.

    A place is the number of a leg and a unit of it: 2k + 1 when the k-th item has begun, 2k + 2 when it is done. Unit 0 is the
    request itself.
    """

    def __init__(self, run_id: str, legs: Sequence[Leg]) -> None:
        self.run_id = run_id
        self.legs = legs
        self.begun = 0
        """How many model calls there have been."""
        self.thread_id = ""
        """Our id of its thread, once there has been one."""
        self._released = (0, -1)
        self._waits = False
        self._over = False
        self._condition = threading.Condition()

    def leg(self, number: int) -> Leg:
        """The leg of a model call; calls that no recording tells of say so."""
        return self.legs[number] if number < len(self.legs) else Leg()

    # -- the model's side

    def begin(self, thread_id: str) -> int:
        """A model call comes: its leg's number."""
        with self._condition:
            self.begun += 1
            self.thread_id = thread_id
            return self.begun - 1

    def reach(self, leg: int, unit: int) -> None:
        """Wait until the replay lets the model come to that unit."""
        with self._condition:
            while (leg, unit) > self._released and not self._over:
                self._waits = True
                self._condition.notify_all()
                self._condition.wait()
            self._waits = False

    # -- the replay's side

    def release(self, leg: int, unit: int = EVERYTHING) -> None:
        """Let the model come as far as that."""
        with self._condition:
            self._released = max(self._released, (leg, unit))
            self._waits = False
            self._condition.notify_all()

    def end(self) -> None:
        """Nothing waits any more."""
        with self._condition:
            self._over = True
            self._condition.notify_all()

    def wait_at_rest(self, has_ended: Callable[[], bool]) -> None:
        """Until the model waits to be let go, or the run has ended without it.

        Raises:
            Stuck: neither comes.
        """
        patience = PATIENCE
        while patience > 0:
            with self._condition:
                if self._condition.wait_for(lambda: self._waits or self._over, _LOOK):
                    return
            if has_ended():
                return
            patience -= _LOOK
        raise Stuck(f"run {self.run_id}: no model call came within {PATIENCE:.0f} s")
