"""`wrap(client)`."""

from __future__ import annotations

from typing import Any

import anyio
import openai
import pytest

from assistants_compat import Settings, wrap
from assistants_compat.seam import settings_of


def test_wrap_returns_the_client_it_was_given(upstream: Any) -> None:
    client = openai.OpenAI(http_client=upstream.http_client())
    assert wrap(client) is client
    assert client.beta.threads.create().id.startswith("thread_")
    assert upstream.requests == []


def test_an_async_client_is_wrapped_too(upstream: Any) -> None:
    client = wrap(openai.AsyncOpenAI(http_client=upstream.async_http_client()))

    async def created() -> Any:
        return await client.beta.threads.create()

    assert anyio.run(created).id.startswith("thread_")
    assert upstream.requests == []


def test_wrapping_again_changes_nothing(upstream: Any) -> None:
    client = wrap(openai.OpenAI(http_client=upstream.http_client()), ":memory:")
    transport = client._client._transport
    assert wrap(wrap(client), ":memory:") is client
    assert client._client._transport is transport
    assert settings_of(client) == Settings.from_environment().with_texts({"store": ":memory:"})


def test_wrapping_again_with_other_settings_is_an_error(upstream: Any) -> None:
    client = wrap(openai.OpenAI(http_client=upstream.http_client()), ":memory:")
    with pytest.raises(ValueError, match="settings"):
        wrap(client, Settings(store="elsewhere.db"))


@pytest.mark.parametrize("copying", ["copy", "with_options"])
def test_copies_of_a_wrapped_client_are_answered(copying: str, upstream: Any) -> None:
    client = wrap(openai.OpenAI(http_client=upstream.http_client()), ":memory:")
    copied = getattr(client, copying)(max_retries=0)
    assert copied.beta.threads.create().id.startswith("thread_")
    assert settings_of(copied) == settings_of(client)
    assert upstream.requests == []


def test_the_users_own_hooks_mounts_and_transport_stay_in_use(upstream: Any) -> None:
    seen: list[str] = []
    http_client = upstream.http_client(
        event_hooks={"request": [lambda request: seen.append(request.url.path)]}, mounts={"https://files.example": upstream.transport}
    )
    client = wrap(openai.OpenAI(http_client=http_client))
    assert client._client is http_client
    client.beta.threads.create()
    client.models.list()
    http_client.get("https://files.example/report")
    assert seen == ["/v1/threads", "/v1/models", "/report"]
    assert upstream.paths == ["/v1/models", "/report"]


def test_a_client_behind_a_proxy_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    client = wrap(openai.OpenAI(max_retries=0))
    assert client.beta.threads.create().id.startswith("thread_")
    with pytest.raises(openai.APIConnectionError):
        client.models.list()


@pytest.mark.parametrize("thing", [openai, openai.OpenAI, None, object()])
def test_what_is_no_client_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError, match=r"wrap\(\) takes a client"):
        wrap(thing)
