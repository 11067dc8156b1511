"""Assistants created on the shim, and the settings that the codemods make of the same code: the model is told the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openai
import pytest
from tests.codemods.cases import outcome_of, rewritten

import assistants_compat
from assistants_codemods.migration import Options
from assistants_compat.testing import OfflineUpstream

pytestmark = pytest.mark.skipif(not hasattr(openai.OpenAI, "conversations"), reason="this SDK has no conversations")

_PARAMETERS = '{"type": "object", "properties": {"a": {"type": "string"}}}'
_FUNCTION = f'{{"type": "function", "function": {{"name": "f", "description": "F.", "parameters": {_PARAMETERS}}}}}'
_CREATED = {
    "instructions": 'instructions="Be brief."',
    "sampling": "temperature=0.3, top_p=0.5",
    "function tools": f"tools=[{_FUNCTION}]",
    "function tools that are computed": f"tools=list([{_FUNCTION}])",
    "a strict function": """tools=[{"type": "function", "function": {"name": "f", "strict": True, "parameters": {
        "type": "object", "properties": {}, "additionalProperties": False, "required": []}}}]""",
    "a function without parameters": 'tools=[{"type": "function", "function": {"name": "f"}}]',
    "code interpreter": 'tools=[{"type": "code_interpreter"}]',
    "code interpreter with files": 'tools=[{"type": "code_interpreter"}], tool_resources={"code_interpreter": {"file_ids": [FILE]}}',
    "file search": """tools=[{"type": "file_search", "file_search": {"max_num_results": 7}}],
        tool_resources={"file_search": {"vector_store_ids": [STORE]}}""",
    "file search with a ranker": """tools=[{"type": "file_search", "file_search": {"ranking_options": {"ranker": "default_2024_08_21",
        "score_threshold": 0.5}}}], tool_resources={"file_search": {"vector_store_ids": [STORE]}}""",
    "file search of nothing": 'tools=[{"type": "file_search"}, {"type": "code_interpreter"}]',
    "a format": 'response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object", "properties": {}}}}',
    "the default format": 'response_format="auto"',
    "what the model does not see": 'name="Tutor", description="For pupils", metadata={"a": "b"}',
}
_TOLD = ("model", "instructions", "tools", "temperature", "top_p", "text", "reasoning")


@pytest.mark.parametrize("reading", ["", "print(assistant.id)"], ids=["a dict", "an object"])
@pytest.mark.parametrize("created", list(_CREATED))
def test_the_model_is_told_the_same(created: str, reading: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create = f'client.beta.assistants.create(model="gpt-4.1", {_CREATED[created]})'
    program = f"from openai import OpenAI\n\nclient = OpenAI()\nassistant = {create}\n{reading}\n"
    outcome = outcome_of({"main.py": program}, Options(target="responses"))
    assert not outcome.reasons
    native = rewritten({"main.py": program}, outcome)
    assert "beta" not in native["main.py"]
    upstream = OfflineUpstream("Hello")
    client = openai.OpenAI(api_key="sk-test", http_client=upstream.http_client())
    stored = client.files.create(file=("a.txt", b"text"), purpose="assistants")
    given = {"FILE": stored.id, "STORE": client.vector_stores.create(file_ids=[stored.id]).id}

    with assistants_compat.OpenAI(api_key="sk-test", http_client=upstream.http_client(), compat=tmp_path / "store.db") as shim:
        assistant = _assistant(program, given, shim)
        thread = shim.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
        shim.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    on_the_shim = _told(upstream)

    (tmp_path / "assistants_config.py").write_text(native.get("assistants_config.py", ""), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(__import__("sys").modules, "assistants_config", raising=False)
    client.responses.create(input="Hi", **_assistant(native["main.py"], given, client))
    assert _told(upstream) == on_the_shim


def _assistant(program: str, given: dict[str, Any], client: Any) -> Any:
    """What `assistant` is after `program` ran with `client`."""
    names: dict[str, Any] = dict(given)
    exec(compile(program.replace("client = OpenAI()", ""), "main.py", "exec"), names | {"client": client}, names)
    return names["assistant"]


def _told(upstream: OfflineUpstream) -> dict[str, Any]:
    """What the last response was asked with."""
    body = [request.body for request in upstream.requests if request.path == "/v1/responses"][-1]
    return {name: body[name] for name in _TOLD if body.get(name) is not None}
