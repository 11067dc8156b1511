"""What stands behind the clients of these tests: an upstream that records what reaches it, in the http family the SDK uses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import openai
import pytest

from assistants_compat import seam, uninstall

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
    return Upstream()


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[None]:
    """A store and a key for every test, and a process in which nothing is installed."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("ASSISTANTS_COMPAT_STORE", str(tmp_path / "environment.db"))
    for name in ("OPENAI_BASE_URL", "AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN", "OPENAI_API_VERSION"):
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


# Until the seam is there: a stand-in that keeps its contract and answers with next to nothing.
if not hasattr(seam, "attach"):

    def _claims(client: Any) -> dict[str, Any]:
        return vars(client._client).setdefault("_claims", {})

    def _fake_transport(inner: Any, claims: dict[str, Any], is_async: bool) -> Any:
        def local(request: Any) -> Any:
            url = str(request.url)
            if not any(url.startswith((f"{base}threads", f"{base}assistants")) for base in claims):
                return None
            body = json.dumps({"id": "thread_local", "object": "thread", "created_at": 1, "metadata": {}, "tool_resources": None})
            return FAMILY.Response(200, stream=FAMILY.ByteStream(body.encode()), headers={"content-type": "application/json"})

        class Sync(FAMILY.BaseTransport):
            def handle_request(self, request: Any) -> Any:
                return local(request) or inner.handle_request(request)

        class Async(FAMILY.AsyncBaseTransport):
            async def handle_async_request(self, request: Any) -> Any:
                return local(request) or await inner.handle_async_request(request)

        return (Async if is_async else Sync)()

    def _attach(client: Any, settings: Any = None) -> None:
        from assistants_compat import Settings

        claims, base = _claims(client), str(client.base_url)
        if not claims:
            http = client._client
            is_async = isinstance(client, openai.AsyncOpenAI)
            http._transport = _fake_transport(http._transport, claims, is_async)
            http._mounts = {pattern: m and _fake_transport(m, claims, is_async) for pattern, m in http._mounts.items()}
        wanted = settings or claims.get(base) or next(iter(claims.values()), None) or Settings.from_environment()
        if claims.setdefault(base, wanted) != wanted:
            raise ValueError("attached with other settings")
        if "/deployments/" in base:
            claims[base.split("deployments/")[0]] = wanted

    def _settings_of(client: Any) -> Any:
        return _claims(client).get(str(client.base_url))

    seam.attach = _attach  # type: ignore[attr-defined]
    seam.settings_of = _settings_of  # type: ignore[attr-defined]
