from __future__ import annotations

from collections.abc import Callable

import openai
import pytest

from assistants_compat.runs import recovery
from assistants_compat.runs.runtime import Runtime
from assistants_compat.testing import OfflineUpstream
from runs.helpers import Conversation


@pytest.fixture
def conversation(client: openai.OpenAI, upstream: OfflineUpstream, runtime: Runtime) -> Callable[..., Conversation]:
    """Makes a conversation with `client`."""
    return lambda **parameters: Conversation(client, upstream, runtime, **parameters)


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come at once."""
    monkeypatch.setattr(recovery, "backoff", lambda attempt, jitter: 0.0)
