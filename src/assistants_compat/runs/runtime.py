"""What one process needs to answer requests: its store, its settings, and the runs it is working on."""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import anyio.to_thread

from assistants_compat.runs.channel import Signal
from assistants_compat.runs.profiles import Profiles
from assistants_compat.settings import Settings
from assistants_compat.store.blobs import Blobs
from assistants_compat.store.database import Database

if TYPE_CHECKING:
    from assistants_compat.runs.execution import Execution


T = TypeVar("T")
logger = logging.getLogger("assistants_compat")


LAST_WORDS = 2.0
"""Seconds that a program which ends leaves to requests that delete what the upstream has stored of its runs."""


class Runtime:
    """One per store and settings in a process; made on the first use of a client, shared by all that name the same."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        from assistants_compat.runs.elsewhere import Elsewhere
        from assistants_compat.runs.keeper import Keeper

        self.settings = settings
        self.clock = clock
        self.database = Database(os.fspath(settings.store), settings)
        self.blobs = Blobs(self._blob_folder)
        """The files that the code interpreter made."""
        self.moved = Signal()
        """Given whenever a run of this process changes its state."""
        self.executions: dict[str, Execution] = {}
        """The runs this process is executing right now."""
        self.parting: set[Execution] = set()
        """Those whose leg is done, but for what is left to be done upstream."""
        self.profiles = Profiles(settings.upstream)
        self._warned: set[str] = set()
        self.keeper = Keeper(self)
        self.elsewhere = Elsewhere(self)
        _ALL.add(self)

    def now(self) -> int:
        """The second it is, as `created_at` and its like have it."""
        return int(self.clock())

    def _blob_folder(self) -> Path | None:
        files = os.fspath(self.settings.files)
        return Path(files).expanduser().absolute() if files else self.database.folder_beside()

    def warn_once(self, name: str, text: str) -> None:
        """Say `text` the first time `name` comes up. Logged, not raised: a run must not fail of a warnings filter."""
        if name not in self._warned:
            self._warned.add(name)
            logger.warning("assistants-compat: %s", text)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do, for a task, what may wait for the store: in a thread where that is on a server, so that the event loop goes on.

        Not where it is in a file: SQLite's transactions are shorter than a hop to a thread and back.
        """
        return await anyio.to_thread.run_sync(work) if self.database.is_remote else work()

    def stop(self, run_id: str, events: list[bytes]) -> None:
        """Stop this process's work on a run that was just ended, and tell its stream, which is told before the work can notice."""
        execution = self.executions.pop(run_id, None)
        if execution is not None:
            if execution.channel is not None:
                execution.channel.end(events)
            execution.interrupt()
        self.moved.give()

    def leave_to_others(self) -> None:
        """At exit: let the next process that looks take over at once what this one had not finished."""
        for execution in list(self.executions.values()):
            execution.release()
        self.elsewhere.let_go_followed()
        self.moved.wait(lambda: all(execution.is_stranded for execution in list(self.parting)), LAST_WORDS)

    def close(self) -> None:
        """Close what is open of the store. The next use opens it again."""
        self.elsewhere.stop()
        self.elsewhere.let_go_followed()
        self.database.close()

    def abandon(self, patience: float) -> bool:
        """For tests, at their end: drop what goes on here, and close. Runs stay as they are in the store.

        Returns:
            Whether all work has stopped within `patience` seconds.
        """
        self.elsewhere.let_go_followed()
        self.keeper.dismiss_all()
        for execution in list(self.executions.values()):
            execution.interrupt()
        stopped = self.wait_until_idle(patience)
        self.close()
        with _SHARED_LOCK:
            if _SHARED.get(self.settings.key) is self:
                del _SHARED[self.settings.key]
        return stopped

    def wait_until_idle(self, patience: float) -> bool:
        """Whether within `patience` seconds no run of this process is worked on any more, but for what has nothing left to work with."""
        return self.moved.wait(lambda: all(each.is_stranded for each in [*self.executions.values(), *self.parting]), patience)

    def forget_parent(self) -> None:
        """In a forked child: its parent's runs, connections and locks are its parent's."""
        self.database.after_fork(in_child=True)
        self.executions = {}
        self.parting = set()
        self.moved = Signal()
        self.keeper.forget()
        self.elsewhere.forget()


def new_owner() -> str:
    """A name for the lease of one execution; the process's number in it is for people who look into the store."""
    return f"{os.getpid()}-{secrets.token_hex(8)}"


_ALL: weakref.WeakSet[Runtime] = weakref.WeakSet()
_SHARED: dict[str, Runtime] = {}
_SHARED_LOCK = threading.Lock()


def runtimes_on(store: str) -> list[Runtime]:
    """The runtimes of this process on a store, as the setting of that name has it."""
    return [runtime for runtime in list(_ALL) if runtime.settings.store == store]


_instead: Callable[[Settings], Settings] | None = None


@contextmanager
def other_settings(instead: Callable[[Settings], Settings]) -> Iterator[None]:
    """Until the end of the context, whoever asks for a runtime gets the one of what `instead` makes of his settings.

    So a test can have a store of its own, whatever the client names that it uses, and whenever that was made.
    """
    global _instead
    before, _instead = _instead, instead
    try:
        yield
    finally:
        _instead = before


def runtime_for(settings: Settings) -> Runtime:
    """The process's runtime for these settings. `:memory:` names a store too: one that all its users in the process share."""
    if _instead is not None:
        settings = _instead(settings)
    with _SHARED_LOCK:
        if settings.key not in _SHARED:
            _SHARED[settings.key] = Runtime(settings)
        return _SHARED[settings.key]


_forking: list[Runtime] = []  # kept from before the fork until after it


def _before_fork() -> None:
    _SHARED_LOCK.acquire()
    _forking[:] = _ALL
    for runtime in _forking:
        runtime.database.before_fork()


def _after_fork_in_parent() -> None:
    for runtime in _forking:
        runtime.database.after_fork(in_child=False)
    _forking.clear()
    _SHARED_LOCK.release()


def _after_fork_in_child() -> None:
    global _SHARED_LOCK
    for runtime in _forking:
        runtime.forget_parent()
    _forking.clear()
    _SHARED_LOCK = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
