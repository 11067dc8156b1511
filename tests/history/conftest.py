"""The command line on this test's store, a second store to bring a history into, and histories."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import openai
import pytest
from click.testing import CliRunner, Result

from assistants_compat.cli import main
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from clients import sdk_family
from stores import Files, Postgres


class Done:
    """What a command came to."""

    def __init__(self, result: Result) -> None:
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr
        self.bytes = result.stdout_bytes
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's upstream is asked for files."""
    for name in ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def command(store: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """`command("export", folder)`: on this test's store, unless told otherwise by `--store`."""
    monkeypatch.setenv("ASSISTANTS_COMPAT_STORE", store)
    if settings.files:
        monkeypatch.setenv("ASSISTANTS_COMPAT_FILES", str(settings.files))

    def run(*arguments: object, input: bytes | None = None) -> Done:
        assert isinstance(main, click.Group)
        return Done(CliRunner().invoke(main, [str(argument) for argument in arguments], input=input))

    return run


@pytest.fixture
def new_store(stores: Files | Postgres, tmp_path: Path) -> Iterator[str]:
    """An empty store, as of somebody who moves."""
    (tmp_path / "new").mkdir()
    with stores.new(tmp_path / "new") as store:
        yield store


@pytest.fixture
def new_client(upstream: OfflineUpstream, new_store: str, tmp_path: Path) -> Iterator[openai.OpenAI]:
    """A client on `new_store`."""
    family = sdk_family()
    files = "" if new_store.endswith(".db") else tmp_path / "new" / "store.db.files"
    with openai.OpenAI(
        api_key="sk-test", max_retries=0, http_client=family.Client(transport=upstream.transport(family.__name__))
    ) as client:
        attach(client, Settings(store=new_store, files=files))
        yield client


class Saved:
    """API objects as somebody has saved them, made by hand."""

    thread_id = "thread_abcdefghijklmnopqrstuvwx"
    assistant_id = "asst_abcdefghijklmnopqrstuvwx"
    run_id = "run_abcdefghijklmnopqrstuvwx"

    @classmethod
    def thread(cls, **more: Any) -> dict[str, Any]:
        thread = {"id": cls.thread_id, "object": "thread", "created_at": 1_700_000_000, "metadata": {"user": "7"}, "tool_resources": {}}
        return {**thread, **more}

    @classmethod
    def assistant(cls, **more: Any) -> dict[str, Any]:
        assistant = {
            "id": cls.assistant_id,
            "object": "assistant",
            "created_at": 1_699_999_000,
            "name": "Tutor",
            "description": None,
            "model": "gpt-4o",
            "instructions": "Be kind.",
            "tools": [],
            "top_p": 1.0,
            "temperature": 1.0,
            "tool_resources": {},
            "metadata": {},
            "response_format": "auto",
        }
        return {**assistant, **more}

    @classmethod
    def message(cls, number: int, text: str = "", *, at: int | None = None, **more: Any) -> dict[str, Any]:
        """The n-th message, a user's where it is odd, a second after the one before unless told otherwise."""
        message = {
            "id": f"msg_{number:024}",
            "object": "thread.message",
            "created_at": 1_700_000_000 + number if at is None else at,
            "assistant_id": None if number % 2 else cls.assistant_id,
            "thread_id": cls.thread_id,
            "run_id": None if number % 2 else cls.run_id,
            "role": "user" if number % 2 else "assistant",
            "content": [{"type": "text", "text": {"value": text or f"message {number}", "annotations": []}}],
            "attachments": [],
            "metadata": {},
        }
        return {**message, **more}

    @classmethod
    def run(cls, **more: Any) -> dict[str, Any]:
        run = {
            "id": cls.run_id,
            "object": "thread.run",
            "created_at": 1_700_000_002,
            "assistant_id": cls.assistant_id,
            "thread_id": cls.thread_id,
            "status": "completed",
            "started_at": 1_700_000_002,
            "expires_at": None,
            "cancelled_at": None,
            "failed_at": None,
            "completed_at": 1_700_000_004,
            "required_action": None,
            "last_error": None,
            "model": "gpt-4o",
            "instructions": "Be kind.",
            "tools": [],
            "tool_resources": {},
            "metadata": {},
            "temperature": 1.0,
            "top_p": 1.0,
            "max_completion_tokens": None,
            "max_prompt_tokens": None,
            "truncation_strategy": {"type": "auto", "last_messages": None},
            "incomplete_details": None,
            "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
            "response_format": "auto",
            "tool_choice": "auto",
            "parallel_tool_calls": True,
        }
        return {**run, **more}

    @classmethod
    def step(cls, number: int = 1, **more: Any) -> dict[str, Any]:
        step = {
            "id": f"step_{number:024}",
            "object": "thread.run.step",
            "created_at": 1_700_000_003,
            "run_id": cls.run_id,
            "assistant_id": cls.assistant_id,
            "thread_id": cls.thread_id,
            "type": "message_creation",
            "status": "completed",
            "cancelled_at": None,
            "completed_at": 1_700_000_004,
            "expires_at": None,
            "failed_at": None,
            "last_error": None,
            "step_details": {"type": "message_creation", "message_creation": {"message_id": f"msg_{2:024}"}},
            "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
        }
        return {**step, **more}


def page(objects: list[dict[str, Any]], *, has_more: bool = False) -> dict[str, Any]:
    """A page of a list, as the API gave it."""
    ends = {"first_id": objects[0]["id"], "last_id": objects[-1]["id"]} if objects else {"first_id": None, "last_id": None}
    return {"object": "list", "data": objects, **ends, "has_more": has_more}


def lines(*objects: Any) -> bytes:
    """JSON Lines."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in objects)


def texts(client: openai.OpenAI, thread_id: str = Saved.thread_id) -> list[str]:
    """What the messages of a thread say, the oldest first, by the public door."""
    listed = client.beta.threads.messages.list(thread_id, order="asc", limit=100)
    return [part.text.value if part.type == "text" else part.type for message in listed for part in message.content]
