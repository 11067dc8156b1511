"""Files, folders and circumstances that nobody wants, and that are there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from assistants_codemods import writing

from .conftest import Command, process
from .engine import ENGINE, PROGRAM, SHIMMED, one_big


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"client.beta.x(\n\n", "AC001", 1),
        (b"x = 1\nclient.beta\0\n", "AC003", 2),
        (b"x = 1\n# client.beta \xff\n", "AC003", 2),
        (b"# coding: klingon\nclient.beta\n", "AC003", 1),
        (b"# coding: utf-7\nx = '+AGE-'; client.beta\n", "AC003", 1),
        ("client.beta\n".encode("utf-16"), None, 0),
        (b"", None, 0),
        (b"\x7fELF\x02\x01\x01.beta.\0\0", "AC003", 1),
        (b"x = 1\n" * 400_000 + b"client.beta\n", "AC004", 1),
        (b"\xef\xbb\xbf", None, 0),
    ],
)
def test_a_file_that_cannot_be_understood_is_told_and_stays(
    tree: Path, command: Command, content: bytes, code: str | None, line: int
) -> None:
    (tree / "odd.py").write_bytes(content)
    (tree / "app.py").write_text(PROGRAM)
    result = command("migrate", "--to", "shim", "--write")
    assert (tree / "odd.py").read_bytes() == content
    assert (tree / "app.py").read_text() == SHIMMED
    assert result.exit_code == 1
    if code:
        assert f"odd.py:{line}: {code}" in result.stderr
    else:
        assert "odd.py" not in result.stderr


def test_what_the_engine_fails_at_is_told_and_the_rest_is_done(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(PROGRAM)
    (tree / "odd.py").write_text(f"# raise\n{PROGRAM}")
    result = command("migrate", "--to", "shim", "--write")
    assert "odd.py:1: AC009 RuntimeError: the engine is broken (at codemods.frame.engine:" in result.stderr
    assert (tree / "app.py").read_text() == SHIMMED
    assert result.exit_code == 2


def test_a_worker_that_dies_is_told_and_nothing_hangs(tree: Path, command: Command) -> None:
    for number in range(10):
        (tree / f"app{number}.py").write_text(PROGRAM)
    (tree / "odd.py").write_text(f"# die\n{PROGRAM}")
    result = command("migrate", "--to", "shim")
    assert "odd.py:1: AC009" in result.stderr
    assert result.exit_code == 2


@pytest.mark.parametrize("command", [("scan",), ("migrate", "--to", "shim", "--write")])
def test_interrupted_while_the_workers_work_it_ends_at_once(tree: Path, command: tuple[str, ...]) -> None:
    for number in range(10):
        (tree / f"app{number}.py").write_text(PROGRAM)
    (tree / "waits.py").write_text(f"# wait\n{PROGRAM}")
    os.mkfifo(tree / "fifo")
    running = process(*command, folder=tree)
    assert (tree / "fifo").read_text() == "ready\n"
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    assert (running.returncode, errors) == (130, b"Interrupted; every file is as it was.\n")
    assert (tree / "app0.py").read_text() == PROGRAM


def test_with_threads_about_workers_are_started_afresh(tree: Path, command: Command) -> None:
    for number in range(10):
        (tree / f"app{number}.py").write_text(PROGRAM)
    end = threading.Event()
    other = threading.Thread(target=end.wait)
    other.start()
    try:
        result = command("migrate", "--to", "shim", "--write")
    finally:
        end.set()
        other.join()
    assert "Found 20 uses: 20 rewritten, 0 left." in result.stderr


def test_output_that_would_not_compile_is_not_written(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(f"# breaks\n{PROGRAM}")
    result = command("migrate", "--to", "shim", "--write")
    assert (tree / "app.py").read_text() == f"# breaks\n{PROGRAM}"
    assert "AC009 The rewritten file would not be valid Python" in result.stderr
    assert result.exit_code == 2


def test_an_engine_that_cannot_tell_applications_apart_is_told_and_each_file_is_one(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(PROGRAM)
    result = command("migrate", "--to", "shim", "--write", engine=replace(ENGINE, applications=one_big))
    assert (tree / "app.py").read_text() == SHIMMED
    assert "AC009 ZeroDivisionError" in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_where_nothing_may_be_written_the_group_is_left_and_told() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are closed to everybody else
        _try_a_locked_folder(Path(folder))


def _try_a_locked_folder(tree: Path) -> None:
    (tree / "locked").mkdir()
    for name in ("a.py", "locked/b.py"):
        (tree / name).write_text(f"# group: one\n{PROGRAM}")
    (tree / "c.py").write_text(PROGRAM)
    (tree / "locked").chmod(0o555)
    for path in (tree, *tree.glob("*.py")):
        path.chmod(0o777)
    done = _as_nobody(tree, "migrate", "--to", "shim", "--write")
    (tree / "locked").chmod(0o755)
    assert b"AC017 locked/b.py: The file" in done.stderr, done.stderr
    assert (tree / "a.py").read_text() == f"# group: one\n{PROGRAM}"
    assert (tree / "c.py").read_text() == SHIMMED
    assert done.returncode == 2


def _as_nobody(tree: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """The command without the rights of root, which may write anywhere."""
    program = (
        "from codemods.frame.engine import ENGINE; from assistants_compat.cli import main; import os, sys\n"
        "import assistants_codemods.migrating, assistants_codemods.migration, assistants_compat.cli.migrate, rich.console\n"
        "import pathspec\n"
        "import assistants_codemods.reports.text, rich.table, rich.text, assistants_codemods.notebooks\n"
        "os.geteuid() or os.setuid(65534)\n"
        "main(obj=ENGINE)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run([sys.executable, "-c", program, *arguments], cwd=tree, env=environment, capture_output=True, check=False)


def test_a_file_that_changes_meanwhile_is_not_written_over(tree: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.py", "b.py"):
        (tree / name).write_text(f"# group: one\n{PROGRAM}")
    real = writing.write

    def later(root: Path, edits: object) -> object:
        (tree / "b.py").write_text("somebody else's")
        return real(root, edits)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "write", later)
    result = command("migrate", "--to", "shim", "--write")
    assert "AC016 b.py: The file changed after it was read" in result.stderr
    assert (tree / "a.py").read_text() == f"# group: one\n{PROGRAM}"
    assert (tree / "b.py").read_text() == "somebody else's"
    assert result.exit_code == 2


def test_if_the_second_of_two_files_cannot_be_moved_into_place_the_first_is_put_back(
    tree: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.py", "b.py"):
        (tree / name).write_text(f"# group: one\n{PROGRAM}")
    real = os.replace

    def full(source: object, target: Path) -> None:
        if Path(target).name == "b.py":
            raise OSError(28, "No space left on device")
        real(source, target)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "replace", full)
    result = command("migrate", "--to", "shim", "--write")
    assert "AC017 b.py: The file could not be written: No space left on device" in result.stderr
    assert {(tree / name).read_text() for name in ("a.py", "b.py")} == {f"# group: one\n{PROGRAM}"}
    assert sorted(os.listdir(tree)) == ["a.py", "b.py"]


def test_two_runs_at_once_come_to_the_same_and_neither_breaks_anything(tree: Path) -> None:
    for number in range(12):
        (tree / f"app{number:02}.py").write_text(PROGRAM)
    (tree / "requirements.txt").write_text("openai\n")
    runs = [process("migrate", "--to", "shim", "--write", folder=tree) for _ in range(2)]
    outputs = [run.communicate(timeout=60) for run in runs]
    assert {(tree / f"app{number:02}.py").read_text() for number in range(12)} == {SHIMMED}
    assert (tree / "requirements.txt").read_text() == "openai\nassistants-compat\n"
    assert not any(b"Traceback" in errors for _, errors in outputs)
    assert 1 in {run.returncode for run in runs}
    assert len(os.listdir(tree)) == 13


def test_a_reader_that_goes_away_is_no_traceback(tree: Path) -> None:
    for number in range(200):
        (tree / f"app{number}.py").write_text(PROGRAM * 20)
    running = process("migrate", "--to", "shim", folder=tree)
    assert running.stdout is not None
    running.stdout.read(10)
    running.stdout.close()
    running.stdout = None
    _, errors = running.communicate(timeout=60)
    assert b"Traceback" not in errors


def test_without_the_extra_a_message_says_what_to_install(tree: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    import assistants_compat.cli._codemods as shared

    monkeypatch.setattr(shared, "find_spec", lambda name: None if name == "libcst" else object())
    for arguments in (["scan"], ["migrate", "--to", "shim"]):
        result = command(*arguments)
        assert result.exit_code == 2
        assert "pip install 'assistants-compat[codemods]'" in result.stderr
