"""`python -m benchmarks.crowd.upstream`: the offline upstream's stream at the pace of a model, each word of which is the time it is sent.

The answers are those of `OfflineUpstream`, recorded once. It has a thread for each connection, and five hundred of them would be what is
measured; these are tasks of one event loop.
"""

from __future__ import annotations

import asyncio
import re
import time

from assistants_compat.testing import OfflineUpstream, Text
from benchmarks import upstreams

WORDS = 12
PACE = 2.0
"""Words a second."""
WIDTH = 17

_PLACEHOLDERS = [f"at{number:0{WIDTH - 3}d} " for number in range(WORDS)]
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: req_1\r\ntransfer-encoding: chunked\r\n\r\n"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def _recorded() -> list[bytes]:
    upstream = OfflineUpstream([Text("".join(_PLACEHOLDERS), chunks=tuple(_PLACEHOLDERS))])
    with upstreams.client_on(upstream.transport(upstreams.family.__name__)) as client:
        whole = upstreams.body_of(client, lambda: client.responses.create(model="gpt-4o", input="Hello", stream=True))
    return [event + b"\n\n" for event in whole.split(b"\n\n") if event]


def _chunk(event: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(event), event)


class Paced:
    """Answers every request of a connection with the same stream."""

    def __init__(self) -> None:
        self._events = _recorded()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(high=1 << 20)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                await reader.readexactly(int(length.group(1)) if length else 0)
                await self._stream(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(_HEAD)
        began, said = time.monotonic(), list[bytes]()
        for event in self._events:
            if b".delta" in event:
                await asyncio.sleep(began + len(said) / PACE - time.monotonic())
                said.append(f"{time.monotonic():0{WIDTH - 1}.6f} ".encode())
                event = event.replace(_PLACEHOLDERS[len(said) - 1].encode(), said[-1])
            elif len(said) == WORDS:
                event = event.replace("".join(_PLACEHOLDERS).encode(), b"".join(said))
            writer.write(_chunk(event))
        writer.write(b"0\r\n\r\n")


async def main() -> None:
    server = await asyncio.start_server(Paced().answer, "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
