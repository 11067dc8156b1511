"""The `migrate` command: a diff, or with --write the files themselves, a group at a time."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistants_codemods import git, writing
from assistants_codemods.dependencies import planning
from assistants_codemods.discovery import find
from assistants_codemods.engine import Engine
from assistants_codemods.findings import Finding, Place, Refusal
from assistants_codemods.reports import output
from assistants_codemods.reports.diffs import unified
from assistants_codemods.reports.progress import progress_bar
from assistants_codemods.reports.values import shown, values
from assistants_codemods.running import Edit, Result, run
from assistants_codemods.scanning import save
from assistants_codemods.tree import Tree
from assistants_codemods.verifying import CannotVerify, Judgement, write_verified
from assistants_codemods.writing import WriteFailed, Written

if TYPE_CHECKING:
    from assistants_codemods.migration import Options

Ask = Callable[[str], str]
"""Puts a question about a file and returns `yes`, `no`, `all` or `quit`."""


class Refused(Exception):
    """Nothing was done, for the reason in the message."""


@dataclass(frozen=True)
class Wishes:
    """How a migration is to be carried out."""

    write: bool = False
    check: bool = False
    ask: Ask | None = None
    allow_dirty: bool = False
    verify: str | None = None
    form: Literal["text", "json"] = "text"
    file: Path | None = None


def migrate(paths: Sequence[Path], options: Options, wishes: Wishes, engine: Engine) -> int:
    """Migrate `paths`. The exit code, as the command's help says. Raises Refused."""
    if options.target is None:
        raise Refused("A migration needs a target.")
    if wishes.form == "text":
        options = replace(options, verdicts=(options.target,))
    tree = Tree(find(paths))
    with progress_bar() as progress:
        result = run(tree, options, engine, progress=progress)
    with_dependencies = planning.FIXER not in options.skip and (options.only is None or planning.FIXER in options.only)
    written: frozenset[str] = frozenset()
    if wishes.write or wishes.ask:
        _refuse_dirty(result, wishes, planning.with_dependencies(result).edits if with_dependencies else result.edits)
        result, written = _carry_out(result, wishes, with_dependencies)
    elif with_dependencies:
        result = planning.with_dependencies(result)
    _report(result, wishes, written)
    if result.has_failed:
        return 2
    if wishes.check:
        return 1 if result.edits else 0
    return 1 if result.edits or result.left or result.failures else 0


def _refuse_dirty(result: Result, wishes: Wishes, edits: Sequence[Edit]) -> None:
    if wishes.allow_dirty or not edits:
        return
    unsaved = git.unsaved([result.tree.root / edit.path for edit in edits if edit.before is not None])
    if unsaved:
        names = [*map(shown, unsaved[:5]), *(["…"] if len(unsaved) > 5 else [])]
        raise Refused("git could not bring back what is here now:\n  " + "\n  ".join(names) + "\nCommit or stash it, or say --allow-dirty.")


def _carry_out(result: Result, wishes: Wishes, with_dependencies: bool) -> tuple[Result, frozenset[str]]:
    """Write what is wanted. The result as it then is, and the paths that were written."""
    sets, shared = writing.units(result.edits)
    sets, declined = _chosen(sets, result.tree, wishes.ask)
    root = result.tree.root
    written: list[Written] = []
    with writing.alone(root), _put_back_if_ended_early(root, written):
        if wishes.verify and sets:
            try:
                judgements = write_verified(root, sets, shared, wishes.verify, _say, written)
            except CannotVerify as error:
                raise Refused(str(error)) from None
        else:
            judgements = _written_unverified(root, sets, shared, written)
        refused = [judgement for judgement in judgements if judgement.reason]
        result = replace(_without(result, refused), declined=declined)
        done = [item.edit for item in written]
        if with_dependencies and result.target:
            edits, findings = planning.plan(result.tree, done, result.target)
            edits = [edit for members in _chosen([[edit] for edit in edits], result.tree, wishes.ask)[0] for edit in members]
            more = _written_unverified(root, [[edit] for edit in edits], [], written)
            result = _without(replace(result, findings=(*result.findings, *findings)), [item for item in more if item.reason])
    result = replace(result, edits=tuple(item.edit for item in written))
    return result, frozenset(edit.path for edit in result.edits)


def _without(result: Result, refused: Sequence[Judgement]) -> Result:
    """The result where some sets of edits were not written."""
    failures = []
    dropped: dict[str, Refusal] = {}
    for judgement in refused:
        place = Place(judgement.edits[0].path, 1, 1)
        failures.append(Finding(judgement.code, place, judgement.reason, "error"))
        dropped.update({edit.change.group: Refusal(judgement.code, place, judgement.reason) for edit in judgement.edits})
    return replace(result.without(dropped), failures=(*result.failures, *failures))


def _written_unverified(root: Path, sets: Sequence[Sequence[Edit]], shared: Sequence[Edit], written: list[Written]) -> list[Judgement]:
    judgements = []
    for members in sets:
        reason = code = ""
        try:
            written += writing.write(root, writing.with_shared(members, shared, written))
        except WriteFailed as error:
            reason, code = f"{shown(error.path)}: {error}", error.code
        judgements.append(Judgement(tuple(members), reason, code))
    return judgements


@contextmanager
def _put_back_if_ended_early(root: Path, written: list[Written]) -> Iterator[None]:
    """Whatever ends this early, Ctrl-C and SIGTERM included, leaves every file as it was."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    in_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, stop) if in_main else None
    try:
        try:
            yield
        except BaseException:
            writing.put_back(root, written)
            raise
    except WriteFailed as error:
        raise Refused(f"{shown(error.path)}: {error}") from None
    finally:
        if in_main:
            signal.signal(signal.SIGTERM, before)


def _chosen(sets: Sequence[list[Edit]], tree: Tree, ask: Ask | None) -> tuple[list[list[Edit]], frozenset[str]]:
    """The sets that somebody who is asked wants, and the groups that are not wanted. A set is taken whole or not at all."""
    if ask is None:
        return list(sets), frozenset()
    chosen: list[list[Edit]] = []
    answer = ""
    for members in sets:
        wanted = answer != "quit"
        for edit in members:
            if answer in ("all", "quit"):
                break
            output.write_diff(unified(edit, tree), edit.encoding, sys.stdout)
            others = len(members) - 1
            answer = ask(f"Write {shown(edit.path)}{f' (one of {others + 1} files that change together)' if others else ''}?")
            if answer in ("no", "quit"):
                wanted = False
                if others:
                    _say(f"left with it: {', '.join(shown(other.path) for other in members if other is not edit)}")
                break
        if wanted:
            chosen.append(members)
    kept = {edit.change.group for members in chosen for edit in members}
    return chosen, frozenset(edit.change.group for members in sets for edit in members) - kept


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _report(result: Result, wishes: Wishes, written: frozenset[str]) -> None:
    if wishes.form == "json":
        save(json.dumps(values(result, written=written), indent=2, ensure_ascii=False) + "\n", wishes.file)
        return
    from assistants_codemods.reports.text import closing_line, what_is_left

    for edit in result.edits:
        if wishes.check:
            _say(f"would change {shown(edit.path)}")
        elif edit.path in written:
            _say(f"wrote {shown(edit.path)}")
        elif wishes.file is None:
            output.write_diff(unified(edit, result.tree), edit.encoding, sys.stdout)
    if wishes.file is not None and not wishes.check:
        save("".join(unified(edit, result.tree) for edit in result.edits), wishes.file)
    output.printed(lambda console: what_is_left(result, console), sys.stderr)
    _say(closing_line(result, written=wishes.write or wishes.ask is not None))
