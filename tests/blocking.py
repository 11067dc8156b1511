"""The async client behind the sync one's methods, so that tests written once run on both: `--client asyncio`, `--client trio`.

    with blocking(openai.AsyncOpenAI(), "trio") as client:
        client.beta.threads.create()  # awaited in an event loop in a thread of its own

What the SDK gives back is given on as it is where it is data, and else likewise blocking: pages, streams, responses to be read.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import anyio.to_thread
import openai
import pydantic
from anyio.from_thread import BlockingPortal, start_blocking_portal
from openai.pagination import AsyncCursorPage, AsyncPage

CALLBACKS = [name for name in vars(openai.AsyncAssistantEventHandler) if name.startswith("on_")]
OWN = ("_target", "_portal")


@contextmanager
def blocking(client: openai.AsyncOpenAI, backend: str) -> Iterator[Any]:
    """`client`, for use from this and other threads. It is closed in the end."""
    with start_blocking_portal(backend) as portal:
        try:
            yield Blocking(client, portal)
        finally:
            portal.call(client.close)


def add_hook(client: Any, event: str, hook: Callable[[Any], None]) -> None:
    """Have an http client's event hook called, whichever kind of client it is; it may use the client itself, and read a response."""

    async def in_a_thread(message: Any) -> None:
        await anyio.to_thread.run_sync(hook, Blocking(message, client._portal))

    client._client.event_hooks[event].append(in_a_thread if isinstance(client, Blocking) else hook)


class Blocking:
    """Something async of the SDK's, seen as its sync counterpart."""

    def __init__(self, target: Any, portal: BlockingPortal) -> None:
        self._target = target
        self._portal = portal

    def __getattr__(self, name: str) -> Any:
        if name in ("read", "close") and hasattr(self._target, f"a{name}"):
            name = f"a{name}"  # as http libraries call their async ones
        return self._seen(getattr(self._target, name))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in OWN:
            object.__setattr__(self, name, value)
        else:
            setattr(self._target, name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if isinstance(handler := kwargs.get("event_handler"), openai.AssistantEventHandler):
            kwargs["event_handler"] = _calling(handler)
        return self._seen(self._portal.call(_awaited, partial(self._target, *args, **kwargs)))

    def __iter__(self) -> Iterator[Any]:
        iterator = aiter(self._target)
        while True:
            try:
                yield self._portal.call(anext, iterator)
            except StopAsyncIteration:
                return

    def __enter__(self) -> Any:
        return self._seen(self._portal.call(self._target.__aenter__))

    def __exit__(self, *raised: Any) -> Any:
        return self._portal.call(self._target.__aexit__, *raised)

    def _seen(self, value: Any) -> Any:
        return Blocking(value, self._portal) if _is_async(value) else value


async def _awaited(call: Callable[[], Any]) -> Any:
    result = call()
    return await result if inspect.isawaitable(result) else result


def _is_async(value: Any) -> bool:
    """Whether it, or what it gives, has to be awaited."""
    if isinstance(value, pydantic.BaseModel):
        return isinstance(value, AsyncCursorPage | AsyncPage)
    return callable(value) or type(value).__module__.startswith("openai.") or hasattr(value, "__anext__") or hasattr(value, "__aenter__")


def _calling(handler: openai.AssistantEventHandler) -> openai.AsyncAssistantEventHandler:
    """An async handler that has a sync one's callbacks called, in a thread, with what it knows itself."""

    class Calling(openai.AsyncAssistantEventHandler):
        """Made for one handler: the SDK looks for no callbacks on instances."""

    def callback(name: str) -> Any:
        async def call(self: Calling, *args: Any) -> None:
            for known, value in vars(self).items():
                setattr(handler, known.replace("_AsyncAssistantEventHandler__", "_AssistantEventHandler__"), value)
            await anyio.to_thread.run_sync(getattr(handler, name), *args)

        return call

    for name in CALLBACKS:
        setattr(Calling, name, callback(name))
    return Calling()
