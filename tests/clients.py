"""Clients for tests: on the http library that `--http` names, and of the kind that `--client` names. See also `blocking`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import openai

from assistants_compat.seam import attach
from assistants_compat.seam.family import family_of
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from blocking import blocking
from sdk_versions.matrix import LIBRARIES

HTTP = ("sdk", *LIBRARIES)
"""What clients are made of; "sdk": what the SDK takes by itself."""


@cache
def sdk_family() -> ModuleType:
    """httpx or httpx2, whichever this SDK makes its clients of."""
    with openai.OpenAI(api_key="sk-test") as client:
        return family_of(client._client)


class Clients:
    """Makes the clients of tests, all of a kind.

    Raises:
        ValueError: this combination is not to be had, whichever SDK is installed.
    """

    def __init__(self, http: str, kind: str) -> None:
        if http != "sdk" and kind not in (kinds := LIBRARIES[http].kinds):
            raise ValueError(f"--http {http} needs --client {' or '.join(kinds)}: it has no others.")
        self.http, self.kind = http, kind

    @property
    def family(self) -> ModuleType:
        return sdk_family() if self.http in ("sdk", "aiohttp") else import_module(self.http)

    @property
    def keeps_what_has_come(self) -> bool:
        """Whether what came before a connection broke is read. aiohttp forgets it, unless it was read before the end was seen."""
        return self.http != "aiohttp"

    @contextmanager
    def new(self, upstream: OfflineUpstream, settings: Settings) -> Iterator[Any]:
        """A client that a test uses without `await`."""
        if self.kind != "sync":
            with self.new_async(upstream, settings) as client, blocking(client, self.kind) as seen:
                yield seen
            return
        http_client = self.family.Client(transport=upstream.transport(self.family.__name__))  # type: ignore[arg-type]
        with openai.OpenAI(api_key="sk-test", max_retries=0, http_client=http_client) as client:
            attach(client, settings)
            yield client

    @contextmanager
    def new_async(self, upstream: OfflineUpstream, settings: Settings) -> Iterator[openai.AsyncOpenAI]:
        """An async one. It is not closed here, which takes its loop: on aiohttp, whose connections are real, the test has to."""
        if self.http == "aiohttp":
            with upstream.serve() as base_url:
                # No certificates are read: no test speaks TLS.
                http_client = openai.DefaultAioHttpClient(trust_env=False, verify=False)
                client = openai.AsyncOpenAI(api_key="sk-test", base_url=base_url, max_retries=0, http_client=http_client)
                attach(client, settings)
                yield client
            return
        http_client = self.family.AsyncClient(transport=upstream.async_transport(self.family.__name__))  # type: ignore[arg-type]
        client = openai.AsyncOpenAI(api_key="sk-test", max_retries=0, http_client=http_client)
        attach(client, settings)
        yield client
