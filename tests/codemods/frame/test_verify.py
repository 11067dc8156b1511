"""--verify: the user's own tests decide what stays."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from .conftest import Command, process
from .engine import PROGRAM, SHIMMED

# Without the plugins of this project, which take seconds to load.
PYTEST = f"PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 {sys.executable} -m pytest -q -p no:cacheprovider --rootdir=. -c /dev/null"

TEST = """\
import pathlib

def test_a():
    assert "assistants_compat" not in pathlib.Path("a.py").read_text()

def test_b():
    assert pathlib.Path("b.py").read_text()

def test_broken_for_years():
    assert False
"""


def _programs(tree: Path, *names: str) -> None:
    for name in names:
        (tree / f"{name}.py").write_text(PROGRAM)


@pytest.mark.long
def test_with_pytest_the_group_that_fails_a_new_test_is_found_and_put_back(tree: Path, command: Command) -> None:
    _programs(tree, "a", "b", "c")
    (tree / "test_it.py").write_text(TEST)
    result = command("migrate", "--to", "shim", "--write", "--verify", PYTEST)
    assert (tree / "a.py").read_text() == PROGRAM
    assert (tree / "b.py").read_text() == SHIMMED
    assert (tree / "c.py").read_text() == SHIMMED
    assert "before: 1 failed, 2 passed" in result.stderr
    assert "a.py:1: AC019 test_it.py::test_a failed, and did not before" in result.stderr
    assert "Found 6 uses: 4 rewritten, 2 left." in result.stderr
    assert result.exit_code == 1


def test_where_nothing_gets_worse_all_stays_after_two_runs(tree: Path, command: Command) -> None:
    _programs(tree, "a", "b", "c")
    command("migrate", "--to", "shim", "--write", "--verify", "echo run >> runs.txt")
    assert {(tree / f"{name}.py").read_text() for name in "abc"} == {SHIMMED}
    assert (tree / "runs.txt").read_text() == "run\n" * 2


def test_any_command_will_do_by_its_exit_code(tree: Path, command: Command) -> None:
    _programs(tree, "a", "b")
    result = command("migrate", "--to", "shim", "--write", "--verify", "! grep -q assistants_compat b.py", "--format", "json")
    report = json.loads(result.stdout)
    assert (tree / "a.py").read_text() == SHIMMED
    assert (tree / "b.py").read_text() == PROGRAM
    assert [change["path"] for change in report["changes"]] == ["a.py"]
    assert [(failure["code"], failure["path"]) for failure in report["failures"]] == [("AC019", "b.py")]
    assert {site["shim"]["refusal"]["code"] for site in report["sites"] if site["path"] == "b.py"} == {"AC019"}


def test_a_group_is_put_back_whole(tree: Path, command: Command) -> None:
    for name in ("a", "b"):
        (tree / f"{name}.py").write_text(f"# group: one\n{PROGRAM}")
    (tree / "c.py").write_text(PROGRAM)
    command("migrate", "--to", "shim", "--write", "--verify", "! grep -q assistants_compat b.py")
    assert (tree / "a.py").read_text() == f"# group: one\n{PROGRAM}"
    assert (tree / "b.py").read_text() == f"# group: one\n{PROGRAM}"
    assert (tree / "c.py").read_text() == SHIMMED


def test_a_shared_file_is_there_as_long_as_a_group_of_its_application_is(tree: Path, command: Command) -> None:
    (tree / "a.py").write_text(f"# shared\n{PROGRAM}")
    _programs(tree, "b")
    command("migrate", "--to", "shim", "--write", "--verify", "! grep -q assistants_compat a.py")
    assert not (tree / "generated.py").exists()
    assert (tree / "b.py").read_text() == SHIMMED
    command("migrate", "--to", "shim", "--write", "--verify", "! grep -q assistants_compat a.py || test -e generated.py")
    assert (tree / "generated.py").read_text() == "ASSISTANTS = {}\n"
    assert (tree / "a.py").read_text() == f"# shared\n{SHIMMED}"


def test_the_dependency_is_only_added_for_what_stays(tree: Path, command: Command) -> None:
    _programs(tree, "a")
    (tree / "requirements.txt").write_text("openai\n")
    command("migrate", "--to", "shim", "--write", "--verify", "! grep -q assistants_compat a.py")
    assert (tree / "requirements.txt").read_text() == "openai\n"


def test_what_is_put_back_has_its_old_time_and_mode(tree: Path, command: Command) -> None:
    import os

    _programs(tree, "a")
    os.utime(tree / "a.py", ns=(1_000_000_000, 2_000_000_000))
    (tree / "a.py").chmod(0o700)
    command("migrate", "--to", "shim", "--write", "--verify", "! grep -q assistants_compat a.py")
    known = (tree / "a.py").stat()
    assert (known.st_mtime_ns, known.st_mode & 0o777) == (2_000_000_000, 0o700)


@pytest.mark.parametrize("tests", ["exit 3", "no-such-command-anywhere"])
def test_tests_that_fail_before_can_tell_nothing_and_nothing_is_written(tree: Path, command: Command, tests: str) -> None:
    _programs(tree, "a")
    result = command("migrate", "--to", "shim", "--write", "--verify", tests)
    assert result.exit_code == 2
    assert "fails before anything is changed" in result.stderr
    assert (tree / "a.py").read_text() == PROGRAM


def test_verify_without_write_is_a_mistake(command: Command) -> None:
    assert command("migrate", "--to", "shim", "--verify", "true").exit_code == 2


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_in_the_middle_everything_is_as_it_was(tree: Path, how: signal.Signals) -> None:
    _programs(tree, "a", "b")
    # The second run of the tests, with everything written, says so and then waits for ever.
    tests = "if grep -q assistants_compat a.py; then echo ready > fifo; sleep 60; fi"
    import os

    os.mkfifo(tree / "fifo")
    running = process("migrate", "--to", "shim", "--write", "--verify", tests, folder=tree)
    assert (tree / "fifo").read_text() == "ready\n"
    assert (tree / "a.py").read_text() == SHIMMED
    running.send_signal(how)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 130
    assert b"every file is as it was" in errors
    assert {(tree / f"{name}.py").read_text() for name in "ab"} == {PROGRAM}
    assert sorted(path.name for path in tree.iterdir()) == ["a.py", "b.py", "fifo"]
