"""A tape in the place of the network, for all clients of the process, while a test runs."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest import mock

from assistants_compat.answered_urls import checked_base_urls
from assistants_compat.runs import tokens
from assistants_compat.testing.api_addresses import path_below_api
from assistants_compat.testing.network import blocked, is_loopback
from assistants_compat.testing.offline_responses import KEY, some_key
from assistants_compat.testing.own_store import OwnStore
from assistants_compat.testing.sending import sending_replaced
from assistants_compat.testing.tapes.cassette_file import CassetteFile, Yaml
from assistants_compat.testing.tapes.scrubbing import Scrubber
from assistants_compat.testing.tapes.tape import Tape

PATIENCE = 30.0
"""Seconds that runs which a test has left at work may still take: what they ask for belongs to it."""

_MODES = {"rewrite": "all"}
"""vcrpy's words for modes of pytest-recording, where they are others."""


@contextmanager
def taped(
    path: Path,
    name: str,
    mode: str,
    own_store: OwnStore,
    *,
    base_urls: Sequence[str] = (),
    secrets: Sequence[str] = (),
    hosts: Sequence[str] = (),
) -> Iterator[Tape]:
    """Until the end of the context, all clients of this process are on a tape and on a test's own store. What `kept` takes in is written.

    Args:
        name: the test's, as pytest knows it.
        mode: pytest-recording's.
        base_urls: of further servers whose traffic is recorded.
        secrets: what must not be in the cassette, beside what is recognised.
        hosts: those to which connections may be made in a replay.

    Raises:
        ValueError: a base URL is none.
    """
    scrubber = Scrubber.of(os.environ)
    scrubber.learn(*secrets)
    tapes: list[Tape] = []
    again = f"Record it {'again' if path.is_file() else 'first'}: pytest --record-mode=rewrite {name!r}"
    uses = Tape.use(
        path=str(path),
        record_mode=_MODES.get(mode, mode),
        persister=CassetteFile(lambda: _header(name, tapes[0].sources), scrubber),
        serializer=Yaml,
        path_of=partial(path_below_api, named=checked_base_urls(base_urls)),
        again=again,
        began=int(time.time()),
        scrubber=scrubber,
        powerless=(KEY,),
    )
    # Tokens are estimated: tiktoken, where it is installed, counts otherwise, and only once it has its vocabulary.
    estimated = mock.patch.object(tokens.tiktoken_counts, "count", return_value=None)
    with some_key(), estimated, uses as tape, ExitStack() as stack:
        tapes.append(tape)
        stack.enter_context(blocked("in a replay", hosts=hosts) if tape.plays else sending_replaced(_uncompressed, _uncompressed_async))
        stack.enter_context(own_store.in_use())
        try:
            yield tape
        finally:
            tape.dirty = False  # what is to be kept has been written


@contextmanager
def kept(tape: Tape, own_store: OwnStore, *, allow_unused: bool = False) -> Iterator[None]:
    """Around the test itself: waits for the end of its runs, and if all went well, writes what was recorded.

    Raises:
        Leak: something secret would have been written.
        Unfaithful: as `Tape.faithfully`.
    """
    with tape.faithfully(to_the_end=not allow_unused):
        yield
        own_store.wait_until_idle(PATIENCE)
    tape.save()


def _header(name: str, sources: Iterable[str]) -> tuple[str, ...]:
    versions = ", ".join(f"{package} {version(package)}" for package in ("assistants-compat", "openai", "vcrpy"))
    against = " and ".join(sorted({_shown(host) for host in sources}))
    return (
        f"{name}: {f'recorded against {against}' if against else 'shortened'} on {datetime.now(timezone.utc):%Y-%m-%d}",
        f"with {versions} and Python {platform.python_version()}. Do not edit it; record it again: pytest --record-mode=rewrite {name!r}",
    )


def _shown(host: str) -> str:
    """A server's name as a cassette may have it: an Azure resource is called after who owns it."""
    if is_loopback(host):
        return "a server on the loopback interface"
    return "Azure OpenAI" if ".azure." in host or host.endswith(".azure-api.net") else host


def _uncompressed(original: Any) -> Any:
    """What comes compressed could not be scrubbed."""

    def handle_request(self: Any, request: Any) -> Any:
        request.headers["accept-encoding"] = "identity"
        return original(self, request)

    return handle_request


def _uncompressed_async(original: Any) -> Any:
    async def handle_async_request(self: Any, request: Any) -> Any:
        request.headers["accept-encoding"] = "identity"
        return await original(self, request)

    return handle_async_request
