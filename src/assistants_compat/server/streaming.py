"""Bodies that are sent as they come: a run's events, a file, what the upstream answers. None is held in memory as a whole, and a reader
who does not read is given up."""

from __future__ import annotations

import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from typing import BinaryIO

import anyio
import anyio.to_thread
from starlette.types import Message, Receive, Scope, Send

from assistants_compat.runs.channel import Channel

logger = logging.getLogger("assistants_compat.server")

COMMENT = b": keep-alive\n\n"
"""What an idle stream is sent: the SDKs' decoders skip it, as the format asks of everybody."""

_PIECE = 1 << 16


class CutOff(Exception):
    """A body that cannot be sent to its end. The connection is closed, so that nobody takes it for whole."""


async def event_pieces(channel: Channel, keep_alive: float) -> AsyncIterator[bytes]:
    """A run's events to the last, and a comment after every `keep_alive` seconds without one. Raises CutOff for a reader left behind."""
    while True:
        try:
            piece = await channel.read_next(keep_alive)
        except TimeoutError:
            yield COMMENT
            continue
        if channel.overflowed:
            raise CutOff("its reader is too slow")
        if not piece:
            return
        yield piece


async def file_pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while piece := await anyio.to_thread.run_sync(file.read, _PIECE):
            yield piece


class Streaming:
    """An ASGI response.

    Args:
        pieces: of the body; closed at the end, whatever the end is.
        patience: seconds that the reader may take for 64 KiB.
        close: called once nothing more will be sent.
    """

    def __init__(
        self,
        status: int,
        headers: Iterable[tuple[bytes, bytes]],
        pieces: AsyncIterator[bytes],
        patience: float,
        close: Callable[[], Awaitable[None] | None],
    ) -> None:
        self.status = status
        self._headers = list(headers)
        self._pieces = pieces
        self._patience = patience
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises CutOff."""
        failure: Exception | None = None
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(_until_gone, receive, group.cancel_scope)
                try:
                    await self._send(send)
                except Exception as error:  # noqa: BLE001 - raised again below, out of the group, which would wrap it
                    failure = error
                group.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await self._pieces.aclose()  # type: ignore[attr-defined]  # they are generators
                closing = self._close()
                if closing is not None:
                    await closing
        if failure is not None:
            raise failure

    async def _send(self, send: Send) -> None:
        # One scope whose deadline moves: a scope for each piece costs as much as sending it.
        with anyio.CancelScope() as scope, suppress(OSError):  # the client has gone

            async def pass_on(message: Message) -> None:
                scope.deadline = anyio.current_time() + self._patience
                await send(message)
                scope.deadline = math.inf

            await pass_on({"type": "http.response.start", "status": self.status, "headers": self._headers})
            async for whole in self._pieces:
                for begin in range(0, len(whole), _PIECE):
                    await pass_on({"type": "http.response.body", "body": whole[begin : begin + _PIECE], "more_body": True})
            await pass_on({"type": "http.response.body", "body": b"", "more_body": False})
        if scope.cancelled_caught:
            raise CutOff(f"its reader took nothing for {self._patience:g} seconds")


async def _until_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
