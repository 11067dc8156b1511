"""The user's own tests decide: they run before and after, and a group with which they get worse is put back."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistants_codemods import writing
from assistants_codemods.running import Edit
from assistants_codemods.writing import WriteFailed, Written

# pytest's own codes: all passed, some failed. With any other one it has not run the tests.
_RAN = (0, 1)
_SUMMARY = re.compile(r"^(?:=+ )?(?:no tests ran|(?:\d+ [a-z]+(?:, )?)+) in [\d.]+ ?s", re.MULTILINE)
_COUNT = re.compile(r"(\d+) (passed|failed|errors?)")
_NAMED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class CannotVerify(Exception):
    """The tests cannot tell anything, for the reason in the message."""


@dataclass(frozen=True)
class TestRun:
    """What one run of the tests came to."""

    __test__ = False  # not a test of pytest's

    exit_code: int
    is_pytest: bool
    failed: frozenset[str]
    counts: tuple[tuple[str, int], ...]
    tail: str

    def __str__(self) -> str:
        counts = ", ".join(f"{number} {word}" for word, number in self.counts)
        return counts or f"exit code {self.exit_code}"


@dataclass(frozen=True)
class Judgement:
    """What the tests said of a set of edits: kept where `reason` is empty."""

    edits: tuple[Edit, ...]
    reason: str = ""
    code: str = "AC019"


def run_tests(command: str) -> TestRun:
    """Run the command in a shell, as `git bisect run` does, and read its output."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, shell=True, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False
    )
    text = _COLOUR.sub("", done.stdout.decode("utf-8", "replace"))
    summaries = list(_SUMMARY.finditer(text))
    counts: dict[str, int] = {}
    if summaries:
        end = text.find("\n", summaries[-1].start())
        for number, word in _COUNT.findall(text[summaries[-1].start() : end if end >= 0 else None]):
            counts[word.rstrip("s") if word.startswith("error") else word] = int(number)
    tail = "\n".join(text.rstrip().splitlines()[-5:])
    return TestRun(
        done.returncode, bool(summaries), frozenset(_NAMED.findall(text)) if summaries else frozenset(), tuple(counts.items()), tail
    )


def baseline(command: str) -> TestRun:
    """The tests as they are before anything changes. Raises CannotVerify where a comparison would mean nothing."""
    run = run_tests(command)
    if run.is_pytest and run.exit_code not in _RAN:
        raise CannotVerify(f"`{command}` does not get as far as running the tests (exit code {run.exit_code}):\n{run.tail}")
    if not run.is_pytest and run.exit_code != 0:
        raise CannotVerify(
            f"`{command}` fails before anything is changed (exit code {run.exit_code}), so it cannot tell what gets worse:\n{run.tail}"
        )
    return run


def worse(before: TestRun, after: TestRun) -> str:
    """In what way `after` is worse than `before`; empty where it is not."""
    if before.is_pytest and after.is_pytest and after.exit_code in _RAN:
        new = sorted(after.failed - before.failed)
        if new:
            return f"{', '.join(new[:3])}{f' and {len(new) - 3} more' if len(new) > 3 else ''} failed, and did not before"
        was, now = dict(before.counts), dict(after.counts)
        for word in ("failed", "error"):
            if now.get(word, 0) > was.get(word, 0):
                return f"{now[word]} {word}, before {was.get(word, 0)}"
        if now.get("passed", 0) < was.get("passed", 0):
            return f"{now.get('passed', 0)} passed, before {was['passed']}"
        return ""
    if after.exit_code == before.exit_code and before.is_pytest == after.is_pytest:
        return ""
    if after.exit_code == 0:
        return "" if not before.is_pytest else "no tests were run"
    last = after.tail.splitlines()[-1] if after.tail else "no output"
    return f"exit code {after.exit_code}, before {before.exit_code}: {last}"


def write_verified(
    root: Path, sets: Sequence[Sequence[Edit]], shared: Sequence[Edit], command: str, say: Callable[[str], None], written: list[Written]
) -> list[Judgement]:
    """Write what the tests are content with, and judge each set. `written` has at every moment what would have to be put back.

    All sets are tried at once; if that is worse, one after the other, each on top of those that were kept.
    """
    before = baseline(command)
    say(f"before: {before}")
    judgements, possible = _attempted(root, sets, shared, written)
    if not possible:
        return judgements
    after = run_tests(command)
    reason = worse(before, after)
    say(f"with all {len(possible)} groups: {after}{f' ({reason})' if reason else ''}" if len(possible) > 1 else f"after: {after}")
    if not reason:
        return [*judgements, *(Judgement(tuple(edits)) for edits in possible)]
    _undo(root, written)
    if len(possible) == 1:
        return [*judgements, Judgement(tuple(possible[0]), reason)]
    for edits in possible:
        kept = len(written)
        more, tried = _attempted(root, [edits], shared, written)
        judgements += more
        if not tried:
            continue
        after = run_tests(command)
        reason = worse(before, after)
        say(f"{_named(edits)}: {after}{f' ({reason}): put back' if reason else ': kept'}")
        if reason:
            tail = written[kept:]
            writing.put_back(root, tail)
            del written[kept:]
        judgements.append(Judgement(tuple(edits), reason))
    return judgements


def _attempted(
    root: Path, sets: Sequence[Sequence[Edit]], shared: Sequence[Edit], written: list[Written]
) -> tuple[list[Judgement], list[Sequence[Edit]]]:
    """Write each set; those that cannot be written are judged, the others returned."""
    judgements: list[Judgement] = []
    possible: list[Sequence[Edit]] = []
    for edits in sets:
        try:
            written += writing.write(root, writing.with_shared(edits, shared, written))
        except WriteFailed as error:
            judgements.append(Judgement(tuple(edits), f"{error.path}: {error}", error.code))
        else:
            possible.append(edits)
    return judgements, possible


def _undo(root: Path, written: list[Written]) -> None:
    writing.put_back(root, written)
    written.clear()


def _named(edits: Sequence[Edit]) -> str:
    return ", ".join(edit.path for edit in edits)
