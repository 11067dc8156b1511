"""Where requests leave a process: the methods by which the transports of httpx, httpx2 and the SDK's aiohttp client send them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any
from unittest import mock

Around = Callable[[Any], Any]
"""Makes a method of another, which it may call."""

_AIOHTTP = ("httpx_aiohttp", "openai._vendor.httpx_aiohttp")
"""Where SDKs have their aiohttp transport from."""


@contextmanager
def sending_replaced(sync: Around, asynchronous: Around) -> Iterator[None]:
    """Until the end of the context these methods are others, for every client of the process, whenever it was made.

    Args:
        sync: makes the one for `handle_request(self, request)`.
        asynchronous: makes the one for `async handle_async_request(self, request)`.
    """
    around = {"handle_request": sync, "handle_async_request": asynchronous}
    with ExitStack() as stack:
        for owner, name in _methods():
            stack.enter_context(mock.patch.object(owner, name, around[name](getattr(owner, name))))
        yield


def _methods() -> Iterator[tuple[type, str]]:
    import openai  # noqa: F401 - it brings its own

    for family in [import_module(name) for name in ("httpx", "httpx2") if find_spec(name) is not None]:
        yield family.HTTPTransport, "handle_request"
        yield family.AsyncHTTPTransport, "handle_async_request"
    modules: list[ModuleType] = [sys.modules[name] for name in _AIOHTTP if name in sys.modules]
    found = [each for module in modules for name, each in vars(module).items() if name.endswith("AiohttpTransport")]
    for transport in dict.fromkeys(found):
        yield transport, "handle_async_request"
