"""A console block done as a reader would: its commands in bash, and what they print held against what the block shows.

`…` in what is shown stands for anything. Commands that go on until they are stopped are stopped once they have printed what is shown.
"""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

PROMPT = "$ "

STAY = re.compile(r"assistants-compat serve(?! --help)|python -m assistants_compat\.testing")
"""Commands that end when they are told to."""

TELL = re.compile(r"assistants-compat (scan|migrate|doctor)\b")
"""Commands whose exit code 1 says that they have found something."""

HOME = "/home/me"
"""What a block shows in the place of the folder."""

PATIENCE = 60
"""Seconds for a command."""

PATIENCE_WITH_PIP = 600


class Step(NamedTuple):
    command: str
    shown: str
    """What the block shows of its output; empty: nothing, whatever it prints."""


class Done(NamedTuple):
    out: str
    err: str
    code: int


def steps_of(code: str) -> list[Step]:
    """The commands of a console block."""
    steps: list[Step] = []
    for line in code.splitlines():
        if line.startswith(PROMPT):
            steps.append(Step(line.removeprefix(PROMPT), ""))
        elif steps and steps[-1].command.endswith("\\"):
            steps[-1] = Step(f"{steps[-1].command}\n{line}", "")
        else:
            assert steps, f"output before any command: {line!r}"
            steps[-1] = steps[-1]._replace(shown=f"{steps[-1].shown}{line}\n")
    return steps


def matches(shown: str, printed: str) -> bool:
    """Whether what was printed is what is shown."""
    pattern = ".*?".join(re.escape(part) for part in _even(shown).split("…"))
    return re.fullmatch(pattern, _even(printed), re.DOTALL) is not None


def _even(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def run(steps: list[Step], folder: Path, environment: Mapping[str, str], places: Mapping[str, str], exit_code: int = 0) -> None:
    """Do them all in one folder, one after the other; what one exports, the next has.

    Args:
        places: what stands for what of the page's: addresses in commands, and the other way round in what they print.
        exit_code: what the last one is to end with.

    Raises:
        AssertionError: a command failed, or printed something else.
    """
    exported = dict(environment)
    as_on_the_page = {here: there for there, here in places.items()} | {str(folder): HOME}
    for number, step in enumerate(steps, 1):
        step = step._replace(command=_replaced(step.command, places))
        assignment = re.fullmatch(r"export (\w+)=(\S+)", step.command)
        if assignment:
            exported[assignment[1]] = assignment[2]
            continue
        done = _stopped(step, folder, exported) if STAY.match(step.command) else _ended(step, folder, exported)
        allowed = (0, 1) if TELL.match(step.command) else (exit_code if number == len(steps) else 0,)
        assert done.code in allowed, f"{PROMPT}{step.command}\nexit code {done.code}:\n{done.out}{done.err}"
        printed = [_replaced(text, as_on_the_page) for text in (done.out, done.err, done.out + done.err)]
        shown = not step.shown or any(matches(step.shown, text) for text in printed)
        assert shown, f"{PROMPT}{step.command}\nshown:\n{step.shown}\nprinted:\n{done.out}{done.err}"


def _replaced(text: str, places: Mapping[str, str]) -> str:
    for old, new in places.items():
        text = text.replace(old, new)
    return text


def _ended(step: Step, folder: Path, environment: Mapping[str, str]) -> Done:
    done = subprocess.run(
        ["bash", "-c", step.command],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_WITH_PIP if step.command.startswith("pip ") else PATIENCE,
        check=False,
    )
    return Done(done.stdout, done.stderr, done.returncode)


def _stopped(step: Step, folder: Path, environment: Mapping[str, str]) -> Done:
    """Started, read until it has printed as many lines as are shown (one at least), and interrupted."""
    process = subprocess.Popen(
        ["bash", "-c", f"exec {step.command}"],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs are made to ignore it
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        out = "".join(process.stdout.readline() for _ in range(max(1, len(step.shown.splitlines()))))
        process.send_signal(signal.SIGINT)
        err = process.stderr.read()
        return Done(out, err, process.wait(PATIENCE))
