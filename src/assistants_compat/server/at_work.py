"""The runs that this server executes: a task of its event loop each, until they are done or the server stops."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from assistants_compat.runs.drivers import drive_async
from assistants_compat.runs.execution import Execution
from assistants_compat.server.limits import RunLimits
from assistants_compat.server.logs import run_id_of

logger = logging.getLogger("assistants_compat.server")

Drive = Callable[[Execution], Awaitable[None]]

_LAST_MOMENTS = 5.0
"""Seconds in which work that was told to stop has stopped."""


class AtWork:
    """Args:
    ended: told of each leg that has ended, and the seconds it took.
    drive: executes a leg. For a store over a network it may do so in threads.
    """

    def __init__(self, limits: RunLimits, ended: Callable[[Execution, float], None], drive: Drive = drive_async) -> None:
        self._limits = limits
        self._ended = ended
        self._drive = drive
        self._tasks: dict[asyncio.Task[None], Execution] = {}
        self._hurry = asyncio.Event()
        self.closing = False
        """Whether the server is being stopped: no new run is begun."""
        self.closed = False
        """Whether runs that come up now are left to other processes."""

    def start(self, execution: Execution, tenant: str) -> None:
        """Execute in a task that nobody waits for."""
        if self.closed:
            execution.release()
            return
        task = asyncio.get_running_loop().create_task(self._work(execution, tenant))
        self._tasks[task] = execution
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        execution = self._tasks.pop(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("run %s: its execution broke off", execution.run_id, exc_info=error)

    async def _work(self, execution: Execution, tenant: str) -> None:
        run_id_of.set(execution.run_id)
        began = time.perf_counter()
        with self._limits.counted(tenant):
            await self._drive(execution)
        seconds = time.perf_counter() - began
        await execution.runtime.in_thread(lambda: self._ended(execution, seconds))

    async def stop(self, seconds: float) -> None:
        """Begin nothing more, give runs this long to finish, and leave the others to the next process that looks."""
        if self._tasks and not self._hurry.is_set() and not self.closing:
            logger.info("stopping: %d runs have %g seconds to finish", len(self._tasks), seconds)
        self.closing = True
        until = time.monotonic() + seconds
        while self._tasks and not self._hurry.is_set() and (left := until - time.monotonic()) > 0:
            await asyncio.wait(self._tasks, timeout=min(left, 0.1))
        self.closed = True
        for execution in self._tasks.values():
            logger.warning("run %s is left to the next process that looks", execution.run_id)
            execution.release()
            execution.interrupt()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LAST_MOMENTS)

    def hurry(self) -> None:
        """Do not wait for runs any longer."""
        self._hurry.set()
