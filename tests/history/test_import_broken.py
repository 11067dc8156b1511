"""`assistants-compat import`: files that are broken, wrong or meant badly."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from assistants_compat.testing import OfflineUpstream

from .conftest import Done, Saved, lines, page, texts

GOOD = [Saved.message(n) for n in range(1, 4)]


def test_a_broken_line_is_told_with_its_number_and_the_others_come_in(
    command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    first, second, third = lines(*GOOD).splitlines(keepends=True)
    (tmp_path / "cut.jsonl").write_bytes(first + second[:60] + b"\n" + third)
    done = command("import", tmp_path / "cut.jsonl")
    assert done.code == 1
    assert f"skipped   {tmp_path / 'cut.jsonl'}, line 2: " in done.out
    assert texts(client) == ["message 1", "message 3"]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_broken_object_in_an_array_does_not_take_the_others_with_it(
    indent: int | None, command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    text = json.dumps(GOOD, indent=indent).replace('}, {"id"', '},\n{"id"')
    (tmp_path / "array.json").write_text(text.replace('"role": "assistant"', '"role": assistant'))
    done = command("import", tmp_path / "array.json")
    assert done.code == 1
    assert "array.json, line" in done.out
    assert texts(client) == ["message 1", "message 3"]


def test_a_file_that_was_cut_off_gives_what_is_whole_in_it(command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path) -> None:
    text = json.dumps(GOOD)
    (tmp_path / "array.json").write_text(text[:-100])
    done = command("import", tmp_path / "array.json")
    assert done.code == 1
    assert "the file ends in the middle of it" in done.out or "does not end" in done.out
    assert texts(client) == ["message 1", "message 2"]


WRONG: dict[str, tuple[Any, str]] = {
    "role": (Saved.message(9, role="system"), "role is 'system', none of user, assistant"),
    "no thread": ({k: v for k, v in Saved.message(9).items() if k != "thread_id"}, "thread_id is missing"),
    "id": (Saved.message(9, id="../../etc/passwd"), "id is no id of at most 64 letters"),
    "long id": (Saved.message(9, id="m" * 65), "id is no id of at most 64 letters"),
    "thread id": (Saved.message(9, thread_id={"$ne": 1}), "thread_id is no id"),
    "time": (Saved.message(9, created_at="yesterday"), "created_at is no time in seconds since 1970"),
    "negative time": (Saved.message(9, created_at=-5), "created_at is no time in seconds since 1970"),
    "content": (Saved.message(9, content=[{"type": "video"}]), "content[0].type is 'video', none of"),
    "text": (Saved.message(9, content=[{"type": "text", "text": {"value": 7}}]), "content[0].text.value is no text"),
    "annotation": (
        Saved.message(9, content=[{"type": "text", "text": {"value": "a", "annotations": [{"type": "file_citation", "text": "b"}]}}]),
        "content[0].text.annotations[0].start_index is missing",
    ),
    "refusal": (Saved.message(9, content=[{"type": "refusal", "refusal": "no"}]), "content[0] is a refusal, which a user cannot give"),
    "attachments": (Saved.message(9, attachments="file-1"), "attachments is no list"),
    "metadata": (Saved.thread(metadata=[1]), "metadata is no object"),
    "status": (Saved.run(status="sleeping"), "status is 'sleeping', none of queued, "),
    "tools": (Saved.assistant(tools=[{"type": "function"}]), "tools[0].function is missing"),
    "model": (Saved.assistant(model=None), "model is missing"),
    "details": (Saved.step(step_details={"type": "dance"}), "step_details.type is 'dance', none of"),
    "call": (
        Saved.step(
            type="tool_calls", step_details={"type": "tool_calls", "tool_calls": [{"type": "code_interpreter", "code_interpreter": 1}]}
        ),
        "step_details.tool_calls[0].code_interpreter is no object",
    ),
    "printed": (
        {"id": "i", "object": "assistants_compat.item", "thread_id": Saved.thread_id, "run_id": "r", "body": {"type": "dance"}},
        "body.type is none of reasoning, function_call, ",
    ),
    "somewhere else": (Saved.message(1, thread_id="thread_other"), f"was found in {Saved.thread_id} before, and counts there"),
    "orphan": (
        Saved.step(run_id="run_elsewhere"),
        "the steps of run run_elsewhere were left out: that run is neither here nor in the store",
    ),
}


@pytest.mark.parametrize("case", list(WRONG))
def test_a_record_that_cannot_be_used_is_told_with_its_place_and_skipped(
    case: str, command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    record, what = WRONG[case]
    (tmp_path / "saved.jsonl").write_bytes(lines(GOOD[0], record, GOOD[1]))
    done = command("import", tmp_path / "saved.jsonl", "--format", "json")
    assert done.code == 1
    [remark] = [remark for remark in done.json["remarks"] if remark["kind"] == "bad"]
    assert remark["place"] == f"{tmp_path / 'saved.jsonl'}, line 2"
    assert what in remark["what"]
    assert texts(client) == ["message 1", "message 2"]


@pytest.mark.parametrize("case", ["role", "orphan", "broken line", "conflict", "unreadable"])
def test_strict_writes_nothing_if_anything_is_wrong(case: str, command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "saved.jsonl"
    paths = [path]
    if case == "conflict":
        path.write_bytes(lines(Saved.thread(id="thread_other")))
        command("import", path)
        path.write_bytes(lines(*GOOD, Saved.thread(id="thread_other", metadata={})))
    elif case == "broken line":
        path.write_bytes(lines(*GOOD) + b"{\n")
    elif case == "unreadable":
        path.write_bytes(lines(*GOOD))
        paths.append(tmp_path / "more.json.gz")
        (tmp_path / "more.json.gz").write_bytes(gzip.compress(b"{}"))
    else:
        path.write_bytes(lines(*GOOD, WRONG[case][0]))
    done = command("import", *paths, "--strict")
    assert done.code == 2
    assert "Nothing was written (--strict)." in done.out
    with pytest.raises(openai.NotFoundError):
        client.beta.threads.retrieve(Saved.thread_id)


def test_strict_writes_everything_if_nothing_is_wrong(command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path) -> None:
    (tmp_path / "saved.jsonl").write_bytes(lines(*GOOD, Saved.run(), Saved.step()))
    assert command("import", tmp_path / "saved.jsonl", "--strict").code == 0
    assert command("import", tmp_path / "saved.jsonl", "--strict").code == 0
    assert texts(client) == ["message 1", "message 2", "message 3"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "there is nothing of the Assistants API in it"),
        (b"[]", "there is nothing of the Assistants API in it"),
        (b'{"object": "list", "data": []}', "there is nothing of the Assistants API in it"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "it is neither JSON nor a cassette"),
        (b"<html></html>", "it is neither JSON nor a cassette"),
        (b"key: [value", "it could not be read further"),
        (gzip.compress(lines(*GOOD)), "it is compressed (gzip): unpack it, or let a program do so and read '-'"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, "nested"),
        (b'"\xff\xfe"', "it has bytes that are not UTF-8"),
        (b'{"id": NaN}', "NaN is no number"),
        (b'{"id": 1e999}', "1e999 is too large a number"),
        (b"1" * 5000, "it is neither JSON nor a cassette"),
    ],
)
def test_a_file_without_anything_to_import_is_one_sentence(content: bytes, what: str, command: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    done = command("import", tmp_path / "file")
    assert done.code == 2
    assert what in done.err
    assert "There is nothing in it that could be imported." in done.err
    assert "Traceback" not in done.err


def test_other_files_of_a_tree_are_passed_over(command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / "config.yaml").write_text("a: 1\n")
    (tmp_path / "template.yaml").write_text("{{ if .Values }}\n")
    (tmp_path / "tsconfig.json").write_text("{\n  // a comment\n}\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.json").write_text(json.dumps(Saved.message(1, "not this one")))
    (tmp_path / "messages.json").write_text(json.dumps(page(GOOD[::-1])))
    done = command("import", tmp_path, "--format", "json")
    assert (done.code, done.json["remarks"]) == (0, [])
    assert {Path(name).name for name in done.json["files_without"]} == {"package.json", "config.yaml", "template.yaml", "tsconfig.json"}
    assert texts(client) == ["message 1", "message 2", "message 3"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_or_a_link_in_a_tree_is_passed_over(command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    os.mkfifo(tmp_path / "tree" / "pipe.json")
    (tmp_path / "elsewhere.json").write_text(json.dumps(Saved.message(9, "elsewhere")))
    (tmp_path / "tree" / "link.json").symlink_to(tmp_path / "elsewhere.json")
    (tmp_path / "tree" / "messages.json").write_text(json.dumps(page(GOOD[::-1])))
    assert command("import", tmp_path / "tree").code == 0
    assert texts(client) == ["message 1", "message 2", "message 3"]


def test_a_path_that_is_not_there_is_one_sentence(command: Callable[..., Done], tmp_path: Path) -> None:
    done = command("import", tmp_path / "none")
    assert done.code == 2
    assert "does not exist" in done.err


def test_a_file_that_may_not_be_read_is_told_and_the_others_come_in(
    command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistants_compat.transfer import sources

    (tmp_path / "a.json").write_text(json.dumps(GOOD))
    (tmp_path / "b.json").write_text(json.dumps(GOOD))
    opened = Path.open

    def refusing(path: Path, *arguments: Any, **named: Any) -> Any:  # for root there is no file that may not be read
        if path.name == "b.json":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **named)

    monkeypatch.setattr(sources.Path, "open", refusing)
    done = command("import", tmp_path)
    assert done.code == 1
    assert f"{tmp_path / 'b.json'}: it cannot be read: Permission denied" in done.out
    assert texts(client) == ["message 1", "message 2", "message 3"]


def test_a_generated_file_is_taken_from_no_link(
    client: openai.OpenAI, upstream: OfflineUpstream, command: Callable[..., Done], tmp_path: Path, store_in_a_file: None
) -> None:
    own = {"thread_id": Saved.thread_id, "run_id": Saved.run_id, "source": {"container_id": "c", "file_id": "f"}, "copied": True}
    file = {"object": "file", "id": "file-1", "filename": "/mnt/data/x", "bytes": 6, "created_at": 1, "assistants_compat": own}
    (tmp_path / "export" / "threads").mkdir(parents=True)
    (tmp_path / "export" / "files").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "export" / "files" / "file-1").symlink_to(tmp_path / "secret")
    (tmp_path / "export" / "threads" / "t.json").write_text(json.dumps({"thread": Saved.thread(), "files": {"file-1": file}}))
    done = command("import", tmp_path / "export")
    assert "the bytes of generated file file-1 are not in what was imported" in done.out
    with pytest.raises(openai.APIStatusError):
        client.files.content("file-1")


def test_half_a_surrogate_pair_comes_through(command: Callable[..., Done], new_store: str, tmp_path: Path) -> None:
    (tmp_path / "saved.jsonl").write_bytes(lines(Saved.message(2, "half \ud83d, and \0 nothing")))
    assert command("import", tmp_path / "saved.jsonl").code == 0
    command("export", "--lines", tmp_path / "out.jsonl")
    exported = [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert exported[2]["content"][0]["text"]["value"] == "half \ud83d, and \0 nothing"
