"""The SDK that is installed has what docs/sdk-versions.md says it has, and lacks what it says it lacks."""

from __future__ import annotations

from typing import Any

import openai
import pytest
import sniffio
from packaging.version import Version

from assistants_compat.seam.family import family_of
from clients import Clients, sdk_family
from sdk_versions.features import FEATURES, Feature
from sdk_versions.matrix import LIBRARIES, default_library

VERSION = Version(openai.__version__).release


@pytest.mark.parametrize("feature", FEATURES, ids=[feature.name for feature in FEATURES])
def test_this_version_has_it_or_not_as_the_table_says(feature: Feature) -> None:
    assert feature.is_here() == feature.is_in(VERSION)


def test_a_client_is_on_the_http_library_that_the_table_says() -> None:
    assert sdk_family().__name__ == default_library(VERSION)


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_this_version_takes_clients_of_an_http_library_or_not_as_the_table_says(library: str) -> None:
    http: Any = pytest.importorskip(library)
    with http.Client() as client:
        if LIBRARIES[library].since <= VERSION:
            assert openai.OpenAI(api_key="sk-test", http_client=client)._client is client
        else:
            with pytest.raises(TypeError, match="Invalid `http_client`"):
                openai.OpenAI(api_key="sk-test", http_client=client)


def test_this_version_has_a_client_on_aiohttp_or_not_as_the_table_says() -> None:
    assert hasattr(openai, "DefaultAioHttpClient") == (LIBRARIES["aiohttp"].since <= VERSION)


def test_an_http_library_without_such_clients_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="--http aiohttp needs --client asyncio"):
        Clients("aiohttp", "trio")


def test_the_client_is_of_the_kind_and_on_the_http_library_that_were_asked_for(client: Any, clients: Clients) -> None:
    of_the_sdk = client
    if clients.kind == "sync":
        assert isinstance(of_the_sdk, openai.OpenAI)
    else:
        of_the_sdk = client._target
        assert isinstance(of_the_sdk, openai.AsyncOpenAI)
        assert client._portal.call(sniffio.current_async_library) == clients.kind
    http_client = of_the_sdk._client
    assert family_of(http_client) is clients.family
    assert ("aiohttp" in type(http_client._transport.inner).__module__) == (clients.http == "aiohttp")
