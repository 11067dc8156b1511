"""`assistants-compat migrate`: diff, writing, and what is said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Command, commit
from .engine import PROGRAM, SHIMMED


def test_a_diff_is_printed_and_nothing_changes(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(PROGRAM)
    result = command("migrate", "--to", "shim")
    assert result.stdout.startswith(
        "--- a/app.py\n+++ b/app.py\n@@ -1,4 +1,4 @@\n-from openai import OpenAI\n+from assistants_compat import OpenAI\n"
    )
    assert "Found 2 uses: 2 would be rewritten, 0 left. 1 file would change; nothing is written without --write." in result.stderr
    assert (tree / "app.py").read_text() == PROGRAM
    assert result.exit_code == 1


def test_write_writes_and_a_second_run_finds_nothing_to_do(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(PROGRAM)
    first = command("migrate", "--to", "shim", "--write")
    assert (tree / "app.py").read_text() == SHIMMED
    assert "Found 2 uses: 2 rewritten, 0 left." in first.stderr
    assert first.exit_code == 1
    second = command("migrate", "--to", "shim", "--write")
    assert "Found 2 uses: 0 rewritten, 2 there already, 0 left." in second.stderr
    assert second.exit_code == 0


@pytest.mark.parametrize(
    "content",
    [
        PROGRAM.replace("\n", "\r\n").encode(),
        PROGRAM.rstrip("\n").encode(),
        b"\xef\xbb\xbf" + PROGRAM.encode(),
        b"# -*- coding: latin-1 -*-\nname = 'J\xfcrgen'\n" + PROGRAM.encode(),
        b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nname = '\x80'\n" + PROGRAM.encode(),
        b"x = 1\n\x0c\n" + PROGRAM.encode(),
        "x = '\u2028'\n".encode() + PROGRAM.encode(),
    ],
    ids=["CRLF", "no last line end", "BOM", "latin-1", "cp1252 in the second line", "form feed", "a line separator in a string"],
)
def test_every_other_byte_stays_and_the_diff_is_one_that_git_applies(tree: Path, command: Command, content: bytes) -> None:
    expected = content.replace(b"from openai", b"from assistants_compat")
    (tree / "app.py").write_bytes(content)
    commit(tree)
    diff = command("migrate", "--to", "shim").stdout_bytes
    subprocess.run(["git", "apply", "--unidiff-zero", "-"], cwd=tree, input=diff, check=True, capture_output=True)
    assert (tree / "app.py").read_bytes() == expected
    (tree / "app.py").write_bytes(content)
    command("migrate", "--to", "shim", "--write")
    assert (tree / "app.py").read_bytes() == expected


def test_the_mode_of_a_file_stays(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(PROGRAM)
    (tree / "app.py").chmod(0o751)
    command("migrate", "--to", "shim", "--write")
    assert (tree / "app.py").stat().st_mode & 0o777 == 0o751
    assert os.listdir(tree) == ["app.py"]


def test_check_prints_no_diff_and_says_by_its_exit_code_whether_something_would_change(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(PROGRAM)
    before = command("migrate", "--to", "shim", "--check")
    assert (before.exit_code, before.stdout) == (1, "")
    assert "would change app.py" in before.stderr
    command("migrate", "--to", "shim", "--write")
    assert command("migrate", "--to", "shim", "--check").exit_code == 0


def test_what_is_left_is_named_with_its_code_and_its_reason(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(PROGRAM + "client.beta.threads.delete('x')  # hard\n")
    result = command("migrate", "--to", "responses")
    assert "AC020 The line says that it is hard." in result.stderr
    assert "3 uses: 2 would be rewritten, 1 left." in result.stderr


@pytest.mark.parametrize("change", ["edit", "untracked"])
def test_what_git_could_not_bring_back_is_not_written_over(tree: Path, command: Command, change: str) -> None:
    (tree / "app.py").write_text(PROGRAM)
    commit(tree)
    name = "app.py" if change == "edit" else "new.py"
    (tree / name).write_text(PROGRAM + "x = 1\n")
    refused = command("migrate", "--to", "shim", "--write")
    assert refused.exit_code == 2
    assert name in refused.stderr
    assert "--allow-dirty" in refused.stderr
    assert (tree / "app.py").read_text().startswith("from openai")
    assert command("migrate", "--to", "shim", "--write", "--allow-dirty").exit_code == 1
    assert (tree / name).read_text() == SHIMMED + "x = 1\n"


def test_a_report_that_is_not_tracked_makes_no_tree_dirty(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(PROGRAM)
    commit(tree)
    command("scan", "--format", "json", "-o", "report.json")
    assert command("migrate", "--to", "shim", "--write").exit_code == 1
    assert (tree / "app.py").read_text() == SHIMMED


def test_without_git_everything_works_as_well(tree: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert shutil.which("git") is None
    (tree / "app.py").write_text(PROGRAM)
    command("migrate", "--to", "shim", "--write")
    assert (tree / "app.py").read_text() == SHIMMED


def test_json_has_the_diff_and_says_what_was_written(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(PROGRAM)
    report = json.loads(command("migrate", "--to", "shim", "--format", "json").stdout)
    assert report["version"] == 1
    assert report["summary"]["rewritten"] == 2
    assert [(change["path"], change["written"], change["fixers"]) for change in report["changes"]] == [("app.py", False, ["imports"])]
    report = json.loads(command("migrate", "--to", "shim", "--format", "json", "--write").stdout)
    assert report["changes"][0]["written"] is True


def test_a_file_that_was_not_given_is_not_changed_nor_is_its_group(tree: Path, command: Command) -> None:
    for name in ("a.py", "b.py"):
        (tree / name).write_text(f"# group: both\n{PROGRAM}")
    # The small engine sees only the hits; one that pulls b.py in as well is what this is about.
    from dataclasses import replace

    from .engine import ENGINE, both

    result = command("migrate", "--to", "shim", "--write", "a.py", engine=replace(ENGINE, applications=both))
    assert (tree / "a.py").read_text() == f"# group: both\n{PROGRAM}"
    assert "AC008 b.py:1: b.py would have to change as well" in result.stderr


def test_fixers_are_listed_chosen_and_left_out(tree: Path, command: Command) -> None:
    assert "imports" in command("migrate", "--list").stdout
    (tree / "app.py").write_text(PROGRAM)
    assert command("migrate", "--to", "shim", "--skip", "imports").stdout == ""
    wrong = command("migrate", "--to", "shim", "--only", "import")
    assert wrong.exit_code == 2
    assert "no such fixer: import" in wrong.stderr


def test_a_target_has_to_be_named(command: Command) -> None:
    result = command("migrate")
    assert result.exit_code == 2
    assert "--to" in result.stderr


def test_many_files_go_over_the_cores_and_come_back_in_order(tree: Path, command: Command) -> None:
    for number in range(20):
        (tree / f"app{number:02}.py").write_text(PROGRAM)
    result = command("migrate", "--to", "shim", "--write")
    assert [line for line in result.stderr.splitlines() if line.startswith("wrote")] == [f"wrote app{n:02}.py" for n in range(20)]
