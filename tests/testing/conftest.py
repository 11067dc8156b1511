"""Clients of the real SDK in front of an offline upstream."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import openai
import pytest

from assistants_compat.testing import OfflineUpstream

HTTP: Any = importlib.import_module("httpx2" if find_spec("httpx2") else "httpx")


@pytest.fixture
def upstream() -> OfflineUpstream:
    return OfflineUpstream()


@pytest.fixture
def client(upstream: OfflineUpstream) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        api_key="sk-test",
        max_retries=0,
        base_url="https://offline.test/v1",
        http_client=HTTP.Client(transport=upstream.transport(HTTP.__name__)),
    ) as client:
        yield client
