"""Threads that were imported run: their history is what the model sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai

from assistants_compat.testing import FunctionCall, OfflineUpstream, Text

from .conftest import Done, Saved, lines


def test_the_model_sees_the_history_that_was_imported(
    command: Callable[..., Done], client: openai.OpenAI, upstream: OfflineUpstream, tmp_path: Path
) -> None:
    mark = "【4:0†rules.txt】"
    citation = {"type": "file_citation", "text": mark, "start_index": 8, "end_index": 8 + len(mark), "file_citation": {"file_id": "file-1"}}
    cited = [{"type": "text", "text": {"value": f"No dogs.{mark}", "annotations": [citation]}}]
    picture = [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}, *Saved.message(3, "And this one?")["content"]]
    messages = [Saved.message(1, "Dogs?"), Saved.message(2, content=cited), Saved.message(3, content=picture)]
    (tmp_path / "saved.jsonl").write_bytes(lines(Saved.assistant(), Saved.thread(), *reversed(messages), Saved.run(), Saved.step()))
    assert command("import", tmp_path / "saved.jsonl").code == 0

    upstream.script("A cat.")
    run = client.beta.threads.runs.create_and_poll(thread_id=Saved.thread_id, assistant_id=Saved.assistant_id)
    assert run.status == "completed", run.last_error
    [call] = upstream.requests
    assert call.body["instructions"] == "Be kind."
    assert call.body["input"] == [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Dogs?"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "No dogs."}]},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_image", "image_url": "https://example.org/a.png", "detail": "auto"},
                {"type": "input_text", "text": "And this one?"},
            ],
        },
    ]
    assert call.body["prompt_cache_key"] == Saved.thread_id
    newest = client.beta.threads.messages.list(Saved.thread_id).data[0]
    assert newest.content[0].type == "text"
    assert newest.content[0].text.value == "A cat."


def test_what_was_exported_here_is_sent_byte_for_byte_as_before(
    command: Callable[..., Done],
    client: openai.OpenAI,
    new_client: openai.OpenAI,
    new_store: str,
    upstream: OfflineUpstream,
    tmp_path: Path,
) -> None:
    weather: Any = {"type": "function", "function": {"name": "get_weather"}}
    assistant = client.beta.assistants.create(model="gpt-4o", tools=[weather])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Weather?"}])
    upstream.script(FunctionCall("get_weather", {}), Text("Rain."))
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.required_action is not None
    call_id = run.required_action.submit_tool_outputs.tool_calls[0].id
    client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=thread.id, tool_outputs=[{"tool_call_id": call_id, "output": "rain"}]
    )
    command("export", tmp_path / "export")
    command("import", tmp_path / "export", "--store", new_store)
    upstream.script("Yes.", "Yes.")
    for each in (client, new_client):
        each.beta.threads.messages.create(thread.id, role="user", content="Still?")
        done = each.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert done.status == "completed"
    here, there = (json.dumps(request.body) for request in upstream.requests[-2:])
    assert here == there
    assert [item["type"] for item in json.loads(here)["input"]][:4] == ["message", "function_call", "function_call_output", "message"]


def test_a_bare_search_tool_of_an_old_assistant_runs(
    command: Callable[..., Done], client: openai.OpenAI, upstream: OfflineUpstream, tmp_path: Path
) -> None:
    """Those of 2023 and of early 2024 say nothing of ranking."""
    store_id = upstream.put_vector_store({"rules.txt": "No dogs."})
    resources = {"file_search": {"vector_store_ids": [store_id]}}
    old = Saved.assistant(tools=[{"type": "retrieval"}, {"type": "function", "function": {"name": "f"}}], tool_resources=resources)
    (tmp_path / "saved.jsonl").write_bytes(lines(old, Saved.message(1)))
    assert command("import", tmp_path / "saved.jsonl").code == 0
    upstream.script("Yes.")
    run = client.beta.threads.runs.create_and_poll(thread_id=Saved.thread_id, assistant_id=Saved.assistant_id)
    assert run.status == "completed", run.last_error
    assert [tool["type"] for tool in upstream.requests[-1].body["tools"]] == ["file_search", "function"]
