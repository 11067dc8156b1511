"""`client.beta.vector_stores`, gone from the SDK, on clients that are answered."""

from __future__ import annotations

from typing import Any

import anyio
import openai
import pytest

from assistants_compat import AsyncOpenAI, OpenAI, install, wrap


def test_it_is_another_name_of_vector_stores(upstream: Any) -> None:
    client = OpenAI(http_client=upstream.http_client())
    assert client.beta.vector_stores is client.vector_stores  # type: ignore[attr-defined]
    client.beta.vector_stores.create(name="docs")  # type: ignore[attr-defined]
    assert upstream.paths == ["/v1/vector_stores"]


def test_it_works_on_wrapped_clients_their_copies_and_installed_ones(upstream: Any) -> None:
    wrapped: Any = wrap(openai.OpenAI(http_client=upstream.http_client()))
    copied = wrapped.with_options(timeout=1)
    install()
    installed: Any = openai.OpenAI(http_client=upstream.http_client())
    for client in (wrapped, copied, installed):
        client.beta.vector_stores.files.list("vs_1")
    assert upstream.paths == ["/v1/vector_stores/vs_1/files"] * 3


def test_the_module_level_client_has_it(module_client: Any, upstream: Any) -> None:
    install()
    module_client.beta.vector_stores.list()
    assert upstream.paths == ["/v1/vector_stores"]


def test_raw_and_streaming_variants_have_it(upstream: Any) -> None:
    client: Any = OpenAI(http_client=upstream.http_client())
    assert client.beta.with_raw_response.vector_stores.list().http_request.url.path == "/v1/vector_stores"
    with client.beta.with_streaming_response.vector_stores.list() as response:
        assert response.status_code == 200


def test_async_clients_have_it(upstream: Any) -> None:
    async def listed() -> None:
        client: Any = AsyncOpenAI(http_client=upstream.async_http_client())
        await client.beta.vector_stores.create(name="docs")
        assert (await client.beta.with_raw_response.vector_stores.list()).status_code == 200
        async with client.beta.with_streaming_response.vector_stores.list() as response:
            assert response.status_code == 200

    anyio.run(listed)
    assert upstream.paths == ["/v1/vector_stores"] * 3


def test_other_clients_lack_it_as_before(upstream: Any) -> None:
    OpenAI(http_client=upstream.http_client())
    client: Any = openai.OpenAI(http_client=upstream.http_client())
    assert not hasattr(client.beta, "vector_stores")
    assert not hasattr(client.beta.with_raw_response, "vector_stores")
    assert not hasattr(type(client.beta), "vector_stores")
    with pytest.raises(AttributeError, match="'Beta' object has no attribute 'vector_stores'"):
        client.beta.vector_stores  # noqa: B018
