"""`assistants-compat export`: what the API shows, in files."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai

from assistants_compat.testing import FunctionCall, OfflineUpstream, Text

from .conftest import Done

WEATHER: Any = {"type": "function", "function": {"name": "get_weather"}}


def with_a_tool_call(client: openai.OpenAI, upstream: OfflineUpstream) -> tuple[str, str]:
    """A thread with a user's message, a function call, its output and an answer. Returns the assistant's and the thread's id."""
    upstream.script(FunctionCall("get_weather", {"city": "Oslo"}), Text("Rain."))
    assistant = client.beta.assistants.create(model="gpt-4o", name="Weather", tools=[WEATHER])
    thread = client.beta.threads.create(metadata={"user": "42"})
    client.beta.threads.messages.create(thread.id, role="user", content="Weather in Oslo?")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.required_action is not None
    call = run.required_action.submit_tool_outputs.tool_calls[0]
    client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=thread.id, tool_outputs=[{"tool_call_id": call.id, "output": "rain"}]
    )
    return assistant.id, thread.id


def test_a_folder_has_a_file_a_thread_in_the_open_schema(
    client: openai.OpenAI, upstream: OfflineUpstream, command: Callable[..., Done], tmp_path: Path
) -> None:
    assistant_id, thread_id = with_a_tool_call(client, upstream)
    folder = tmp_path / "export"
    done = command("export", folder)
    assert done.code == 0
    assert "Exported 1 threads (2 messages, 1 runs) and 1 assistants" in done.err

    found = json.loads((folder / "threads" / f"{thread_id}.json").read_text())
    assert list(found)[:8] == ["export_schema", "thread_id", "exported_at", "thread", "messages", "runs", "files", "errors"]
    assert found["export_schema"] == "assistants-thread-export/v1"
    assert found["thread_id"] == thread_id
    assert found["thread"]["metadata"] == {"user": "42"}
    api = list(client.beta.threads.messages.list(thread_id, order="asc"))
    assert [message["id"] for message in found["messages"]] == [message.id for message in api]
    assert [message["content"][0]["text"]["value"] for message in found["messages"]] == ["Weather in Oslo?", "Rain."]
    [run] = found["runs"]
    assert [step["type"] for step in run["steps"]] == ["tool_calls", "message_creation"]
    assert run["steps"][0]["step_details"]["tool_calls"][0]["function"]["output"] == "rain"
    [assistant] = json.loads((folder / "assistants.json").read_text())
    assert assistant["id"] == assistant_id
    assert json.loads((folder / "manifest.json").read_text())["threads_exported"] == 1


def test_what_only_the_model_sees_is_beside_it(
    client: openai.OpenAI, upstream: OfflineUpstream, command: Callable[..., Done], tmp_path: Path
) -> None:
    _, thread_id = with_a_tool_call(client, upstream)
    command("export", tmp_path / "export")
    found = json.loads((tmp_path / "export" / "threads" / f"{thread_id}.json").read_text())
    hidden = found["assistants_compat"]["items"]
    assert [item["body"]["type"] for item in hidden] == ["function_call", "function_call_output"]
    assert {item["before"] for item in hidden} == {found["messages"][1]["id"]}


def test_json_lines_have_an_object_a_line(client: openai.OpenAI, upstream: OfflineUpstream, command: Callable[..., Done]) -> None:
    with_a_tool_call(client, upstream)
    done = command("export", "--lines", "-")
    lines = [json.loads(line) for line in done.bytes.splitlines()]
    assert lines[0] == {"export_schema": "assistants-compat-lines/v1"}
    assert [line["object"] for line in lines[1:]] == [
        "assistant",
        "thread",
        "thread.message",
        "thread.message",
        "assistants_compat.item",
        "assistants_compat.item",
        "thread.run",
        "thread.run.step",
        "thread.run.step",
    ]


def test_only_what_is_named_is_exported_and_what_is_missing_is_told(
    client: openai.OpenAI, command: Callable[..., Done], tmp_path: Path
) -> None:
    first, second = (client.beta.threads.create().id for _ in range(2))
    client.beta.assistants.create(model="gpt-4o")
    (tmp_path / "ids").write_text(f"# from the database\n{first}\n\n{second}  # the second\n")
    done = command("export", tmp_path / "one", "--thread", first, "--thread", "thread_none")
    assert done.code == 1
    assert "missing: there is no thread_none in the store" in done.err
    assert [path.stem for path in (tmp_path / "one" / "threads").iterdir()] == [first]
    assert json.loads((tmp_path / "one" / "assistants.json").read_text()) == []
    assert json.loads((tmp_path / "one" / "manifest.json").read_text())["threads_failed"] == ["thread_none"]

    assert command("export", tmp_path / "two", "--threads-from", tmp_path / "ids", "--assistant", "all").code == 0
    assert {path.stem for path in (tmp_path / "two" / "threads").iterdir()} == {first, second}
    assert len(json.loads((tmp_path / "two" / "assistants.json").read_text())) == 1


def test_a_file_of_ids_without_ids_is_no_order_to_export_everything(command: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "ids").write_text("# none\n")
    done = command("export", tmp_path / "out", "--threads-from", tmp_path / "ids")
    assert done.code == 2
    assert "names no threads" in done.err
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_over_unless_it_is_allowed(client: openai.OpenAI, command: Callable[..., Done], tmp_path: Path) -> None:
    thread_id = client.beta.threads.create().id
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "mine.txt").write_text("mine")
    done = command("export", tmp_path / "export")
    assert (done.code, list((tmp_path / "export").iterdir())) == (2, [tmp_path / "export" / "mine.txt"])
    assert "is not empty: name another folder, or allow it with --overwrite." in done.err
    assert command("export", tmp_path / "export", "--overwrite").code == 0
    assert (tmp_path / "export" / "mine.txt").read_text() == "mine"
    assert (tmp_path / "export" / "threads" / f"{thread_id}.json").exists()
    (tmp_path / "lines").write_text("mine")
    assert command("export", "--lines", tmp_path / "lines").code == 2
    assert (tmp_path / "lines").read_text() == "mine"


def test_an_export_is_its_owners_alone(client: openai.OpenAI, command: Callable[..., Done], tmp_path: Path) -> None:
    client.beta.threads.create()
    os.umask(os.umask(0o022))
    command("export", tmp_path / "export")
    for path in [tmp_path / "export", *(tmp_path / "export").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_another_tenants_threads_are_not_among_them(client: openai.OpenAI, command: Callable[..., Done], tmp_path: Path) -> None:
    thread_id = client.beta.threads.create().id
    done = command("export", tmp_path / "export", "--tenant", "acme", "--thread", thread_id)
    assert done.code == 1
    assert list((tmp_path / "export" / "threads").iterdir()) == []


def test_a_store_that_cannot_be_opened_is_one_sentence(command: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no database, but a text that is long enough to be taken for the header of one")
    done = command("export", tmp_path / "out", "--store", tmp_path / "file")
    assert done.code == 2
    assert "Error: The store" in done.err
    assert "Traceback" not in done.err


def test_a_store_that_is_not_there_is_not_made(command: Callable[..., Done], tmp_path: Path) -> None:
    done = command("export", tmp_path / "out", "--store", tmp_path / "none.db")
    assert done.code == 2
    assert f"There is no store {tmp_path / 'none.db'}." in done.err
    assert not (tmp_path / "none.db").exists()
