"""`from assistants_compat import OpenAI`."""

from __future__ import annotations

import inspect
from typing import Any

import anyio
import openai
import pytest

import assistants_compat
from assistants_compat import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI, Settings
from assistants_compat.seam import settings_of

AZURE = {"azure_endpoint": "https://unit.openai.azure.com", "api_version": "2024-05-01-preview", "api_key": "k"}


def _built(kind: type, upstream: Any, **options: Any) -> Any:
    is_async = issubclass(kind, openai.AsyncOpenAI)
    http_client = upstream.async_http_client() if is_async else upstream.http_client()
    azure = AZURE if issubclass(kind, (openai.AzureOpenAI, openai.AsyncAzureOpenAI)) else {}
    return kind(**{"http_client": http_client, **azure, **options})


def _thread_id(client: Any, backend: str = "asyncio") -> str:
    if not isinstance(client, openai.AsyncOpenAI):
        return client.beta.threads.create().id

    async def created() -> str:
        return (await client.beta.threads.create()).id

    return anyio.run(created, backend=backend)


KINDS = [OpenAI, AsyncOpenAI, AzureOpenAI, AsyncAzureOpenAI]


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_answers_threads_locally(kind: type, upstream: Any) -> None:
    client = _built(kind, upstream)
    assert isinstance(client, getattr(openai, kind.__name__))
    assert _thread_id(client).startswith("thread_")
    assert upstream.requests == []


@pytest.mark.parametrize("kind", [AsyncOpenAI, AsyncAzureOpenAI])
def test_an_async_client_answers_under_trio(kind: type, upstream: Any) -> None:
    assert _thread_id(_built(kind, upstream), "trio").startswith("thread_")
    assert upstream.requests == []


def test_every_other_request_goes_upstream(upstream: Any) -> None:
    _built(OpenAI, upstream).models.list()
    assert upstream.paths == ["/v1/models"]


def test_compat_takes_settings_or_the_store_alone(upstream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANTS_COMPAT_HOLD", "3")
    assert settings_of(_built(OpenAI, upstream, compat=Settings(store=":memory:"))) == Settings(store=":memory:")
    assert settings_of(_built(OpenAI, upstream, compat=":memory:")) == Settings(store=":memory:", hold=3)


def test_without_compat_the_environment_decides(upstream: Any) -> None:
    assert settings_of(_built(OpenAI, upstream)) == Settings.from_environment()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("copying", ["copy", "with_options"])
def test_a_copy_keeps_the_settings(kind: type, copying: str, upstream: Any) -> None:
    client = _built(kind, upstream, compat=":memory:")
    copied = getattr(client, copying)(timeout=5)
    assert type(copied) is kind
    assert copied.timeout == 5
    assert settings_of(copied) == settings_of(client)
    assert _thread_id(copied).startswith("thread_")


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_with_its_own_http_client_keeps_the_settings(kind: type, upstream: Any) -> None:
    client = _built(kind, upstream, compat=":memory:")
    other = upstream.async_http_client() if isinstance(client, openai.AsyncOpenAI) else upstream.http_client()
    copied = client.copy(http_client=other)
    assert copied._client is other
    assert settings_of(copied) == settings_of(client)
    assert _thread_id(copied).startswith("thread_")
    assert upstream.requests == []


def test_a_copy_with_another_base_url_is_answered_there(upstream: Any) -> None:
    copied = _built(OpenAI, upstream, compat=":memory:").with_options(base_url="https://gateway.example/v1")
    assert settings_of(copied) == Settings(store=":memory:")
    assert _thread_id(copied).startswith("thread_")
    assert upstream.requests == []


def test_an_azure_copy_keeps_its_extra_arguments(upstream: Any) -> None:
    client = _built(AzureOpenAI, upstream, compat=":memory:")
    copied = client.copy(api_version="2024-10-21", http_client=upstream.http_client(), _extra_kwargs={"azure_deployment": None})
    assert copied._api_version == "2024-10-21"
    assert settings_of(copied) == Settings(store=":memory:")


@pytest.mark.parametrize("kind", [AzureOpenAI, AsyncAzureOpenAI])
def test_an_azure_client_with_a_deployment_is_answered_and_so_is_its_copy(kind: type, upstream: Any) -> None:
    client = _built(kind, upstream, azure_deployment="gpt-4o")
    assert _thread_id(client).startswith("thread_")
    other = upstream.async_http_client() if isinstance(client, openai.AsyncOpenAI) else upstream.http_client()
    assert _thread_id(client.copy(http_client=other)).startswith("thread_")
    assert upstream.requests == []


def test_a_client_moved_to_another_base_url_is_answered_there(upstream: Any) -> None:
    client = _built(OpenAI, upstream, compat=":memory:")
    client.base_url = "https://gateway.example/v1/"
    assert str(client.base_url) == "https://gateway.example/v1/"
    assert settings_of(client) == Settings(store=":memory:")
    assert _thread_id(client).startswith("thread_")
    assert upstream.requests == []


def test_a_subclass_with_a_constructor_of_its_own_works_and_copies(upstream: Any) -> None:
    class Ours(OpenAI):
        def __init__(self, *, tenant: str = "acme", **options: Any) -> None:
            self.tenant = tenant
            super().__init__(api_key="sk-ours", **options)

        def copy(self, **options: Any) -> Ours:
            return super().copy(**options)

    class Strict(OpenAI):
        """Takes what the SDK's copy() hands it, and no `compat`."""

        def __init__(self, *, api_key: Any = None, base_url: Any = None, http_client: Any = None, **options: Any) -> None:
            assert "compat" not in options
            super().__init__(api_key=api_key, base_url=base_url, http_client=http_client, compat=":memory:", **options)

    ours = Ours(http_client=upstream.http_client(), compat=":memory:")
    assert ours.tenant == "acme"
    assert _thread_id(ours).startswith("thread_")
    strict = Strict(http_client=upstream.http_client())
    copied = strict.with_options(max_retries=0, http_client=upstream.http_client())
    assert type(copied) is Strict
    assert settings_of(copied) == Settings.from_environment().with_texts({"store": ":memory:"})


def test_a_client_built_while_another_is_copied_has_its_own_settings(upstream: Any) -> None:
    inner: list[Any] = []

    class Nested(OpenAI):
        def __init__(self, **options: Any) -> None:
            inner.append(OpenAI(http_client=upstream.http_client()))
            super().__init__(**options)

    Nested(http_client=upstream.http_client(), compat=":memory:").copy(http_client=upstream.http_client())
    assert [settings_of(client) for client in inner] == [Settings.from_environment()] * 2


def test_two_clients_on_one_http_client_share_its_settings(upstream: Any) -> None:
    http_client = upstream.http_client()
    OpenAI(http_client=http_client, compat=":memory:")
    assert settings_of(OpenAI(http_client=http_client)) == Settings.from_environment().with_texts({"store": ":memory:"})
    with pytest.raises(ValueError, match="settings"):
        OpenAI(http_client=http_client, compat=Settings(store="elsewhere.db"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_constructor_shows_the_sdks_signature_and_compat(kind: type) -> None:
    theirs = list(inspect.signature(getattr(openai, kind.__name__)).parameters)
    assert list(inspect.signature(kind).parameters) == [*theirs, "compat"]
    assert kind.__init__.__doc__ == getattr(openai, kind.__name__).__init__.__doc__  # type: ignore[misc]


def test_wrong_arguments_are_refused_as_the_sdk_refuses_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'apikey'"):
        OpenAI(apikey="sk")  # type: ignore[call-arg]
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(openai.OpenAIError, match="api_key"):
        OpenAI()


def test_the_sdks_aliases_exist() -> None:
    assert assistants_compat.Client is OpenAI
    assert assistants_compat.AsyncClient is AsyncOpenAI
