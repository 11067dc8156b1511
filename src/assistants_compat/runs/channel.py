"""Waiting within a process, from threads, asyncio and trio alike: a signal that things moved, and the channel that carries a
run's events from whoever executes it to whoever reads its stream.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import anyio
import sniffio

from assistants_compat.wire import DONE


class Signal:
    """Wakes everyone who waits, as often as it is given. Waiters say what they wait for; nobody misses a change made
    before `give` was called."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._wakers: list[Callable[[], None]] = []

    def give(self) -> None:
        with self._condition:
            self._condition.notify_all()
            wakers, self._wakers = self._wakers, []
        for wake in wakers:
            wake()

    def wait(self, ready: Callable[[], bool], timeout: float | None) -> bool:
        """Block until `ready()`, at most `timeout` seconds. Says whether it is."""
        with self._condition:
            return self._condition.wait_for(ready, timeout)

    async def wait_async(self, ready: Callable[[], bool], timeout: float | None) -> bool:
        """The same for a task."""
        with anyio.move_on_after(timeout):
            while True:
                wake, woken = _waker()
                with self._condition:
                    if ready():
                        return True
                    self._wakers.append(wake)
                try:
                    await woken.wait()
                finally:
                    with self._condition:
                        if wake in self._wakers:
                            self._wakers.remove(wake)
        return ready()


def _waker() -> tuple[Callable[[], None], anyio.Event]:
    """An event of this task's loop, and a way to set it from any thread."""
    woken, home = anyio.Event(), threading.get_ident()
    if sniffio.current_async_library() == "trio":
        import trio

        token = trio.lowlevel.current_trio_token()

        def elsewhere() -> None:
            token.run_sync_soon(woken.set)
    else:
        import asyncio

        loop = asyncio.get_running_loop()

        def elsewhere() -> None:
            loop.call_soon_threadsafe(woken.set)

    def wake() -> None:
        try:
            if threading.get_ident() == home:
                woken.set()
            else:
                elsewhere()
        except RuntimeError:  # asyncio's loop or trio's run is over, and the waiter with it
            return

    return wake, woken


TURN = 0.0005
"""Seconds of work on a run before its reader is given a turn, and the longest that is waited for it."""


class Channel:
    """The events of one leg of a run, from its start to `[DONE]`. Read once, by one reader, at its own pace."""

    def __init__(self) -> None:
        self._signal = Signal()
        self._lock = threading.Lock()  # of the three below: whoever writes, whoever ends the run and the reader are different threads
        self._waiting: list[bytes] = []
        self._ended = False
        self._unread = 0
        self._turn_given = 0.0
        self.deserted = False
        """Whether its reader has gone away: then nothing is kept for it, and the run goes on."""
        self.most_unread: int | None = None
        """Bytes that are kept for a reader who does not come for them."""
        self.overflowed = False
        """Whether there were more: then nothing is kept for it either."""

    def send(self, events: list[bytes]) -> None:
        with self._lock:
            if not events or self.deserted or self.overflowed or self._ended:
                return
            self._keep(events)
        self._signal.give()

    def end(self, events: list[bytes]) -> None:
        """Send the last events and `[DONE]`. A second end is ignored."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
            if not self.deserted and not self.overflowed:
                self._keep([*events, DONE])
        self._signal.give()

    def _keep(self, events: list[bytes]) -> None:
        self._waiting += events
        if self.most_unread is not None:
            self._unread += sum(map(len, events))
            if self._unread > self.most_unread:
                self.overflowed, self._waiting = True, []

    def is_readers_turn(self) -> bool:
        """Whether there is something to read and the reader may not have got to it for a while."""
        if not self._waiting or time.monotonic() - self._turn_given < TURN:
            return False
        self._turn_given = time.monotonic()
        return True

    def give_turn(self) -> None:
        """Wait a moment for a reader in another thread. One that never waits keeps the interpreter to itself for 5 ms at a time,
        so that where the model is faster than the program, the first words would come last."""
        if self.is_readers_turn():
            self._signal.wait(lambda: not self._waiting, TURN)
            self._turn_given = time.monotonic()

    def desert(self) -> None:
        with self._lock:
            self.deserted = True
            self._waiting = []

    def read(self, timeout: float | None) -> Iterator[bytes]:
        """Everything sent, several events at a time where the reader is the slower one.

        Raises:
            TimeoutError: after `timeout` seconds without an event.
        """
        while True:
            if not self._signal.wait(self._has_news, timeout):
                raise TimeoutError
            chunk = self._next()
            if not chunk:
                return
            yield chunk

    async def read_next(self, timeout: float | None) -> bytes:
        """The next part of it for a task, empty after the last.

        Not an async generator: a reader may stop in the middle, and then nobody would close it.

        Raises:
            TimeoutError: after `timeout` seconds without an event.
        """
        if not self._has_news() and not await self._signal.wait_async(self._has_news, timeout):
            raise TimeoutError
        return self._next()

    def _has_news(self) -> bool:
        return bool(self._waiting) or self._ended or self.overflowed

    def _next(self) -> bytes:
        with self._lock:
            chunks, self._waiting, self._unread = self._waiting, [], 0
        self._signal.give()
        return b"".join(chunks)
