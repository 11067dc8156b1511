"""`assistants-compat threads` and `assistants-compat assistants`: what the API itself never offered."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from assistants_compat.testing import CodeInterpreter, FunctionCall, Gate, HttpError, OfflineUpstream, Text, Turn

from .conftest import Done, Saved, lines

WEATHER: Any = {"type": "function", "function": {"name": "get_weather", "description": "The weather."}}


@pytest.fixture
def talked(client: openai.OpenAI, upstream: OfflineUpstream) -> tuple[str, str]:
    """A thread in which tools were used and a run failed. Returns the assistant's and the thread's id."""
    upstream.script(
        FunctionCall("get_weather", {"city": "Oslo"}),
        Text("Rain."),
        Turn(CodeInterpreter("print(6 * 7)", logs="42"), Text("It is 42.")),
        HttpError(400, "no more"),
    )
    tools: Any = [WEATHER, {"type": "code_interpreter"}]
    assistant = client.beta.assistants.create(model="gpt-4-turbo", name="Guide", instructions="Be\nkind.", tools=tools, temperature=0.5)
    thread = client.beta.threads.create(metadata={"user": "42"}, messages=[{"role": "user", "content": "Weather\nin Oslo?"}])
    at: Any = {"thread_id": thread.id, "assistant_id": assistant.id}
    run = client.beta.threads.runs.create_and_poll(**at, model="gpt-4o")
    assert run.required_action is not None
    call_id = run.required_action.submit_tool_outputs.tool_calls[0].id
    outputs: Any = [{"tool_call_id": call_id, "output": "rain"}]
    client.beta.threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=thread.id, tool_outputs=outputs)
    for text in ("And six times seven?", "Thanks."):
        client.beta.threads.messages.create(thread.id, role="user", content=text)
        client.beta.threads.runs.create_and_poll(**at, model="gpt-4o")
    return assistant.id, thread.id


def test_threads_are_listed_the_newest_first_with_how_they_begin(
    talked: tuple[str, str], client: openai.OpenAI, upstream: OfflineUpstream, command: Callable[..., Done]
) -> None:
    upstream.script(FunctionCall("get_weather", {}))
    second = client.beta.threads.create(messages=[{"role": "user", "content": "Bergen?"}])
    run = client.beta.threads.runs.create_and_poll(thread_id=second.id, assistant_id=talked[0], model="gpt-4o")
    head, *rows = command("threads", "list").out.splitlines()
    assert head.split("  ")[0] == "id"
    assert [row.split()[0] for row in rows] == [second.id, talked[1]]
    assert "requires_action" in rows[0]
    assert rows[0].rstrip().endswith("Bergen?")
    assert rows[1].split()[3:5] == ["5", "user=42"]
    assert rows[1].rstrip().endswith("Weather in Oslo?")

    found = command("threads", "list", "--format", "json").json
    assert [thread["id"] for thread in found] == [second.id, talked[1]]
    assert found[0]["active_run"] == {"id": run.id, "status": "requires_action"}
    assert found[1]["message_count"] == 5
    assert found[1]["metadata"] == {"user": "42"}


def test_a_long_list_is_cut_and_that_is_said(client: openai.OpenAI, command: Callable[..., Done]) -> None:
    ids = [client.beta.threads.create().id for _ in range(105)]
    out = command("threads", "list", "--limit", 3).out
    assert [line.split()[0] for line in out.splitlines()[1:4]] == ids[:-4:-1]
    assert "3 of 105 threads; --all lists the others too." in out
    assert [thread["id"] for thread in command("threads", "list", "--all", "--format", "json").json] == ids[::-1]
    assert len(command("threads", "list", "--format", "json").json) == 20


def test_a_thread_is_shown_with_what_its_runs_did_in_between(talked: tuple[str, str], command: Callable[..., Done]) -> None:
    out = command("threads", "show", talked[1]).out
    told = [line.strip() for line in out.splitlines() if line.startswith("  ")]
    assert told == [
        "Weather",
        "in Oslo?",
        'get_weather({"city":"Oslo"}) → rain',
        "Rain.",
        "And six times seven?",
        "code: print(6 * 7)",
        "→ 42",
        "It is 42.",
        "Thanks.",
        "server_error: no more",
    ]
    assert [line.split()[0] for line in out.splitlines() if line and not line.startswith(" ")] == [
        talked[1],
        "metadata",
        *("user", "run", "assistant", "user", "run", "assistant", "user", "run"),
    ]
    assert "failed" in out


def test_the_last_messages_of_a_long_thread_are_shown_and_the_others_counted(talked: tuple[str, str], command: Callable[..., Done]) -> None:
    out = command("threads", "show", talked[1], "--last", 2).out
    assert "… 3 earlier messages; --all shows them." in out
    assert "Rain." not in out
    assert "Thanks." in out
    assert "Rain." in command("threads", "show", talked[1], "--last", 2, "--all").out


def test_as_json_a_thread_is_what_an_export_has(talked: tuple[str, str], command: Callable[..., Done], tmp_path: Path) -> None:
    command("export", tmp_path / "export")
    shown = command("threads", "show", talked[1], "--format", "json").bytes
    assert shown == (tmp_path / "export" / "threads" / f"{talked[1]}.json").read_bytes()


def test_threads_are_deleted_when_that_is_confirmed(talked: tuple[str, str], client: openai.OpenAI, command: Callable[..., Done]) -> None:
    done = command("threads", "delete", talked[1], input=b"n\n")
    assert done.code == 1
    assert f"Delete {talked[1]} with 5 messages?" in done.out
    assert client.beta.threads.retrieve(talked[1]).id == talked[1]
    assert command("threads", "delete", talked[1], input=b"y\n").code == 0
    with pytest.raises(openai.NotFoundError):
        client.beta.threads.retrieve(talked[1])
    again = command("threads", "delete", talked[1], "--yes")
    assert (again.code, again.err) == (1, f"There is no thread {talked[1]} in the store.\n")


def test_a_thread_that_a_run_is_at_work_on_is_deleted_only_by_force(
    talked: tuple[str, str], client: openai.OpenAI, upstream: OfflineUpstream, command: Callable[..., Done]
) -> None:
    gate = Gate()
    upstream.script(Turn("Done.", hold=gate))
    run = client.beta.threads.runs.create(talked[1], assistant_id=talked[0], model="gpt-4o")
    done = command("threads", "delete", talked[1], "--yes")
    assert done.code == 1
    assert f"its run {run.id} is at work. Cancel it, or wait for it, or delete with --force." in done.err
    assert command("threads", "delete", talked[1], "--yes", "--force").code == 0
    gate.open()
    with pytest.raises(openai.NotFoundError):
        client.beta.threads.retrieve(talked[1])


def test_assistants_are_listed_with_the_fate_of_their_models(
    talked: tuple[str, str], client: openai.OpenAI, command: Callable[..., Done]
) -> None:
    second = client.beta.assistants.create(model="gpt-6-sol")
    head, first, other = command("assistants", "list").out.splitlines()
    assert head.startswith("id")
    assert first.split()[0] == second.id
    assert "gpt-6-sol (" not in first
    assert "gpt-4-turbo (gone since 2026-10-23)" in other
    assert "get_weather, code_interpreter" in other
    assert other.rstrip().endswith("Be kind.")
    listed = [assistant.to_dict() for assistant in client.beta.assistants.list()]
    assert command("assistants", "list", "--format", "json").json == listed


def test_an_assistant_is_shown_with_all_that_it_is(talked: tuple[str, str], client: openai.OpenAI, command: Callable[..., Done]) -> None:
    out = command("assistants", "show", talked[0]).out
    told = dict(re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in out.splitlines() if line[:1].strip())
    assert told["name"] == "Guide"
    assert told["model"] == "gpt-4-turbo (gone since 2026-10-23)"
    assert told["temperature"] == "0.5"
    assert "kind." in out
    assert "get_weather: The weather." in out
    assert command("assistants", "show", talked[0], "--format", "json").json == client.beta.assistants.retrieve(talked[0]).to_dict()


@pytest.mark.parametrize("kind", ["thread", "assistant"])
def test_what_is_not_there_is_one_sentence(kind: str, command: Callable[..., Done], client: openai.OpenAI) -> None:
    done = command(f"{kind}s", "show", "nobody\x1b[31m")
    assert (done.code, done.err) == (1, f"Error: There is no {kind} nobody\ufffd[31m in the store.\n")


def test_an_empty_store_says_so(command: Callable[..., Done]) -> None:
    assert command("threads", "list").out == "There are no threads in this store.\n"
    assert command("assistants", "list").out == "There are no assistants in this store.\n"
    assert command("threads", "list", "--tenant", "acme").out == "acme has no threads in this store.\n"
    assert command("threads", "list", "--format", "json").json == []
    assert command("assistants", "list", "--format", "json").json == []


def test_nothing_that_strangers_wrote_reaches_the_terminal_as_a_command(command: Callable[..., Done], tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe\x9b31m [bold]no markup[/bold] :smile:"
    call = {"id": "c", "type": "function", "function": {"name": evil, "arguments": evil, "output": evil}}
    tools = [{"type": "function", "function": {"name": evil}}]
    objects = [
        Saved.thread(metadata={evil: evil}),
        Saved.message(1, evil, attachments=[{"file_id": evil, "tools": []}], metadata={"a": evil}),
        Saved.run(model=evil, last_error={"code": evil, "message": evil}, status="failed"),
        Saved.step(type="tool_calls", step_details={"type": "tool_calls", "tool_calls": [call]}),
        Saved.assistant(name=evil, model=evil, instructions=evil, metadata={"a": evil}, tools=tools),
        Saved.message(3, role=evil),
    ]
    (tmp_path / "saved.jsonl").write_bytes(lines(*objects))
    outputs = [
        command("import", tmp_path / "saved.jsonl"),
        command("threads", "list"),
        command("threads", "show", Saved.thread_id),
        command("assistants", "list"),
        command("assistants", "show", Saved.assistant_id),
    ]
    for done in outputs:
        assert not set(done.out + done.err) & set("\x1b\x07\x9b\u202e")
    assert "[bold]no markup[/bold] :smile:" in outputs[2].out


def test_without_rich_there_is_json_and_a_sentence(
    talked: tuple[str, str], command: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    done = command("threads", "list")
    assert done.code == 1
    assert "pip install 'assistants-compat[terminal]'" in done.err
    assert len(json.loads(command("threads", "list", "--format", "json").out)) == 1
