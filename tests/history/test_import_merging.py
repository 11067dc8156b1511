"""`assistants-compat import`: what the store has already."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from assistants_compat.testing import Gate, OfflineUpstream, Turn
from clock import Clock

from .conftest import Done, Saved, lines, texts


def saved(path: Path, *objects: Any) -> Path:
    path.write_bytes(lines(*objects))
    return path


def everything() -> list[dict[str, Any]]:
    return [Saved.assistant(), Saved.thread(), Saved.message(1), Saved.message(2), Saved.run(), Saved.step()]


CHANGED = {
    "assistant": lambda: Saved.assistant(instructions="Be strict."),
    "thread": lambda: Saved.thread(metadata={"user": "8"}),
    "message": lambda: Saved.message(2, "Something else."),
    "run": lambda: Saved.run(metadata={"k": "v"}),
    "step": lambda: Saved.step(usage=None),
}


@pytest.mark.parametrize("kind", list(CHANGED))
def test_what_the_store_has_otherwise_is_kept_and_told_unless_it_is_to_be_replaced(
    kind: str, command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    def stored() -> Any:
        threads, at = client.beta.threads, {"thread_id": Saved.thread_id}
        found = [
            client.beta.assistants.retrieve(Saved.assistant_id),
            threads.retrieve(Saved.thread_id),
            *threads.messages.list(Saved.thread_id),
            threads.runs.retrieve(Saved.run_id, **at),
            *threads.runs.steps.list(Saved.run_id, **at),
        ]
        return [each.to_dict() for each in found]

    command("import", saved(tmp_path / "first", *everything()))
    before = stored()
    other = CHANGED[kind]()
    change = saved(tmp_path / "second", other, *(each for each in everything() if each["id"] != other["id"]))

    done = command("import", change)
    assert done.code == 1
    assert "conflict" in done.out
    assert f"{other['id']} stays as it is in the store: it differs in " in done.out
    assert stored() == before
    kept = command("import", change, "--on-conflict", "keep", "--format", "json")
    assert (kept.code, kept.json["result"][kind]["kept"]) == (0, 1)
    assert stored() == before
    rehearsed = command("import", change, "--on-conflict", "replace", "--dry-run", "--format", "json")
    assert (rehearsed.code, rehearsed.json["written"], rehearsed.json["result"][kind]["replaced"]) == (0, False, 1)
    assert stored() == before

    replaced = command("import", change, "--on-conflict", "replace", "--format", "json")
    assert (replaced.code, replaced.json["result"][kind]["replaced"]) == (0, 1)
    assert [each["id"] for each in stored()] == [each["id"] for each in before]
    [found] = [each for each in stored() if each["id"] == other["id"]]
    differing = {key for key, value in other.items() if found.get(key) != value}
    assert differing <= {"tool_resources"}  # which a thread always shows a code interpreter's files in
    assert command("import", change, "--format", "json").json["remarks"] == []


def test_a_thread_that_has_gone_on_since_is_no_conflict(
    command: Callable[..., Done], client: openai.OpenAI, upstream: OfflineUpstream, tmp_path: Path
) -> None:
    export = saved(tmp_path / "export", *everything())
    command("import", export)
    upstream.script("And more.")
    client.beta.threads.messages.create(Saved.thread_id, role="user", content="Go on.")
    client.beta.threads.runs.create_and_poll(thread_id=Saved.thread_id, assistant_id=Saved.assistant_id)
    done = command("import", export, "--format", "json")
    assert (done.code, done.json["remarks"]) == (0, [])
    assert texts(client) == ["message 1", "message 2", "Go on.", "And more."]


def test_a_dry_run_writes_nothing_and_makes_no_store(command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path) -> None:
    export = saved(tmp_path / "export", *everything())
    done = command("import", export, "--dry-run")
    assert done.code == 0
    assert "Nothing was written (--dry-run)." in done.out
    assert list(client.beta.assistants.list()) == []
    with pytest.raises(openai.NotFoundError):
        client.beta.threads.retrieve(Saved.thread_id)
    assert command("import", export, "--dry-run", "--store", tmp_path / "none.db").code == 0
    assert not (tmp_path / "none.db").exists()


def test_what_belongs_to_another_tenant_is_left_alone(command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path) -> None:
    command("import", saved(tmp_path / "export", *everything()), "--tenant", "acme")
    done = command("import", saved(tmp_path / "export", *everything()), "--on-conflict", "replace")
    assert done.code == 1
    assert f"thread {Saved.thread_id} belongs to another tenant, and was left alone" in done.out
    assert f"assistant {Saved.assistant_id} is another tenant's in the store, and was left alone" in done.out
    with pytest.raises(openai.NotFoundError):
        client.beta.threads.retrieve(Saved.thread_id)
    assert command("import", saved(tmp_path / "export", *everything()), "--tenant", "acme").code == 0


def test_a_message_that_is_in_another_thread_of_the_store_is_left_there(
    command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    command("import", saved(tmp_path / "first", Saved.message(1)))
    done = command(
        "import", saved(tmp_path / "second", Saved.message(1, thread_id="thread_other"), Saved.message(3, thread_id="thread_other"))
    )
    assert done.code == 1
    assert f"is in {Saved.thread_id} in the store, and was left alone" in done.out
    assert texts(client) == ["message 1"]
    assert texts(client, "thread_other") == ["message 3"]


def test_a_thread_that_a_run_is_at_work_on_is_left_alone_until_it_is_done(
    command: Callable[..., Done], client: openai.OpenAI, upstream: OfflineUpstream, tmp_path: Path
) -> None:
    command("import", saved(tmp_path / "export", *everything()))
    gate = Gate()
    upstream.script(Turn("Done.", hold=gate))
    run = client.beta.threads.runs.create(Saved.thread_id, assistant_id=Saved.assistant_id)
    more = saved(tmp_path / "more", Saved.message(3))
    done = command("import", more)
    assert done.code == 1
    assert f"thread {Saved.thread_id} was left as it is: its run {run.id} is at work. Import again when that is done" in done.out
    assert command("import", tmp_path / "export").code == 0  # where nothing is to be changed, nothing is in the way
    gate.open()
    client.beta.threads.runs.poll(run.id, thread_id=Saved.thread_id)
    assert command("import", more).code == 0
    assert texts(client) == ["message 1", "message 2", "message 3", "Done."]


def test_a_run_whose_time_is_up_is_no_obstacle(
    command: Callable[..., Done],
    client: openai.OpenAI,
    upstream: OfflineUpstream,
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from assistants_compat.testing import FunctionCall

    weather: Any = {"type": "function", "function": {"name": "get_weather"}}
    command("import", saved(tmp_path / "export", *everything()))
    upstream.script(FunctionCall("get_weather", {}))
    clock.now = 1_700_000_100.0  # long ago, for the command
    run = client.beta.threads.runs.create_and_poll(thread_id=Saved.thread_id, assistant_id=Saved.assistant_id, tools=[weather])
    assert run.status == "requires_action"
    assert command("import", saved(tmp_path / "more", Saved.message(3))).code == 0
    assert client.beta.threads.runs.retrieve(run.id, thread_id=Saved.thread_id).status == "expired"
    assert texts(client) == ["message 1", "message 2", "message 3"]


@pytest.mark.parametrize("status", ["queued", "in_progress", "requires_action", "cancelling"])
def test_a_run_that_was_active_when_it_was_saved_is_over_and_its_thread_is_free(
    status: str, command: Callable[..., Done], client: openai.OpenAI, upstream: OfflineUpstream, tmp_path: Path
) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    action = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [call]}}
    active = {"status": status, "completed_at": None, "usage": None, "expires_at": 1_700_000_602}
    run = Saved.run(**active, required_action=action if status == "requires_action" else None)
    step = Saved.step(status="in_progress", completed_at=None, expires_at=1_700_000_602, usage=None)
    message = Saved.message(2, status="in_progress", completed_at=None, incomplete_at=None, incomplete_details=None)
    export = saved(tmp_path / "export", Saved.assistant(), Saved.thread(), Saved.message(1), message, run, step)
    assert command("import", export).code == 0
    ended = client.beta.threads.runs.retrieve(Saved.run_id, thread_id=Saved.thread_id)
    assert ended.status == ("cancelled" if status == "cancelling" else "expired")
    assert (ended.expires_at, ended.required_action) == (None, None)
    [shown] = client.beta.threads.runs.steps.list(Saved.run_id, thread_id=Saved.thread_id)
    assert shown.status == ended.status
    assert command("import", export, "--format", "json").json["remarks"] == []

    upstream.script("Yes.")
    client.beta.threads.messages.create(Saved.thread_id, role="user", content="Still there?")
    done = client.beta.threads.runs.create_and_poll(thread_id=Saved.thread_id, assistant_id=Saved.assistant_id)
    assert done.status == "completed"
    assert texts(client) == ["message 1", "message 2", "Still there?", "Yes."]


def test_the_later_state_of_an_object_counts_wherever_it_was_saved(
    command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    done, queued = Saved.run(), Saved.run(status="queued", completed_at=None, usage=None)
    result = command("import", saved(tmp_path / "both", done, queued, Saved.thread(metadata={"n": "1"}), Saved.thread(metadata={"n": "2"})))
    assert result.code == 0
    assert client.beta.threads.runs.retrieve(Saved.run_id, thread_id=Saved.thread_id).status == "completed"
    assert client.beta.threads.retrieve(Saved.thread_id).metadata == {"n": "2"}
    assert command("import", saved(tmp_path / "old", queued), "--format", "json").json["remarks"] == []


def test_json_has_the_schema_and_everything_that_was_said(command: Callable[..., Done], tmp_path: Path) -> None:
    bad = [Saved.message(n, role="system") for n in range(1, 31)]
    done = command("import", saved(tmp_path / "export", Saved.thread(), *bad), "--format", "json")
    assert done.code == 1
    assert done.json["schema"] == "assistants-compat-import/v1"
    assert len(done.json["remarks"]) == 30
    assert done.json["remarks"][0] == {
        "kind": "bad",
        "place": f"{tmp_path / 'export'}, line 2",
        "what": f"message '{bad[0]['id']}': role is 'system', none of user, assistant",
    }
    text = command("import", tmp_path / "export").out
    assert text.count("skipped") == 21
    assert "… and 10 more; --format json has all of them" in text
    assert json.loads(done.out)
