"""`assistants-compat import`: whatever form a history was saved in, it is the same history again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest
import yaml

from assistants_compat.testing import CodeInterpreter, FileSearch, Found, FunctionCall, OfflineUpstream, Text, Turn
from assistants_compat.testing.tool_answers import Cite
from clock import Clock

from .conftest import Done, Saved, lines, page, texts

Json = dict[str, Any]
WEATHER: Any = {"type": "function", "function": {"name": "get_weather"}}


@pytest.fixture
def lived(client: openai.OpenAI, upstream: OfflineUpstream, clock: Clock) -> tuple[str, str]:
    """A thread with all that one may have in it, answers in the second of the questions. Returns the assistant's and the thread's id."""
    file_id = upstream.put_file("rules.txt", "No dogs.")
    store_id = upstream.put_vector_store({"rules.txt": "No dogs."})
    upstream.script(
        FunctionCall("get_weather", {"city": "Oslo"}),
        Text("Rain."),
        Turn(
            FileSearch("dogs", results=[Found("No dogs.", "rules.txt", file_id=file_id)]),
            Text("None.", annotations=(Cite("rules.txt", 4),)),
        ),
        Turn(CodeInterpreter("save()", logs="1", files={"data.csv": b"a,b\n"}), Text("Here: sandbox:/mnt/data/data.csv")),
    )
    tools: Any = [WEATHER, {"type": "file_search"}, {"type": "code_interpreter"}]
    assistant = client.beta.assistants.create(
        model="gpt-4o", name="Guide", tools=tools, tool_resources={"file_search": {"vector_store_ids": [store_id]}}
    )
    thread = client.beta.threads.create(metadata={"user": "42"}, messages=[{"role": "user", "content": "Weather in Oslo?"}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.required_action is not None
    clock.advance(3)
    call = run.required_action.submit_tool_outputs.tool_calls[0]
    client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=thread.id, tool_outputs=[{"tool_call_id": call.id, "output": "rain"}]
    )
    clock.advance(7)
    image: Any = [{"type": "text", "text": "And dogs?"}, {"type": "image_url", "image_url": {"url": "https://example.org/dog.png"}}]
    attached: Any = [{"file_id": file_id, "tools": [{"type": "code_interpreter"}]}]
    client.beta.threads.messages.create(thread.id, role="user", content=image, attachments=attached, metadata={"k": "v"})
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    clock.advance(5)
    client.beta.threads.messages.create(thread.id, role="user", content="As a table.")
    done = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert done.status == "completed", done.last_error
    return assistant.id, thread.id


class Api:
    """The replies of the API on one thread, fetched as somebody would who saves them."""

    def __init__(self, client: openai.OpenAI, assistant_id: str, thread_id: str) -> None:
        threads = client.beta.threads
        self.pages = {
            "assistants": client.beta.assistants.list(),
            "messages": threads.messages.list(thread_id),
            "runs": threads.runs.list(thread_id),
        }
        self.steps = [threads.runs.steps.list(run.id, thread_id=thread_id) for run in self.pages["runs"]]
        self.thread = threads.retrieve(thread_id)

    def seen(self) -> Any:
        """All of it as JSON."""
        return [self.thread.to_dict(), *(page.to_dict() for page in (*self.pages.values(), *self.steps))]


def as_export(command: Callable[..., Done], api: Api, folder: Path) -> list[str]:
    command("export", folder / "export")
    return [str(folder / "export")]


def as_lines_export(command: Callable[..., Done], api: Api, folder: Path) -> list[str]:
    command("export", "--lines", folder / "export.jsonl")
    return [str(folder / "export.jsonl")]


def as_foreign_export(command: Callable[..., Done], api: Api, folder: Path) -> list[str]:
    """The open schema as others write it: thread files, newest runs first."""
    runs = [{**run.to_dict(), "steps": [step.to_dict() for step in steps]} for run, steps in zip(api.pages["runs"], api.steps, strict=True)]
    messages = [message.to_dict() for message in reversed(list(api.pages["messages"]))]
    found = {"export_schema": "assistants-thread-export/v1", "thread_id": api.thread.id, "exported_at": "2026-08-01T00:00:00Z"}
    found |= {"thread": api.thread.to_dict(), "messages": messages, "runs": runs, "files": {}, "errors": []}
    (folder / "threads").mkdir()
    (folder / "threads" / f"{api.thread.id}.json").write_text(json.dumps(found, indent=2))
    (folder / "assistants.json").write_text(json.dumps([each.to_dict() for each in api.pages["assistants"]]))
    (folder / "manifest.json").write_text(json.dumps({"export_schema": "assistants-export-manifest/v1", "threads_exported": 1}))
    return [str(folder)]


def as_pages(command: Callable[..., Done], api: Api, folder: Path) -> list[str]:
    """Newest first, a file a page, in a tree; the thread in a file of its own."""
    for name, each in {**api.pages, **{f"steps{n}": steps for n, steps in enumerate(api.steps)}}.items():
        (folder / name).mkdir()
        (folder / name / "page1.json").write_text(json.dumps(each.to_dict()))
    (folder / "thread.json").write_text(api.thread.to_json())
    return [str(folder)]


def as_arrays(command: Callable[..., Done], api: Api, folder: Path) -> list[str]:
    for name, each in {**api.pages, **{f"steps{n}": steps for n, steps in enumerate(api.steps)}}.items():
        (folder / f"{name}.json").write_text(json.dumps([one.to_dict() for one in each]))
    (folder / "thread.json").write_text(api.thread.to_json())
    return [str(path) for path in folder.iterdir()]


def as_dumped_models(command: Callable[..., Done], api: Api, folder: Path) -> list[str]:
    """model_dump() with its nulls and its names, a line each, all in one file."""
    objects = [api.thread, *api.pages["assistants"], *api.pages["messages"], *api.pages["runs"], *(s for page in api.steps for s in page)]
    (folder / "dump.jsonl").write_bytes(lines(*(each.model_dump(mode="json") for each in objects)))
    return [str(folder / "dump.jsonl")]


def as_one_object_of_their_own(command: Callable[..., Done], api: Api, folder: Path) -> list[str]:
    """What somebody's own script made of it."""
    listed = api.pages["messages"].model_dump(mode="json")
    runs = [{**run.to_dict(), "steps": [step.to_dict() for step in steps]} for run, steps in zip(api.pages["runs"], api.steps, strict=True)]
    whole = {"threads": {api.thread.id: {**api.thread.to_dict(), "messages": listed, "runs": runs}}, "saved": "2026-08-25"}
    whole["assistants"] = {each.id: each.to_dict() for each in api.pages["assistants"]}
    (folder / "backup.txt").write_text(json.dumps(whole, indent=1), encoding="utf-16")
    return [str(folder / "backup.txt")]


def _exchanges(api: Api) -> list[tuple[str, Any]]:
    thread = f"/v1/threads/{api.thread.id}"
    found: list[tuple[str, Any]] = [("/v1/assistants?limit=100", api.pages["assistants"].to_dict()), (thread, api.thread.to_dict())]
    found += [(f"{thread}/messages", api.pages["messages"].to_dict()), (f"{thread}/runs", api.pages["runs"].to_dict())]
    return [*found, *((f"{thread}/runs/{steps.data[0].run_id}/steps", steps.to_dict()) for steps in api.steps)]


def as_cassette(command: Callable[..., Done], api: Api, folder: Path) -> list[str]:
    """As vcrpy writes it."""

    def interaction(path: str, body: Any) -> Json:
        response = {"status": {"code": 200, "message": "OK"}, "headers": {"content-type": ["application/json"]}}
        request = {"method": "GET", "uri": f"https://api.openai.com{path}", "body": None, "headers": {}}
        return {"request": request, "response": {**response, "body": {"string": json.dumps(body)}}}

    found = [interaction(*each) for each in _exchanges(api)]
    (folder / "cassette.yaml").write_text(yaml.safe_dump({"version": 1, "interactions": found}))
    return [str(folder / "cassette.yaml")]


def as_cassette_in_lines(command: Callable[..., Done], api: Api, folder: Path) -> list[str]:
    found = [
        {"method": "GET", "url": path, "status": 200, "headers": {}, "request": None, "response": body} for path, body in _exchanges(api)
    ]
    (folder / "traffic.jsonl").write_bytes(lines(*found))
    return [str(folder / "traffic.jsonl")]


FORMS = [
    as_export,
    as_lines_export,
    as_foreign_export,
    as_pages,
    as_arrays,
    as_dumped_models,
    as_one_object_of_their_own,
    as_cassette,
    as_cassette_in_lines,
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_a_history_is_the_same_again_whatever_form_it_was_saved_in(
    form: Callable[..., list[str]],
    lived: tuple[str, str],
    client: openai.OpenAI,
    new_client: openai.OpenAI,
    new_store: str,
    command: Callable[..., Done],
    tmp_path: Path,
) -> None:
    before = Api(client, *lived)
    (tmp_path / "saved").mkdir()
    paths = form(command, before, tmp_path / "saved")
    done = command("import", *paths, "--store", new_store, "--format", "json")
    assert (done.code, done.json["written"]) == (0, True), done.out
    added = {kind: counts["added"] for kind, counts in done.json["result"].items()}
    assert added.items() >= {"assistant": 1, "thread": 1, "message": 6, "run": 3, "step": 6}.items()
    assert Api(new_client, *lived).seen() == before.seen()

    again = command("import", *paths, "--store", new_store, "--format", "json")
    assert again.code == 0
    assert {kind: counts["there"] for kind, counts in again.json["result"].items()} == added
    assert all(counts["added"] == counts["replaced"] == counts["kept"] == 0 for counts in again.json["result"].values())
    assert Api(new_client, *lived).seen() == before.seen()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_importing_back_into_the_store_it_is_from_changes_nothing(
    form: Callable[..., list[str]], lived: tuple[str, str], client: openai.OpenAI, command: Callable[..., Done], tmp_path: Path
) -> None:
    before = Api(client, *lived)
    (tmp_path / "saved").mkdir()
    done = command("import", *form(command, before, tmp_path / "saved"), "--format", "json")
    assert (done.code, done.json["remarks"]) == (0, [])
    assert all(counts["there"] == sum(counts.values()) for counts in done.json["result"].values())
    assert Api(client, *lived).seen() == before.seen()


def test_standard_input_is_read(command: Callable[..., Done], client: openai.OpenAI) -> None:
    messages = [Saved.message(n) for n in (3, 2, 1)]
    done = command("import", "-", input=json.dumps(page(messages)).encode())
    assert done.code == 0, done.out
    assert texts(client) == ["message 1", "message 2", "message 3"]


def test_generated_files_come_with_the_folder_they_were_exported_to(
    lived: tuple[str, str],
    client: openai.OpenAI,
    new_client: openai.OpenAI,
    new_store: str,
    command: Callable[..., Done],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def generated(of: openai.OpenAI) -> str:
        parts = [part for message in of.beta.threads.messages.list(lived[1]) for part in message.content if part.type == "text"]
        return next(mark.file_path.file_id for part in parts for mark in part.text.annotations if mark.type == "file_path")

    command("export", tmp_path / "export")
    if not new_store.endswith(".db"):
        monkeypatch.setenv("ASSISTANTS_COMPAT_FILES", str(tmp_path / "new" / "store.db.files"))
    first = command("import", tmp_path / "export" / "threads" / f"{lived[1]}.json", "--store", new_store)
    assert first.code == 0
    assert new_client.files.content(generated(new_client)).content == b"a,b\n"


def test_the_bytes_of_files_may_come_later(
    lived: tuple[str, str], client: openai.OpenAI, new_store: str, command: Callable[..., Done], tmp_path: Path, store_in_a_file: None
) -> None:
    command("export", tmp_path / "export")
    command("export", "--lines", tmp_path / "lines.jsonl")
    first = command("import", tmp_path / "lines.jsonl", "--store", new_store)
    assert first.code == 0
    assert "are not in what was imported" in first.out
    second = command("import", tmp_path / "export", "--store", new_store, "--format", "json")
    assert (second.code, second.json["remarks"]) == (0, [])
    assert second.json["result"]["file"]["added"] == 1
    [blob] = Path(f"{new_store}.files").iterdir()
    assert blob.read_bytes() == b"a,b\n"
    third = command("import", tmp_path / "export", "--store", new_store, "--format", "json")
    assert third.json["result"]["file"] == {"added": 0, "there": 1, "kept": 0, "replaced": 0, "left": 0}


def test_objects_of_the_first_version_are_read_as_the_second_showed_them(
    command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    tools = [{"type": "retrieval"}, {"type": "code_interpreter"}]
    assistant = {
        key: value for key, value in Saved.assistant().items() if key not in ("tool_resources", "response_format", "top_p", "temperature")
    }
    message = {key: value for key, value in Saved.message(1).items() if key != "attachments"}
    (tmp_path / "v1.jsonl").write_bytes(
        lines(
            {**assistant, "tools": tools, "file_ids": ["file-1"]},
            {**message, "file_ids": ["file-2"]},
            {"id": "x", "object": "assistant.file"},
        )
    )
    done = command("import", tmp_path / "v1.jsonl")
    assert done.code == 0
    assert "put file-1 into a vector store" in done.out
    found = client.beta.assistants.retrieve(Saved.assistant_id)
    assert [tool.type for tool in found.tools] == ["file_search", "code_interpreter"]
    assert found.tool_resources is not None
    assert found.tool_resources.code_interpreter is not None
    assert found.tool_resources.code_interpreter.file_ids == ["file-1"]
    [shown] = client.beta.threads.messages.list(Saved.thread_id)
    assert shown.attachments is not None
    assert [attachment.file_id for attachment in shown.attachments] == ["file-2"]


def test_streams_in_a_cassette_are_read_to_their_last_state(command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path) -> None:
    message = Saved.message(2, status="in_progress", content=[], incomplete_at=None, completed_at=None, incomplete_details=None)
    events = [
        ["thread.run.created", Saved.run(status="queued", completed_at=None, usage=None)],
        ["thread.message.created", message],
        ["thread.message.delta", {"id": message["id"], "object": "thread.message.delta", "delta": {}}],
        [
            "thread.message.completed",
            {**message, "status": "completed", "content": Saved.message(2)["content"], "completed_at": 1_700_000_004},
        ],
        ["thread.run.completed", Saved.run()],
        ["done", "[DONE]"],
    ]
    exchange = {
        "method": "POST",
        "url": f"/v1/threads/{Saved.thread_id}/runs",
        "status": 200,
        "request": {},
        "response": {"__sse__": events},
    }
    (tmp_path / "stream.jsonl").write_bytes(lines(exchange))
    assert command("import", tmp_path / "stream.jsonl").code == 0
    assert texts(client) == ["message 2"]
    assert client.beta.threads.runs.retrieve(Saved.run_id, thread_id=Saved.thread_id).status == "completed"


def test_what_was_deleted_in_a_cassette_stays_deleted(command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path) -> None:
    def exchange(method: str, path: str, body: Json, status: int = 200) -> Json:
        return {"method": method, "url": f"/v1{path}", "status": status, "request": None, "response": body}

    gone = "thread_gone"
    (tmp_path / "traffic.jsonl").write_bytes(
        lines(
            exchange("POST", "/threads", Saved.thread()),
            exchange("POST", "/threads", Saved.thread(id=gone)),
            exchange("POST", f"/threads/{gone}/messages", Saved.message(1, thread_id=gone)),
            exchange("DELETE", f"/threads/{gone}", {"id": gone, "object": "thread.deleted", "deleted": True}),
            exchange("GET", f"/threads/{gone}", {"error": {"message": "No thread found"}}, 404),
            exchange("POST", "/chat/completions", {"id": "chatcmpl-1", "object": "chat.completion"}),
        )
    )
    done = command("import", tmp_path / "traffic.jsonl", "--format", "json")
    assert (done.code, done.json["deleted"]) == (0, 1)
    assert client.beta.threads.retrieve(Saved.thread_id).metadata == {"user": "7"}
    with pytest.raises(openai.NotFoundError):
        client.beta.threads.retrieve(gone)


def test_a_reply_that_does_not_show_attachments_does_not_take_them_away(
    command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    """As recorded, the reply to a change of a message has `file_ids` in their place."""
    attached = Saved.message(1, attachments=[{"file_id": "file-1", "tools": [{"type": "file_search"}]}])
    changed = {**{key: value for key, value in attached.items() if key != "attachments"}, "file_ids": [], "metadata": {"k": "v"}}
    (tmp_path / "saved.jsonl").write_bytes(lines(attached, changed))
    assert command("import", tmp_path / "saved.jsonl").code == 0
    [message] = client.beta.threads.messages.list(Saved.thread_id)
    assert message.metadata == {"k": "v"}
    assert message.attachments is not None
    assert [attachment.file_id for attachment in message.attachments] == ["file-1"]
