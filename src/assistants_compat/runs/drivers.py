"""The two drivers: they do the network I/O that an `Execution` asks for, with the program's own http client, and nothing else."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

import anyio
import sniffio
from anyio.lowlevel import checkpoint

from assistants_compat.runs import asking
from assistants_compat.runs.asking import read_already
from assistants_compat.runs.effects import Asked, ClientClosed, ConnectionLost, Effect, Open, Opened, Read, Sleep
from assistants_compat.runs.execution import Execution
from assistants_compat.runs.runtime import Runtime
from assistants_compat.runs.upstream import Upstream, without_secrets

T = TypeVar("T")
Errand = Generator[Asked, Any, T]

logger = logging.getLogger("assistants_compat")


# -- sync


def start_in_thread(execution: Execution) -> None:
    """Execute in the background; a program that ends meanwhile leaves the run to the next process that looks."""
    context = copy_context()
    thread = threading.Thread(target=context.run, args=(drive, execution), name=f"assistants-compat-{execution.run_id}", daemon=True)
    thread.start()


def drive(execution: Execution) -> None:
    """Execute, blocking."""
    upstream, work = execution.upstream, execution.work()
    response: Any = None
    chunks: Iterator[bytes] = iter(())
    fetched: list[Any] = []  # the response of the latest `Fetch`

    def hang_up() -> None:
        # Wakes this thread from a read that may last for minutes. Closing from another thread would not.
        for each in (response, *fetched):
            stream = None if each is None else each.extensions.get("network_stream")
            sock = None if stream is None else stream.get_extra_info("socket")
            if sock is not None:
                with suppress(OSError, ValueError):  # closed already
                    sock.shutdown(socket.SHUT_RDWR)

    def perform(effect: Effect) -> Any:
        nonlocal response, chunks
        if isinstance(effect, Open):
            if response is not None:
                response.close()
            try:
                with upstream.request(effect) as request:
                    response = upstream.client.send(request, stream=True)
            except upstream.family.HTTPStatusError as error:
                chunks = iter(read_already(error.response))
                return Opened(error.response.status_code, error.response.headers)
            chunks = response.iter_bytes()
            return Opened(response.status_code, response.headers)
        if isinstance(effect, Read):
            if execution.channel is not None:
                execution.channel.give_turn()
            return next(chunks, b"")
        if isinstance(effect, Sleep):
            execution.interrupted.wait(effect.seconds)
            return None
        return asking.perform(upstream, effect, fetched)

    execution.on_interrupt = hang_up
    try:
        effect = next(work)
        while not execution.interrupted.is_set():
            try:
                result = perform(effect)
            except Exception as error:  # noqa: BLE001 - the run fails with it, whatever it is: a hook's, a proxy's, a recorder's
                effect = work.throw(_as_the_work_knows_it(upstream, error))
            else:
                effect = work.send(result)
    except (StopIteration, ClientClosed):
        return
    finally:
        execution.on_interrupt = None
        work.close()
        if response is not None:
            try:
                response.close()
            except Exception:  # the connection may be in any state, and nothing is left to be had from it
                logger.debug("run %s: closing the connection failed", execution.run_id, exc_info=True)


def run_errand(errand: Errand[T], upstream: Upstream) -> T:
    """Do what a request needs of the upstream before it can be answered, and return what came of it."""
    try:
        effect = next(errand)
        while True:
            try:
                result = asking.perform(upstream, effect)
            except Exception as error:  # noqa: BLE001 - the errand knows what to answer
                effect = errand.throw(_as_the_work_knows_it(upstream, error))
            else:
                effect = errand.send(result)
    except StopIteration as done:
        value: T = done.value
        return value


# -- async


async def run_errand_async(errand: Errand[T], upstream: Upstream, runtime: Runtime) -> T:
    """The same for a task."""
    done, value = await runtime.in_thread(partial(_step, partial(next, errand)))
    while not done:
        try:
            result = await asking.perform_async(upstream, value, runtime)
        except Exception as error:  # noqa: BLE001 - as above
            step = partial(errand.throw, _as_the_work_knows_it(upstream, error))
        else:
            step = partial(errand.send, result)
        done, value = await runtime.in_thread(partial(_step, step))
    answer: T = value
    return answer


def _step(advance: Callable[[], Any]) -> tuple[bool, Any]:
    """Whether the errand is done, and what it returned or else asks for. A StopIteration would not come through a thread."""
    try:
        return False, advance()
    except StopIteration as done:
        return True, done.value


_tasks: set[Any] = set()  # asyncio keeps only weak references to its tasks


def start_in_task(execution: Execution) -> None:
    """Execute in a task of the running loop, asyncio's or trio's, that nobody waits for."""
    if sniffio.current_async_library() == "trio":
        import trio

        trio.lowlevel.spawn_system_task(drive_async, execution, context=copy_context())
        return
    import asyncio

    task = asyncio.get_running_loop().create_task(drive_async(execution))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def drive_async(execution: Execution) -> None:
    """Execute as a task."""
    upstream, work = execution.upstream, execution.work()
    response: Any = None
    chunks: Any = None

    async def hang_up() -> None:
        if response is not None:
            await chunks.aclose()  # trio complains of generators that are left to the garbage collector
            await response.aclose()

    async def perform(effect: Effect) -> Any:
        nonlocal response, chunks
        if isinstance(effect, Open):
            await hang_up()
            try:
                with upstream.request(effect) as request:
                    response = await upstream.client.send(request, stream=True)
            except upstream.family.HTTPStatusError as error:
                chunks = _each(read_already(error.response))
                return Opened(error.response.status_code, error.response.headers)
            chunks = response.aiter_bytes()
            return Opened(response.status_code, response.headers)
        if isinstance(effect, Read):
            if execution.channel is not None and execution.channel.is_readers_turn():
                await checkpoint()  # reading what has come already gives no other task a turn
            return await anext(chunks, b"")
        return await asking.perform_async(upstream, effect, execution.runtime)

    try:
        with anyio.CancelScope() as scope:
            _wake_from_any_thread(execution, scope)
            effect = next(work)
            while not execution.interrupted.is_set():
                try:
                    result = await perform(effect)
                except Exception as error:  # noqa: BLE001 - as above
                    effect = work.throw(_as_the_work_knows_it(upstream, error))
                else:
                    effect = work.send(result)
    except (StopIteration, ClientClosed):
        return
    finally:
        execution.on_interrupt = None
        work.close()
        with anyio.CancelScope(shield=True):
            try:
                await hang_up()
            except Exception:  # as above; and an error that left a task of trio's would end the program
                logger.debug("run %s: closing the connection failed", execution.run_id, exc_info=True)


def _wake_from_any_thread(execution: Execution, scope: anyio.CancelScope) -> None:
    """Have an interrupt, from wherever it comes, cancel `scope`, a scope of this task."""
    home = threading.get_ident()
    if sniffio.current_async_library() == "trio":
        import trio

        # The end of trio's run cancels this task, so it needs no looking after.
        elsewhere: Any = trio.lowlevel.current_trio_token().run_sync_soon
    else:
        import asyncio

        loop = asyncio.get_running_loop()
        elsewhere = loop.call_soon_threadsafe
        # A loop that has stopped may run again, but nobody can tell.
        execution.loop_has_stopped = lambda: not loop.is_running()

    def cancel() -> None:
        try:
            if threading.get_ident() == home:
                scope.cancel()
            else:
                elsewhere(scope.cancel)
        except RuntimeError:  # the loop is over
            return

    execution.on_interrupt = cancel


async def _each(chunks: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {without_secrets(str(error))}" if str(error) else type(error).__name__


def _as_the_work_knows_it(upstream: Upstream, error: Exception) -> Exception:
    lost = isinstance(error, upstream.family.HTTPError)
    if upstream.client.is_closed and (lost or isinstance(error, RuntimeError)):
        return ClientClosed()
    return ConnectionLost(_describe(error)) if lost else error
