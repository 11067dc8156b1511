"""Recordings are sent again as plain HTTP; the library under the SDK carries them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest


@pytest.fixture
def http(client: openai.OpenAI) -> Callable[..., Any]:
    """A request to the API as any language sends it: method, path, JSON body → the response, read in full."""

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
