"""The offline upstream as a test has it: for every client of the process, with a store for that test alone, and no network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from assistants_compat.answered_urls import checked_base_urls
from assistants_compat.testing.api_addresses import path_below_api
from assistants_compat.testing.complaint import Complaint
from assistants_compat.testing.network import blocked
from assistants_compat.testing.own_store import OwnStore
from assistants_compat.testing.redirection import redirected
from assistants_compat.testing.upstream import OfflineUpstream

KEY = "sk-offline"
"""Stands where a program expects a key, and opens nothing."""

PATIENCE = 10.0
"""Seconds that runs which a test has left at work may still take to ask for the rest of the script."""

_ELSEWHERE = (
    "{} was not asked: in this test the offline upstream answers for the OpenAI API, and there is no network. If that is a server that is "
    "to be answered for, name its base URL: offline_responses.answer_for('https://…/v1'), or OPENAI_BASE_URL."
)


@contextmanager
def some_key() -> Iterator[None]:
    """Until the end of the context, clients find a key."""
    if os.environ.get("OPENAI_API_KEY"):
        yield
        return
    with mock.patch.dict(os.environ, {"OPENAI_API_KEY": KEY}):
        yield


class OfflineResponses(OfflineUpstream):
    """What the fixture `offline_responses` is: an OfflineUpstream that answers every client of the process.

    `script(…)` says what the model says, `requests` is what it was asked.
    """

    def __init__(self, own_store: OwnStore, **options: Any) -> None:
        super().__init__(**options)
        self._own_store = own_store
        self._base_urls: tuple[str, ...] = ()
        self._served = ExitStack()
        self._base_url = ""

    def answer_for(self, *base_urls: str) -> None:
        """Answer requests below further base URLs: those of a gateway, or of another vendor.

        Raises:
            ValueError: one of them is not an http(s) URL.
        """
        self._base_urls += checked_base_urls(base_urls)

    @property
    def base_url(self) -> str:
        """A base URL on the loopback interface, for what is not in this process; it is served from the first look to the test's end."""
        if not self._base_url:
            self._base_url = self._served.enter_context(self.serve())
        return self._base_url

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment, for a program that the test starts: it will be on this upstream, and on this test's store."""
        return os.environ | {
            "OPENAI_BASE_URL": self.base_url,
            "OPENAI_API_KEY": KEY,
            "ASSISTANTS_COMPAT_STORE": str(self._own_store.path()),
        }

    @contextmanager
    def used_up(self) -> Iterator[None]:
        """Raises Complaint at the end if answers of the script were not asked for, also by runs that are still at work."""
        yield
        if self.unused:
            self._own_store.wait_until_idle(PATIENCE)
        if self.unused:
            raise Complaint(f"The script was not used up. Nobody asked for:\n{self.left}")

    def _path_of(self, url: str) -> str | None:
        if self._base_url and url.startswith(self._base_url):
            return None  # it goes over the loopback interface
        return path_below_api(url, self._base_urls)

    @contextmanager
    def in_place(self, hosts: tuple[str, ...] = ()) -> Iterator[None]:
        """Until the end of the context, all clients of this process are answered, and the network is blocked but for the loopback
        interface and these hosts."""
        no_network = blocked("while a test is on offline_responses", hosts=hosts)
        here = redirected(self, self._path_of, hosts, _ELSEWHERE)
        with some_key(), self._served, no_network, here, self._own_store.in_use():
            try:
                yield
            finally:
                self.open_gates()


@contextmanager
def offline_responses(
    folder: Path, *, beginning: Path | None = None, hosts: tuple[str, ...] = (), **options: Any
) -> Iterator[OfflineResponses]:
    """One in place.

    Args:
        folder: for the test's own stores.
        beginning: a store that they begin as a copy of.
        hosts: those to which connections may be made.
        options: OfflineUpstream's.
    """
    upstream = OfflineResponses(OwnStore(folder, beginning), **options)
    with upstream.in_place(hosts):
        yield upstream
