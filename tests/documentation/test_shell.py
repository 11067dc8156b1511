"""Blocks of commands are run for real, and what is wrong with one is seen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from documentation import shell
from documentation.blocks import blocks_of


def run(code: str, folder: Path, exit_code: int = 0) -> None:
    shell.run(shell.steps_of(code), folder, os.environ, {"here.example": "localhost"}, exit_code)


@pytest.mark.parametrize(
    "code",
    [
        "$ echo one; echo two\none\ntwo\n",
        "$ echo one; echo two; echo three\none\n…\nthree\n",
        "$ export WHAT=one\n$ echo $WHAT\none\n",
        "$ echo one \\\n  two\none two\n",
        "$ echo one > file\n$ cat file\none\n",
        "$ echo unseen\n$ echo one\none\n",
        "$ echo noise >&2; echo one\none\n",
        "$ [ here.example = localhost ] && echo here.example\nhere.example\n",
        "$ pwd\n/home/me\n",
    ],
)
def test_a_block_that_tells_the_truth_passes(code: str, tmp_path: Path) -> None:
    run(code, tmp_path)


@pytest.mark.parametrize(
    "code",
    ["$ echo one\ntwo\n", "$ echo one; echo two\none\n", "$ false\n", "$ false\n$ true\n", "$ no-such-command\n", "$ echo one\nONE\n"],
)
def test_a_block_that_does_not_fails(code: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"^\$ "):
        run(code, tmp_path)


def test_a_command_that_should_fail_has_to(tmp_path: Path) -> None:
    run("$ true\n$ exit 3\n", tmp_path, exit_code=3)
    with pytest.raises(AssertionError, match="exit code 0"):
        run("$ true\n", tmp_path, exit_code=3)


def test_a_command_that_stays_is_stopped_when_it_has_said_what_is_shown(tmp_path: Path) -> None:
    program = "import time\ntry:\n    print('ready', flush=True)\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    pass\n"
    script = tmp_path / "assistants-compat"
    script.write_text(f"#!{sys.executable}\n{program}")
    script.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    shell.run(shell.steps_of("$ assistants-compat serve\nready\n"), tmp_path, environment, {})
    with pytest.raises(AssertionError, match="shown:\nsteady"):
        shell.run(shell.steps_of("$ assistants-compat serve\nsteady\n"), tmp_path, environment, {})


def test_what_a_page_says_of_a_block_stands_right_above_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- file: a.py -->\n```python\n1\n```\n\n<!-- not run: needs a container engine -->\n\nText.\n\n```console\n$ x\n```\n\n"
        "<!-- exit code: 1 -->\n```console\n$ y\n```\n"
    )
    found = [(block.line, block.language, block.code, block.file, block.not_run, block.exit_code) for block in blocks_of(page)]
    assert found == [
        (3, "python", "1\n", "a.py", None, 0),
        (11, "console", "$ x\n", None, None, 0),
        (16, "console", "$ y\n", None, None, 1),
    ]
