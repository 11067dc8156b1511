from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assistants_codemods.engine import Engine
from assistants_compat.cli import main

from .engine import ENGINE, SHIMMED

Command = Callable[..., Result]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the working directory."""
    folder = tmp_path / "tree"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def command(tree: Path) -> Command:
    """`assistants-compat` with the small engine, in this process."""

    def run(*arguments: str, engine: Engine = ENGINE, answers: str | None = None) -> Result:
        result = CliRunner().invoke(main, arguments, obj=engine, input=answers)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


_PROGRAM = "from codemods.frame.engine import ENGINE; from assistants_compat.cli import main; main(obj=ENGINE)"
START = [sys.executable, "-c", _PROGRAM]
"""The command with the small engine; `tests` has to be on the path."""


def process(*arguments: str, folder: Path) -> subprocess.Popen[bytes]:
    """`assistants-compat` with the small engine, as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    pipe = subprocess.PIPE
    return subprocess.Popen([*START, *arguments], cwd=folder, env=environment, stdout=pipe, stderr=pipe, preexec_fn=_may_be_interrupted)


def _may_be_interrupted() -> None:
    """A test run that was started in the background ignores SIGINT, and what it starts would too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def git(folder: Path, *arguments: str) -> None:
    """Have git do something in `folder`."""
    who = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    """Make `folder` a repository with everything committed."""
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "as it is")


def paths(lines: Sequence[str]) -> set[str]:
    """The files that a diff is about."""
    return {line.removeprefix("+++ b/") for line in lines if line.startswith("+++ b/")}


@pytest.fixture
def shim_program() -> str:
    """A program on the shim, which the small engine takes away from it again."""
    return SHIMMED
