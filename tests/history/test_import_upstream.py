"""`assistants-compat import`: files and vector stores that a history names, and that are gone upstream."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistants_compat.testing import OfflineUpstream

from .conftest import Done, Saved, lines


@pytest.fixture
def key(upstream: OfflineUpstream, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment names the offline upstream, with a key."""
    for name in ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    with upstream.serve() as base_url:
        monkeypatch.setenv("OPENAI_BASE_URL", base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        yield


@pytest.fixture
def history(upstream: OfflineUpstream, tmp_path: Path) -> Path:
    there = upstream.put_file("rules.txt", "No dogs.")
    store = upstream.put_vector_store({})
    mark = {"type": "file_citation", "text": "[1]", "start_index": 0, "end_index": 3, "file_citation": {"file_id": "file-cited"}}
    content: list[dict[str, Any]] = [{"type": "text", "text": {"value": "[1]", "annotations": [mark]}}]
    content.append({"type": "image_file", "image_file": {"file_id": "file-shown", "detail": "auto"}})
    attachments = [{"file_id": id, "tools": [{"type": "file_search"}]} for id in (there, "file-attached")]
    resources = {"file_search": {"vector_store_ids": ["vs_gone"]}, "code_interpreter": {"file_ids": ["file-attached"]}}
    objects = [
        Saved.thread(tool_resources=resources),
        Saved.message(1, attachments=attachments),
        Saved.message(2, content=content),
        Saved.assistant(tool_resources={"file_search": {"vector_store_ids": [store]}}),
    ]
    (tmp_path / "saved.jsonl").write_bytes(lines(*objects))
    return tmp_path / "saved.jsonl"


@pytest.mark.usefixtures("key")
def test_files_and_vector_stores_that_are_gone_are_told_with_what_names_them(history: Path, command: Callable[..., Done]) -> None:
    done = command("import", history, "--format", "json")
    assert done.code == 0
    assert {remark["kind"] for remark in done.json["remarks"]} == {"lost"}
    told = {remark["what"]: remark["place"] for remark in done.json["remarks"]}
    assert told == {
        "file file-attached is no longer upstream": f"thread {Saved.thread_id} and 1 more",
        "file file-cited is no longer upstream": f"message {Saved.message(2)['id']}",
        "file file-shown is no longer upstream": f"message {Saved.message(2)['id']}",
        "vector store vs_gone is no longer upstream": f"thread {Saved.thread_id}",
    }
    assert done.json["named_upstream"] == {"file": 4, "vector_store": 2, "checked": True}
    assert "missing   message" in command("import", history).out


@pytest.mark.usefixtures("key")
def test_nobody_is_asked_who_is_not_to_be(history: Path, command: Callable[..., Done], upstream: OfflineUpstream) -> None:
    done = command("import", history, "--no-check-files")
    assert "4 files that are named, and were not looked for upstream (--check-files does that)\n2 vector stores likewise" in done.out
    assert upstream.calls == []


def test_without_a_key_nobody_is_asked(
    history: Path, command: Callable[..., Done], upstream: OfflineUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert "were not looked for upstream" in command("import", history).out
    assert upstream.calls == []


@pytest.mark.usefixtures("key")
def test_an_upstream_that_does_not_answer_is_a_note(history: Path, command: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    done = command("import", history)
    assert done.code == 0
    assert "could not be found out" in done.out
    assert "Imported." in done.out


@pytest.mark.usefixtures("key")
def test_files_that_code_made_here_are_not_looked_for_upstream(command: Callable[..., Done], tmp_path: Path) -> None:
    own = {"thread_id": Saved.thread_id, "run_id": Saved.run_id, "source": {"container_id": "c", "file_id": "f"}, "copied": False}
    file = {"object": "file", "id": "file-made", "filename": "/mnt/data/x", "bytes": 6, "created_at": 1, "assistants_compat": own}
    shown = Saved.message(2, content=[{"type": "image_file", "image_file": {"file_id": "file-made"}}])
    (tmp_path / "with.jsonl").write_bytes(lines(shown, file))
    (tmp_path / "without.json").write_text(json.dumps(shown))
    for name in ("with.jsonl", "without.json"):
        done = command("import", tmp_path / name, "--format", "json")
        assert [remark for remark in done.json["remarks"] if remark["kind"] == "lost"] == []
