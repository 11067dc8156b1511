"""A program is run twice against the offline upstream: as it was, on the shim, and as the codemods make it, on the SDK alone."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import openai
import pytest
from tests.codemods.cases import GENERATED, outcome_of, refusals_of, rewritten

import assistants_compat
from assistants_codemods.migration import Options
from assistants_compat.testing import OfflineUpstream

FUNCTION = {
    "name": "get_weather",
    "description": "The weather somewhere",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
MODEL = "gpt-4.1"
INSTRUCTIONS = "Be brief."


@dataclass(frozen=True)
class Seen:
    """What a run of the program came to."""

    printed: str
    asked: list[Any]
    """What the model was asked, request by request."""
    settings: list[Any]
    """The instructions and the kinds of tools of each request."""


def migrated(source: str) -> dict[str, str]:
    """The files that the codemods make of a program. Nothing may be refused."""
    outcome = outcome_of({"main.py": source}, Options(target="responses"))
    assert not outcome.failures
    assert not refusals_of(outcome, "responses")
    return rewritten({"main.py": source}, outcome)


def before_and_after(source: str, script: Sequence[Any], tools: Sequence[dict[str, Any]], folder: Path) -> tuple[Seen, Seen]:
    """What `main(client, thread_id, assistant_id)` of `source` comes to on the shim, and migrated."""
    files = migrated(source)
    assert "beta" not in files["main.py"]
    return on_the_shim(source, script, tools, folder), natively(files, script, tools)


def on_the_shim(source: str, script: Sequence[Any], tools: Sequence[dict[str, Any]], folder: Path) -> Seen:
    upstream = OfflineUpstream()
    sync, client = _clients(upstream, source, assistants_compat, compat=folder / "store.db")
    assistant = sync.beta.assistants.create(model=MODEL, instructions=INSTRUCTIONS, tools=tools)
    thread = sync.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
    upstream.script(*script)
    return _run(_module("main", source), client, thread.id, assistant.id, upstream)


def natively(files: dict[str, str], script: Sequence[Any], tools: Sequence[dict[str, Any]]) -> Seen:
    upstream = OfflineUpstream()
    sync, client = _clients(upstream, files["main.py"], openai)
    conversation = sync.conversations.create(items=[{"type": "message", "role": "user", "content": "Hello"}])
    settings = {"model": MODEL, "instructions": INSTRUCTIONS, "truncation": "auto", "tools": [_native(tool) for tool in tools]}
    upstream.script(*script)
    with pytest.MonkeyPatch.context() as patch:
        config = _module("assistants_config", files.get(GENERATED, ""))
        patch.setitem(sys.modules, "assistants_config", config)
        if hasattr(config, "ASSISTANTS"):
            config.ASSISTANTS["asst_1"] = settings
        return _run(_module("main", files["main.py"]), client, conversation.id, "asst_1", upstream)


def _native(tool: dict[str, Any]) -> dict[str, Any]:
    if tool["type"] == "function":
        return {"type": "function", **tool["function"], "strict": False}
    return {"type": "code_interpreter", "container": {"type": "auto"}}


def _clients(upstream: OfflineUpstream, source: str, package: Any, **options: Any) -> tuple[Any, Any]:
    sync = package.OpenAI(api_key="sk-test", http_client=upstream.http_client(), **options)
    if "AsyncOpenAI" not in source:
        return sync, sync
    return sync, package.AsyncOpenAI(api_key="sk-test", http_client=upstream.async_http_client(), **options)


def _module(name: str, source: str) -> ModuleType:
    module = ModuleType(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "sk-test")
        patch.setitem(sys.modules, name, module)
        exec(compile(source, f"{name}.py", "exec"), module.__dict__)
    return module


def _run(module: Any, client: Any, thread_id: str, assistant_id: str, upstream: OfflineUpstream) -> Seen:
    module.client = client
    printed = StringIO()
    with redirect_stdout(printed):
        result = module.main(thread_id, assistant_id)
        if inspect.iscoroutine(result):
            asyncio.run(result)
    settings = [
        (request.body.get("instructions"), sorted(tool["type"] for tool in request.body.get("tools") or ()))
        for request in upstream.requests
    ]
    return Seen(printed.getvalue(), [request.asked for request in upstream.requests], settings)
