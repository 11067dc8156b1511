"""What stands in for OpenAI: fixed answers from memory, so that nothing is measured but the SDK and what lies before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import openai

from assistants_compat.seam.family import family_of
from assistants_compat.testing import OfflineUpstream, Text

DELTAS = 500

with openai.OpenAI(api_key="sk-test") as _client:
    family: Any = family_of(_client._client)
    """httpx or httpx2, whichever this SDK makes its clients of."""


class _Body(family.SyncByteStream, family.AsyncByteStream):  # type: ignore[misc]
    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


class Canned(family.BaseTransport, family.AsyncBaseTransport):  # type: ignore[misc]
    """Answers every request with the same bytes: one chunk of JSON, or the events of a stream, a chunk each."""

    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks
        streams = len(chunks) > 1
        self._headers = {"x-request-id": "req_canned", "content-type": "text/event-stream" if streams else "application/json"}
        if not streams:
            self._headers["content-length"] = str(len(chunks[0]))

    def handle_request(self, request: Any) -> Any:
        request.read()
        return family.Response(200, headers=self._headers, stream=_Body(self._chunks))

    async def handle_async_request(self, request: Any) -> Any:
        await request.aread()
        return family.Response(200, headers=self._headers, stream=_Body(self._chunks))


def client_on(transport: Any) -> openai.OpenAI:
    return openai.OpenAI(api_key="sk-test", max_retries=0, http_client=family.Client(transport=transport))


def async_client_on(transport: Any) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(api_key="sk-test", max_retries=0, http_client=family.AsyncClient(transport=transport))


def body_of(client: openai.OpenAI, call: Callable[[], Any]) -> bytes:
    """The body that `call` is answered with."""
    bodies: list[bytes] = []
    client._client.event_hooks = {"response": [lambda response: bodies.append(response.read())]}
    call()
    client._client.event_hooks = {}
    return bodies[-1]


def recorded_stream() -> list[bytes]:
    """A Responses stream of `DELTAS` text deltas, as the offline upstream makes it, an event a chunk."""
    words = tuple(f"word{number} " for number in range(DELTAS))
    upstream = OfflineUpstream([Text("".join(words), chunks=words)])
    with client_on(upstream.transport(family.__name__)) as client:
        whole = body_of(client, lambda: client.responses.create(model="gpt-4o", input="Hello", stream=True))
    return [event + b"\n\n" for event in whole.split(b"\n\n") if event]
