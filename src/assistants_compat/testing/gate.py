"""A gate: the upstream stops before a chosen event until the test opens it, so that no test has to sleep."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import anyio
import sniffio

Waker = Callable[[], None]


class Flag:
    """A flag raised once, from any thread, and awaited from threads and from event loops alike."""

    def __init__(self) -> None:
        self._raised = threading.Event()
        self._lock = threading.Lock()
        self._wakers: list[Waker] = []

    def is_raised(self) -> bool:
        return self._raised.is_set()

    def raise_(self) -> None:
        with self._lock:
            self._raised.set()
            wakers, self._wakers = self._wakers, []
        for wake in wakers:
            wake()

    def wait(self, timeout: float) -> bool:
        return self._raised.wait(timeout)

    async def wait_async(self, timeout: float) -> bool:
        """Wait without a thread and without polling: whoever raises the flag wakes this loop."""
        event = anyio.Event()
        wake = _waker(event)
        with self._lock:
            if self._raised.is_set():
                return True
            self._wakers.append(wake)
        try:
            with anyio.move_on_after(timeout):
                await event.wait()
            return self._raised.is_set()
        finally:
            with self._lock:
                if wake in self._wakers:
                    self._wakers.remove(wake)


def _waker(event: anyio.Event) -> Waker:
    """What sets `event` in the running loop, callable from any thread."""
    if sniffio.current_async_library() == "trio":
        import trio

        token = trio.lowlevel.current_trio_token()
        return lambda: token.run_sync_soon(event.set)
    loop = asyncio.get_running_loop()

    def wake() -> None:
        loop.call_soon_threadsafe(event.set)

    return wake


class Gate:
    """Holds a reply just before one event until `open()`.

    `at_event` names the event (its first occurrence counts), numbers it (0 is `response.created`), or is "request":
    then the reply's status line and headers wait too. A request that does not stream is always held as a whole.
    A gate nobody opens within `patience` seconds fails the request, so that a broken test does not hang.
    """

    def __init__(self, at_event: str | int = "response.output_text.delta", *, patience: float = 60.0) -> None:
        self.at_event = at_event
        self.patience = patience
        self._reached = Flag()
        self._opened = Flag()

    @property
    def reached(self) -> bool:
        return self._reached.is_raised()

    def open(self) -> None:
        self._opened.raise_()

    def wait_reached(self, timeout: float = 10.0) -> None:
        """Block this thread until the upstream stands before the gate; TimeoutError when it does not come."""
        if not self._reached.wait(timeout):
            raise TimeoutError(f"the upstream did not reach the gate at {self.at_event!r} within {timeout} s")

    async def wait_reached_async(self, timeout: float = 10.0) -> None:
        """The same for a test whose event loop also runs the client."""
        if not await self._reached.wait_async(timeout):
            raise TimeoutError(f"the upstream did not reach the gate at {self.at_event!r} within {timeout} s")

    def pass_through(self) -> None:
        """The upstream's side, in a thread."""
        self._reached.raise_()
        if not self._opened.wait(self.patience):
            raise TimeoutError(f"nobody opened the gate at {self.at_event!r} within {self.patience} s")

    async def pass_through_async(self) -> None:
        """The upstream's side, in an event loop."""
        self._reached.raise_()
        if not await self._opened.wait_async(self.patience):
            raise TimeoutError(f"nobody opened the gate at {self.at_event!r} within {self.patience} s")
