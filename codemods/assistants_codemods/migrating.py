"""The `migrate` command: a diff, or with --write the files themselves, a group at a time."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistants_codemods import git, writing
from assistants_codemods.discovery import find
from assistants_codemods.engine import Engine
from assistants_codemods.findings import Finding, Place
from assistants_codemods.reports import output
from assistants_codemods.reports.diffs import unified
from assistants_codemods.reports.progress import progress_bar
from assistants_codemods.reports.values import shown, values
from assistants_codemods.running import Edit, Result, run
from assistants_codemods.scanning import save
from assistants_codemods.tree import Tree

if TYPE_CHECKING:
    from assistants_codemods.migration import Options


class Refused(Exception):
    """Nothing was done, for the reason in the message."""


@dataclass(frozen=True)
class Wishes:
    """How a migration is to be carried out."""

    write: bool = False
    check: bool = False
    interactive: bool = False
    allow_dirty: bool = False
    verify: str | None = None
    form: Literal["text", "json"] = "text"
    file: Path | None = None


def migrate(paths: Sequence[Path], options: Options, wishes: Wishes, engine: Engine) -> int:
    """Migrate `paths`. The exit code, as the command's help says. Raises Refused."""
    tree = Tree(find(paths))
    with progress_bar() as progress:
        result = run(tree, options, engine, progress=progress)
    written: frozenset[str] = frozenset()
    if wishes.write or wishes.interactive:
        _refuse_dirty(result, wishes)
        result, written = _carry_out(result, wishes)
    _report(result, wishes, written)
    if result.has_failed:
        return 2
    if wishes.check:
        return 1 if result.edits else 0
    return 1 if result.edits or result.left or result.failures else 0


def _refuse_dirty(result: Result, wishes: Wishes) -> None:
    if wishes.allow_dirty or not result.edits:
        return
    unsaved = git.unsaved([result.tree.root / edit.path for edit in result.edits if edit.before is not None])
    if unsaved:
        shown_names = [*map(shown, unsaved[:5]), *(["…"] if len(unsaved) > 5 else [])]
        raise Refused(
            "git could not bring back what is here now:\n  "
            + "\n  ".join(shown_names)
            + "\nCommit or stash it first, or say --allow-dirty."
        )


def _carry_out(result: Result, wishes: Wishes) -> tuple[Result, frozenset[str]]:
    """Write what is wanted. The result without what was not written, and the paths that were."""
    sets, shared = writing.units(result.edits)
    failures: list[Finding] = []
    done: list[Edit] = []
    root = result.tree.root
    with writing.alone(root):
        for members in sets:
            try:
                done += [item.edit for item in writing.write(root, members)]
            except writing.WriteFailed as error:
                failures.append(Finding(error.code, Place(error.path, 1, 1), str(error), "error"))
        if done and shared:
            try:
                done += [item.edit for item in writing.write(root, shared)]
            except writing.WriteFailed as error:
                failures.append(Finding(error.code, Place(error.path, 1, 1), str(error), "error"))
    result = replace(result, edits=tuple(done), failures=(*result.failures, *failures))
    return result, frozenset(edit.path for edit in done)


def _report(result: Result, wishes: Wishes, written: frozenset[str]) -> None:
    if wishes.form == "json":
        save(json.dumps(values(result, written=written), indent=2, ensure_ascii=False) + "\n", wishes.file)
        return
    from assistants_codemods.reports.text import closing_line, what_is_left

    for edit in result.edits:
        if wishes.check:
            print(f"would change {shown(edit.path)}", file=sys.stderr)
        elif edit.path in written:
            print(f"wrote {shown(edit.path)}", file=sys.stderr)
        elif wishes.file is None:
            output.write_diff(unified(edit, result.tree), edit.encoding, sys.stdout)
    if wishes.file is not None and not written:
        save("".join(unified(edit, result.tree) for edit in result.edits), wishes.file)
    output.printed(lambda console: what_is_left(result, console), sys.stderr)
    print(closing_line(result, written=bool(written)), file=sys.stderr)
