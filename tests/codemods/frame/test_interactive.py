"""--interactive: each file's diff is shown, and written only with a yes."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Command
from .engine import PROGRAM, SHIMMED


@pytest.mark.parametrize(
    ("answers", "written"),
    [("y\nn\ny\n", "ac"), ("a\n", "abc"), ("n\na\n", "bc"), ("y\nq\n", "a"), ("q\n", ""), ("maybe\ny\nn\nn\n", "a")],
)
def test_each_file_is_asked_for(tree: Path, command: Command, answers: str, written: str) -> None:
    for name in "abc":
        (tree / f"{name}.py").write_text(PROGRAM)
    result = command("migrate", "--to", "shim", "--interactive", answers=answers)
    assert "".join(name for name in "abc" if (tree / f"{name}.py").read_text() == SHIMMED) == written
    assert "--- a/a.py" in result.stdout
    declined = 6 - 2 * len(written)
    assert f"{2 * len(written)} rewritten, {f'{declined} declined, ' if declined else ''}0 left." in result.stderr


def test_a_no_leaves_the_whole_group(tree: Path, command: Command) -> None:
    for name in "ab":
        (tree / f"{name}.py").write_text(f"# group: one\n{PROGRAM}")
    result = command("migrate", "--to", "shim", "--interactive", answers="y\nn\n")
    assert "left with it: a.py" in result.stderr
    assert {(tree / f"{name}.py").read_text() for name in "ab"} == {f"# group: one\n{PROGRAM}"}


def test_the_end_of_the_answers_is_an_interruption_and_nothing_is_written(tree: Path, command: Command) -> None:
    for name in "ab":
        (tree / f"{name}.py").write_text(PROGRAM)
    assert command("migrate", "--to", "shim", "--interactive", answers="y\n").exit_code == 130
    assert {(tree / f"{name}.py").read_text() for name in "ab"} == {PROGRAM}
