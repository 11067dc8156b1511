"""Clients on a server of choice."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.runs import recovery
from assistants_compat.runs.runtime import runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from assistants_compat.testing.transports import async_http_client, http_client

from .servers import SERVERS, Manners, Server

BASE = "http://models.example:8000/v1"


class Program:
    """A program of a user's, on a server that is not OpenAI's: `model` is one that reasons, `plain` one that does not."""

    model, plain = "local/thinker", "local/talker"

    def __init__(self, manners: Manners, settings: Settings, base_url: str = BASE) -> None:
        self.upstream = OfflineUpstream(models={self.model: "gpt-6-sol", self.plain: "gpt-4o"})
        self.server: Any = Server(manners, self.upstream)
        self.settings = settings
        self.client = openai.OpenAI(base_url=base_url, api_key="k", max_retries=0, http_client=http_client(self.server, None))
        self.async_client = openai.AsyncOpenAI(
            base_url=base_url, api_key="k", max_retries=0, http_client=async_http_client(self.server, None)
        )
        attach(self.client, settings)
        attach(self.async_client, settings)
        self.runtime = runtime_for(settings)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What the server was asked, refused or not."""
        return list(self.server.bodies)

    def assistant(self, **fields: Any) -> Any:
        return self.client.beta.assistants.create(**{"model": self.model, "instructions": "Be brief.", **fields})

    def thread(self, text: str = "Hello") -> Any:
        return self.client.beta.threads.create(messages=[{"role": "user", "content": text}])

    def run(self, thread: Any, assistant: Any, **fields: Any) -> Any:
        return self.client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, **fields)

    def say(self, thread: Any, text: str) -> None:
        self.client.beta.threads.messages.create(thread.id, role="user", content=text)

    def texts(self, thread: Any) -> list[str]:
        """The thread's messages, oldest first."""
        listed = self.client.beta.threads.messages.list(thread.id, order="asc", limit=100)
        return ["".join(part.text.value for part in message.content if part.type == "text") for message in listed]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come at once."""
    monkeypatch.setattr(recovery, "backoff", lambda attempt, jitter: 0.0)


@pytest.fixture
def program(settings: Settings) -> Callable[..., Program]:
    """Makes a program on a server, by its name or its manners; other settings than those of the test's store by name."""

    def make(server: str | Manners, base_url: str = BASE, **fields: Any) -> Program:
        manners = SERVERS[server] if isinstance(server, str) else server
        return Program(manners, Settings(store=settings.store, **fields), base_url)

    return make


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What was said so far."""
    return lambda: [
        record.getMessage().removeprefix("assistants-compat: ") for record in caplog.records if record.levelno >= logging.WARNING
    ]
