"""The async client under trio. The SDK's poll helpers sleep with anyio, so everything that works under asyncio works here."""

from __future__ import annotations

import pytest

from .test_async import *  # noqa: F403 - the same tests, under the other event loop

# The SDK leaves its stream at [DONE] without closing its own generators, and those of the http library below; trio tells of it.
# One of ours would still fail the test.
pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings(r"ignore:Async generator '(openai|httpx2?)\.:ResourceWarning")]


@pytest.fixture
def anyio_backend() -> str:
    return "trio"
