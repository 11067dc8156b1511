"""Clients of the real SDK in front of an offline upstream."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import openai
import pytest

from assistants_compat.testing import OfflineUpstream


@pytest.fixture
def upstream() -> OfflineUpstream:
    return OfflineUpstream()


@pytest.fixture
def client(upstream: OfflineUpstream) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        api_key="sk-test",
        max_retries=0,
        base_url="https://offline.test/v1",
        http_client=httpx2.Client(transport=upstream.transport("httpx2")),
    ) as client:
        yield client
