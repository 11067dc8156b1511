"""Hearing of runs that other processes move: what wakes those who wait for them, and stops work that has become pointless.

Where the store cannot carry such words, or the connection is lost, everything goes on by looking: a held poll every second, the
keeper at every third of a lease.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from typing import TYPE_CHECKING

from assistants_compat.store.errors import STORE_FAILURES

if TYPE_CHECKING:
    from assistants_compat.runs.following import Follower
    from assistants_compat.runs.runtime import Runtime
    from assistants_compat.store.listening import Ear

logger = logging.getLogger("assistants_compat")

ATTENTION = 1.0
"""Seconds after which the listener asks itself whether there is still anything to listen for."""

PATIENCE = 60.0
"""Seconds that it goes on listening when there is nothing: connecting for each run anew would cost more than the run's transactions."""


class Watch:
    """Somebody who waits for a run that executes elsewhere."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self._moved = False

    def has_moved(self) -> bool:
        """Whether word has come of it."""
        return self._moved

    def tell(self) -> None:
        self._moved = True


class Elsewhere:
    """Listens in a thread of its own, with a connection of its own, while this process executes runs or waits for any."""

    def __init__(self, runtime: Runtime) -> None:
        # The runtime owns it; a strong reference back would keep both alive for ever.
        self._runtime = weakref.ref(runtime)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._watches: weakref.WeakSet[Watch] = weakref.WeakSet()
        self._followers: set[Follower] = set()
        self._stopping = threading.Event()
        self._wanted_until = 0.0
        self.connected = threading.Event()
        """Set while words can be heard."""

    def watch(self, run_id: str) -> Watch:
        """Have word of this run kept, for as long as what is returned is."""
        watch = Watch(run_id)
        with self._lock:
            self._watches.add(watch)
        self.listen()
        return watch

    def follow(self, follower: Follower) -> None:
        """Have a stream told what comes of its run in another process: as soon as that is heard of, else at the keeper's rounds."""
        with self._lock:
            self._followers.add(follower)
        self.listen()

    @property
    def follows(self) -> bool:
        """Whether there are streams to be told of runs in other processes."""
        return bool(self._followers)

    def look_at_followed(self, runtime: Runtime, run_ids: list[str] | None) -> None:
        """Tell the streams of these runs, where there is anything to tell; None: of all."""
        with self._lock:
            followers = [each for each in self._followers if run_ids is None or each.run_id in run_ids]
        for follower in followers:
            if follower.look(runtime):
                with self._lock:
                    self._followers.discard(follower)

    def let_go_followed(self) -> None:
        """End the streams that follow a run: nobody will tell them more."""
        with self._lock:
            followers, self._followers = self._followers, set()
        for follower in followers:
            follower.let_go()

    def listen(self) -> None:
        """Listen from now on, if the store can carry words, until there is nothing left to listen for."""
        runtime = self._runtime()
        if runtime is None or not runtime.database.hears:
            return
        with self._lock:
            self._wanted_until = time.monotonic() + PATIENCE
            if self._thread is None:
                self._stopping.clear()
                self._thread = threading.Thread(target=self._listen, name="assistants-compat-listener", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Listen no more: within a second the connection is closed."""
        self._stopping.set()

    def forget(self) -> None:
        """In a forked child there is no such thread."""
        self._lock = threading.Lock()
        self._thread = None
        self._watches = weakref.WeakSet()
        self._followers = set()
        self._stopping = threading.Event()

    def _listen(self) -> None:
        ear: Ear | None = None
        missed = False
        try:
            while self._is_wanted():
                runtime = self._runtime()
                if runtime is None:
                    return
                pause = runtime.settings.lease / 3
                try:
                    if ear is None:
                        ear = runtime.database.listen()
                        if ear is None:  # a database that cannot carry words, as it turns out
                            return
                        self.connected.set()
                        self._look_after(runtime, None)  # what was said before is not said again
                        if missed:
                            self._tell(runtime, None)
                    del runtime
                    heard = ear.runs(ATTENTION)
                    runtime = self._runtime()
                    if heard and runtime is not None:
                        self._look_after(runtime, heard)
                        self._tell(runtime, heard)
                except (ConnectionError, *STORE_FAILURES) as error:
                    missed = True
                    self.connected.clear()
                    if not self._stopping.is_set():
                        logger.warning("assistants-compat: no word from other processes; their runs are looked at for now: %s", error)
                    if ear is not None:
                        ear.close()
                        ear = None
                    self._stopping.wait(pause)
        finally:
            self.connected.clear()
            if ear is not None:
                ear.close()

    def _is_wanted(self) -> bool:
        with self._lock:
            runtime = self._runtime()
            if runtime is not None and (runtime.executions or self._watches or self._followers):
                self._wanted_until = time.monotonic() + PATIENCE
            wanted = runtime is not None and time.monotonic() < self._wanted_until and not self._stopping.is_set()
            if not wanted:
                self._thread = None
            return wanted

    def _look_after(self, runtime: Runtime, run_ids: list[str] | None) -> None:
        """Stop work on those of these runs that are over or somebody else's; None: any may be."""
        for execution in list(runtime.executions.values()):
            if run_ids is None or execution.run_id in run_ids:
                runtime.keeper.look_after(runtime, execution, runtime.clock())
        self.look_at_followed(runtime, run_ids)

    def _tell(self, runtime: Runtime, run_ids: list[str] | None) -> None:
        """Wake those who wait for these runs; None: for any."""
        with self._lock:
            watches = list(self._watches)
        for watch in watches:
            if run_ids is None or watch.run_id in run_ids:
                watch.tell()
        runtime.moved.give()
