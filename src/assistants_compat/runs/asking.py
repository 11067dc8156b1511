"""Requests beside the model call, sent and read: what runs ask of the upstream's other resources. Sync and async."""

from __future__ import annotations

import json
import time
from typing import Any

import anyio

from assistants_compat.runs.effects import Asked, Call, Called, ConnectionLost, Fetch, InStore, Upload
from assistants_compat.runs.runtime import Runtime
from assistants_compat.runs.upstream import Upstream


def perform(upstream: Upstream, effect: Asked, opened: list[Any] | None = None) -> Any:
    """Do what was asked. `opened` is given the response of a `Fetch` while it is read, for whoever has to cut it off."""
    if isinstance(effect, Call | Upload):
        return _call(upstream, effect)
    if isinstance(effect, Fetch):
        return _fetch(upstream, effect, [] if opened is None else opened)
    if isinstance(effect, InStore):
        return effect.work()
    return time.sleep(effect.seconds)


def _call(upstream: Upstream, effect: Call | Upload) -> Called:
    with upstream.request(effect) as request:
        try:
            reply = upstream.client.send(request)
        except upstream.family.HTTPStatusError as error:  # what a hook of the program's raises
            return _called_already(error)
    return Called(reply.status_code, _json(reply.content), reply.headers)


def _fetch(upstream: Upstream, effect: Fetch, opened: list[Any]) -> Called:
    try:
        with upstream.request(effect) as request:
            response = upstream.client.send(request, stream=True)
    except upstream.family.HTTPStatusError as error:
        return _called_already(error)
    opened[:] = [response]
    try:
        if not _receive(effect, response):
            return Called(response.status_code, _json(response.read()), response.headers)
        for chunk in response.iter_bytes():
            effect.sink.write(chunk)
        return Called(response.status_code, None, response.headers)
    finally:
        opened.clear()
        response.close()


async def perform_async(upstream: Upstream, effect: Asked, runtime: Runtime) -> Any:
    """The same for a task."""
    if isinstance(effect, Call | Upload):
        return await _call_async(upstream, effect)
    if isinstance(effect, Fetch):
        return await _fetch_async(upstream, effect)
    if isinstance(effect, InStore):
        return await runtime.in_thread(effect.work)
    await anyio.sleep(effect.seconds)


async def _call_async(upstream: Upstream, effect: Call | Upload) -> Called:
    with upstream.request(effect) as request:
        try:
            reply = await upstream.client.send(request)
        except upstream.family.HTTPStatusError as error:
            return _called_already(error)
    return Called(reply.status_code, _json(reply.content), reply.headers)


async def _fetch_async(upstream: Upstream, effect: Fetch) -> Called:
    try:
        with upstream.request(effect) as request:
            response = await upstream.client.send(request, stream=True)
    except upstream.family.HTTPStatusError as error:
        return _called_already(error)
    chunks: Any = None
    try:
        if not _receive(effect, response):
            return Called(response.status_code, _json(await response.aread()), response.headers)
        chunks = response.aiter_bytes()
        async for chunk in chunks:
            effect.sink.write(chunk)
        return Called(response.status_code, None, response.headers)
    finally:
        with anyio.CancelScope(shield=True):
            if chunks is not None:
                await chunks.aclose()  # trio complains of generators that are left to the garbage collector
            await response.aclose()


def _receive(effect: Fetch, response: Any) -> bool:
    """Whether the body belongs into the sink, which is emptied where it would come from the beginning again.

    Raises:
        ConnectionLost: what came is not what is missing; the sink is empty then, so that all of it is asked for.
    """
    sink, headers = effect.sink, response.headers
    if response.status_code == 200:
        sink.restart()
        # Of a compressed body nobody could tell how much of the file has come.
        sink.validator = None if "content-encoding" in headers else headers.get("etag", "")
        return True
    if response.status_code not in (206, 416) or not sink.size:
        return bool(response.status_code == 206)
    is_the_rest = response.status_code == 206 and str(headers.get("content-range", "")).startswith(f"bytes {sink.size}-")
    is_the_same = "etag" not in headers or not sink.validator or headers["etag"] == sink.validator
    if is_the_rest and is_the_same and "content-encoding" not in headers:
        return True
    sink.restart()
    raise ConnectionLost("the rest of the file cannot be had")


def _called_already(error: Any) -> Called:
    return Called(error.response.status_code, _json(b"".join(read_already(error.response))), error.response.headers)


def read_already(response: Any) -> list[bytes]:
    """What a hook of the program's had read of a response before it raised for its status."""
    return [response.content] if response.is_stream_consumed and response.is_closed and hasattr(response, "_content") else []


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
