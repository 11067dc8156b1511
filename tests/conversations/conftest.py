"""`assistants-compat export --to conversations` on this test's store, against an upstream on the loopback interface."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from click.testing import CliRunner

from assistants_compat.cli import main
from assistants_compat.testing import OfflineUpstream
from assistants_compat.transfer.conversations import pace

KEY = "sk-test-of-conversations-0123456789"


class Done:
    """What an export came to, with what it left in its folder."""

    def __init__(self, code: int, said: str, folder: Path) -> None:
        self.code, self.said, self.folder = code, said, folder

    @property
    def map(self) -> dict[str, str]:
        """The conversations of threads; the two files have to agree."""
        from_json: dict[str, str] = json.loads((self.folder / "conversations.json").read_text())["conversations"]
        with (self.folder / "conversations.csv").open(newline="") as file:
            assert {row["thread_id"]: row["conversation_id"] for row in csv.DictReader(file)} == from_json
        return from_json

    @property
    def messages(self) -> dict[str, str]:
        """The items of messages."""
        with (self.folder / "messages.csv").open(newline="") as file:
            return {row["message_id"]: row["item_id"] for row in csv.DictReader(file)}

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_text())
        return report

    def of(self, thread_id: str) -> dict[str, Any]:
        """What the report says of a thread."""
        [told] = [told for told in self.report["threads"] if told["thread_id"] == thread_id]
        return dict(told)


@pytest.fixture
def base_url(upstream: OfflineUpstream) -> Iterator[str]:
    with upstream.serve() as base_url:
        yield base_url


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_FIRST_PAUSE", 0.0)


@pytest.fixture
def export(base_url: str, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Further arguments, and variables of the environment by their names, whose None takes one out."""

    def run(*arguments: object, folder: Path = tmp_path / "map", **environment: str | None) -> Done:
        for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"):
            monkeypatch.delenv(name, raising=False)
        own: dict[str, str | None] = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url, "ASSISTANTS_COMPAT_STORE": store}
        words = ["export", "--to", "conversations", *map(str, arguments), str(folder)]
        result = CliRunner().invoke(main, words, env={**own, **environment})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert KEY not in result.output
        return Done(result.exit_code, result.output, folder)

    return run


@pytest.fixture
def native(upstream: OfflineUpstream) -> Iterator[openai.OpenAI]:
    """The SDK itself, with nothing of this package in between."""
    if not hasattr(openai.OpenAI, "conversations"):
        pytest.skip("this SDK has no conversations")
    with openai.OpenAI(api_key=KEY, max_retries=0, http_client=upstream.http_client()) as client:
        yield client


@pytest.fixture
def thread_of(client: openai.OpenAI) -> Callable[..., str]:
    """A thread of so many messages, by turns the user's and the assistant's: its id."""

    def make(messages: int = 2, name: str = "a", **thread: Any) -> str:
        made = client.beta.threads.create(**thread)
        for number in range(messages):
            role: Any = ("user", "assistant")[number % 2]
            client.beta.threads.messages.create(made.id, role=role, content=f"{name}{number}")
        return made.id

    return make


def texts_of(native: openai.OpenAI, conversation_id: str) -> list[str]:
    """The texts of a conversation's messages, oldest first."""
    return [
        "".join(getattr(part, "text", "") for part in item.content)
        for item in native.conversations.items.list(conversation_id, order="asc", limit=100)
        if item.type == "message"
    ]
