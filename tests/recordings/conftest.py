"""Recordings are sent again as plain HTTP; the library under the SDK carries them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest

from assistants_compat.seam import attach
from assistants_compat.seam.family import family_of
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream

Http = Callable[..., Any]


def sender(client: openai.OpenAI) -> Http:
    """Requests to the API as any language sends them: method, path, JSON body → the response, read in full.

    `poll`: as a poll helper of the SDK asks, whose GET is held while the run works.
    """

    def send(method: str, path: str, body: Any = None, *, poll: bool = False) -> Any:
        return client._client.request(
            method,
            f"https://api.openai.com/v1{path}",
            content=None if body is None else json.dumps(body).encode(),
            headers={
                "OpenAI-Beta": "assistants=v2",
                "Authorization": "Bearer sk-test",
                **({"X-Stainless-Poll-Helper": "true"} if poll else {}),
            },
        )

    return send


@pytest.fixture
def http(client: openai.OpenAI) -> Http:
    return sender(client)


@pytest.fixture(scope="module")
def shared_http(tmp_path_factory: pytest.TempPathFactory, stores: Any) -> Iterator[Http]:
    """The same on one store for many small tests, with a model that improvises."""
    with openai.OpenAI(api_key="sk-test") as plain:
        family = family_of(plain._client)
    transport = OfflineUpstream().transport(family.__name__)
    http_client = family.Client(transport=transport)
    with (
        stores.new(tmp_path_factory.mktemp("store")) as store,
        openai.OpenAI(api_key="sk-test", max_retries=0, http_client=http_client) as client,
    ):
        attach(client, Settings(store=store))
        yield sender(client)
