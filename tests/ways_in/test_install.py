"""`install()` and `uninstall()`."""

from __future__ import annotations

import inspect
import threading
from typing import Any

import anyio
import openai
import openai._module_client
import pytest
from openai import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI

import assistants_compat
from assistants_compat import Settings, install, uninstall
from assistants_compat.seam import settings_of

AZURE: Any = {"azure_endpoint": "https://unit.openai.azure.com", "api_version": "2024-05-01-preview", "api_key": "k"}


def _is_answered(upstream: Any, kind: Any = OpenAI, **options: Any) -> bool:
    client = kind(http_client=upstream.http_client(), **options)
    before = len(upstream.requests)
    client.beta.threads.create()
    answered = len(upstream.requests) == before
    assert answered == (settings_of(client) is not None)
    return answered


def test_clients_built_afterwards_are_answered_through_names_imported_before(upstream: Any) -> None:
    assert not _is_answered(upstream)
    install()
    assert _is_answered(upstream)
    assert _is_answered(upstream, AzureOpenAI, **AZURE)


@pytest.mark.parametrize(("kind", "options"), [(AsyncOpenAI, {}), (AsyncAzureOpenAI, AZURE)])
def test_async_clients_are_answered(kind: Any, options: dict[str, str], upstream: Any) -> None:
    install()

    async def created() -> Any:
        return await kind(http_client=upstream.async_http_client(), **options).beta.threads.create()

    assert anyio.run(created).id.startswith("thread_")
    assert upstream.requests == []


def test_subclasses_and_copies_are_answered(upstream: Any) -> None:
    class Ours(OpenAI):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)

    install()
    assert _is_answered(upstream, Ours)
    copied = Ours(http_client=upstream.http_client()).with_options(http_client=upstream.http_client())
    copied.beta.threads.create()
    assert upstream.requests == []


def test_clients_that_exist_are_left_alone(upstream: Any) -> None:
    client = OpenAI(http_client=upstream.http_client())
    install()
    client.beta.threads.create()
    assert upstream.paths == ["/v1/threads"]


def test_the_constructor_keeps_its_name_signature_and_documentation() -> None:
    before = inspect.signature(OpenAI.__init__), OpenAI.__init__.__doc__, OpenAI.__init__.__qualname__
    install()
    assert (inspect.signature(OpenAI.__init__), OpenAI.__init__.__doc__, OpenAI.__init__.__qualname__) == before


@pytest.mark.parametrize(
    "base_url",
    [
        "https://api.openai.com/v1",
        "https://eu.api.openai.com/v1",
        "https://us.api.openai.com/v1/",
        "https://unit.openai.azure.com/openai/v1/",
        "https://unit.openai.azure.us/openai/v1/",
        "https://unit.cognitiveservices.azure.com/openai/v1",
        "https://unit.services.ai.azure.com/openai/v1",
    ],
)
def test_openai_and_azure_openai_are_answered(base_url: str, upstream: Any) -> None:
    install()
    assert _is_answered(upstream, base_url=base_url)


@pytest.mark.parametrize(
    "base_url",
    [
        "https://api.fabric.microsoft.com/v1/workspaces/w/aiskills/s/aiassistant/openai",
        "https://unit.services.ai.azure.com/api/projects/p",
        "https://unit.services.ai.azure.com/models",
        "https://unit.azure-api.net/openai",
        "https://api.deepseek.com",
        "https://openrouter.ai/api/v1",
        "http://localhost:11434/v1",
        "https://api.openai.com.evil.example/v1",
        "https://notapi.openai.com/v1",
    ],
)
def test_others_are_left_alone(base_url: str, upstream: Any) -> None:
    install()
    assert not _is_answered(upstream, base_url=base_url)


def test_an_azure_client_is_answered_behind_any_gateway_but_not_before_fabric_or_foundry(upstream: Any) -> None:
    install()
    key: Any = {"api_version": "2024-05-01-preview", "api_key": "k"}
    assert _is_answered(upstream, AzureOpenAI, azure_endpoint="https://unit.azure-api.net", **key)
    assert _is_answered(upstream, AzureOpenAI, base_url="https://gateway.example/llm/openai", **key)
    assert not _is_answered(upstream, AzureOpenAI, base_url="https://unit.services.ai.azure.com/api/projects/p", **key)
    assert not _is_answered(upstream, AzureOpenAI, base_url="https://api.fabric.microsoft.com/v1/openai", **key)


def test_what_openai_base_url_names_is_answered(upstream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    install()
    monkeypatch.setenv("OPENAI_BASE_URL", "https://gateway.example/v1")
    assert _is_answered(upstream)
    assert not _is_answered(upstream, base_url="https://elsewhere.example/v1")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.fabric.microsoft.com/v1/openai")
    assert not _is_answered(upstream)


def test_base_urls_that_are_named_are_answered_with_all_that_lies_under_them(upstream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANTS_COMPAT_BASE_URLS", "http://one.example:8080/v1, https://two.example")
    install(base_urls=["https://unit.services.ai.azure.com/api/projects/p/", "https://gateway.example:443/llm"])
    for base_url in (
        "http://one.example:8080/v1",
        "https://two.example/anything/v1",
        "https://unit.services.ai.azure.com/api/projects/p",
        "https://gateway.example/llm/v1",
    ):
        assert _is_answered(upstream, base_url=base_url)
    for base_url in ("http://one.example/v1", "http://one.example:8080/v10", "http://two.example", "https://gateway.example/"):
        assert not _is_answered(upstream, base_url=base_url)


@pytest.mark.parametrize("text", ["gateway.example/v1", "ftp://gateway.example", "https://"])
def test_what_is_no_base_url_is_refused(text: str, upstream: Any) -> None:
    with pytest.raises(ValueError, match="base URL"):
        install(base_urls=[text])
    assert not _is_answered(upstream)


def test_a_setting_that_cannot_be_read_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANTS_COMPAT_HOLD", "soon")
    with pytest.raises(ValueError, match="HOLD"):
        install()


def test_the_module_level_client_is_answered(module_client: Any, upstream: Any) -> None:
    install()
    assert module_client.beta.threads.create().id.startswith("thread_")
    assert upstream.requests == []


def test_the_module_level_client_is_answered_if_it_existed_before(module_client: Any, upstream: Any) -> None:
    module_client.models.list()
    install()
    module_client.beta.threads.create()
    assert upstream.paths == ["/v1/models"]


def test_the_module_level_client_is_answered_after_it_was_configured_anew(
    module_client: Any, upstream: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(base_urls=["https://gateway.example"])
    module_client.beta.threads.create()
    monkeypatch.setattr(openai, "http_client", upstream.http_client())
    module_client.beta.threads.create()
    monkeypatch.setattr(openai, "base_url", "https://gateway.example/v1/")
    module_client.beta.threads.create()
    assert upstream.requests == []
    monkeypatch.setattr(openai, "base_url", "https://elsewhere.example/v1/")
    module_client.beta.threads.create()
    assert [str(request.url) for request in upstream.requests] == ["https://elsewhere.example/v1/threads"]


def test_the_module_level_client_goes_back_to_the_sdk(module_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai, "http_client", None)
    install()
    module_client.beta.threads.create()
    uninstall()
    assert settings_of(openai._module_client._load_client()) is None


def test_uninstall_restores_what_was_there(upstream: Any) -> None:
    before = vars(OpenAI)["__init__"], vars(AsyncOpenAI)["__init__"], openai._module_client._load_client
    uninstall()
    install()
    install()
    assert vars(OpenAI)["__init__"] is not before[0]
    kept = OpenAI(http_client=upstream.http_client())
    uninstall()
    uninstall()
    assert (vars(OpenAI)["__init__"], vars(AsyncOpenAI)["__init__"], openai._module_client._load_client) == before
    assert not _is_answered(upstream)
    assert settings_of(kept) == settings_of(kept.copy()) == Settings.from_environment()


def test_uninstall_leaves_what_others_have_put_on_top(upstream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    original = OpenAI.__init__
    install()
    installed, traced = OpenAI.__init__, []

    def traced_constructor(self: Any, **options: Any) -> None:
        traced.append(self)
        installed(self, **options)

    monkeypatch.setattr(OpenAI, "__init__", traced_constructor)
    uninstall()
    assert not _is_answered(upstream)
    install()
    assert _is_answered(upstream)
    assert len(traced) == 2
    monkeypatch.undo()
    uninstall()
    assert OpenAI.__init__ is original


def test_installing_again_counts_for_clients_built_after_that(upstream: Any) -> None:
    install(Settings(store="one.db"))
    first = OpenAI(http_client=upstream.http_client())
    install("two.db", base_urls=["https://gateway.example"])
    assert settings_of(OpenAI(http_client=upstream.http_client())).store == "two.db"  # type: ignore[union-attr]
    assert settings_of(first).store == settings_of(first.with_options(timeout=1)).store == "one.db"  # type: ignore[union-attr]
    install("two.db")
    assert not _is_answered(upstream, base_url="https://gateway.example")


def test_drop_in_clients_take_the_installed_settings_unless_they_have_their_own(upstream: Any) -> None:
    install("installed.db")
    assert settings_of(assistants_compat.OpenAI(http_client=upstream.http_client())).store == "installed.db"  # type: ignore[union-attr]
    own = assistants_compat.OpenAI(http_client=upstream.http_client(), compat="own.db")
    assert settings_of(own.copy(http_client=upstream.http_client())).store == "own.db"  # type: ignore[union-attr]


def test_many_threads_may_install_uninstall_and_build_clients_at_once(upstream: Any) -> None:
    before, failures = OpenAI.__init__, []

    def busy() -> None:
        try:
            for _ in range(30):
                install()
                OpenAI(http_client=upstream.http_client())
                uninstall()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=busy) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert OpenAI.__init__ is before
