"""What stands behind the clients of these tests: an upstream that records what reaches it, in the http family the SDK uses."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import openai
import pytest

from assistants_compat import uninstall

FAMILY = import_module(openai.DefaultHttpxClient.__mro__[1].__module__.split(".")[0])
"""httpx or httpx2: whichever this SDK builds its own clients with."""


class Upstream:
    """An API that knows nothing of assistants. It answers everything with an empty list, and remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[Any] = []

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]

    def _answer(self, request: Any) -> Any:
        self.requests.append(request)
        return FAMILY.Response(200, json={"object": "list", "data": [], "id": "from_upstream"})

    @property
    def transport(self) -> Any:
        return FAMILY.MockTransport(self._answer)

    def http_client(self, **options: Any) -> Any:
        return FAMILY.Client(transport=self.transport, **options)

    def async_http_client(self, **options: Any) -> Any:
        return FAMILY.AsyncClient(transport=self.transport, **options)


@pytest.fixture
def upstream() -> Upstream:
    """Simpler than the other tests' OfflineUpstream: here it only matters what reaches it."""
    return Upstream()


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[None]:
    """A store and a key for every test, and a process in which nothing is installed."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("ASSISTANTS_COMPAT_STORE", str(tmp_path / "environment.db"))
    for name in (
        "OPENAI_BASE_URL",
        "AZURE_OPENAI_ENDPOINT",
        "AZURE_OPENAI_API_KEY",
        "AZURE_OPENAI_AD_TOKEN",
        "OPENAI_API_VERSION",
        "OPENAI_API_TYPE",
        "PYTHONPATH",
    ):
        monkeypatch.delenv(name, raising=False)
    yield
    uninstall()


@pytest.fixture
def module_client(monkeypatch: pytest.MonkeyPatch, upstream: Upstream) -> Any:
    """The module `openai`, used as a client: not built yet, its http client ours."""
    for name, value in (("_client", None), ("http_client", upstream.http_client()), ("base_url", None), ("api_type", "openai")):
        monkeypatch.setattr(openai, name, value)
    monkeypatch.setattr(openai, "api_key", "sk-test")
    return openai
