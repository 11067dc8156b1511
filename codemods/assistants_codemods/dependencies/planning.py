"""What a migration means for the dependency files of a tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistants_codemods.dependencies.governing import DependencyFile, DependencyFiles
from assistants_codemods.dependencies.pins import PACKAGE, Note
from assistants_codemods.dependencies.requirements import constraint_notes
from assistants_codemods.findings import Change, Finding, Place, Target
from assistants_codemods.running import Edit, Result
from assistants_codemods.tree import Tree

FIXER = "dependencies"
SUMMARY = "requirements files, pyproject.toml, setup.cfg and others gain what the new imports need"

_IMPORTED = re.compile(r"^[ \t]*(?:from|import)[ \t]+assistants_compat\b", re.MULTILINE)
_LOCKS = {"poetry.lock": "poetry lock", "uv.lock": "uv lock", "pdm.lock": "pdm lock", "Pipfile.lock": "pipenv lock"}
_OF_TOML = ("pyproject.toml", "Pipfile")


def with_dependencies(result: Result) -> Result:
    """A result with the edits of dependency files that go with its own, and what is to be told about them."""
    if result.target is None:
        return result
    edits, findings = plan(result.tree, result.edits, result.target)
    return replace(result, edits=(*result.edits, *edits), findings=(*result.findings, *findings))


def plan(tree: Tree, edits: Sequence[Edit], target: Target) -> tuple[list[Edit], list[Finding]]:
    """The edits of dependency files that go with `edits`, and what is to be told about them."""
    files = DependencyFiles(tree.root)
    return _for_shim(tree, edits, files) if target == "shim" else _for_responses(tree, edits, files)


def _for_shim(tree: Tree, edits: Sequence[Edit], files: DependencyFiles) -> tuple[list[Edit], list[Finding]]:
    needing = [
        path for path, after in _afterwards(tree, edits).items() if _IMPORTED.search(after) and not _installs_itself(path, tree, edits)
    ]
    made: list[Edit] = []
    told: list[Finding] = []
    if orphans := [path for path in needing if not files.over(path)]:
        told.append(Finding("AC010", Place(orphans[0], 1, 1), f"{_these(orphans)} {PACKAGE}, and no dependency file stands over them."))
    for file in _distinct(files, needing):
        if file.mentions.ours:
            continue
        adapted = file.form.with_package(file.text)
        told += _told(file.path, adapted.notes)
        for path, text in files.constraints(file.path):
            told += _told(path, constraint_notes(text))
        if adapted.text != file.text:
            made.append(_edit(file, adapted.text))
            told += _locks(file, files)
    return made, sorted(set(told), key=lambda finding: (finding.place, finding.code))


def _for_responses(tree: Tree, edits: Sequence[Edit], files: DependencyFiles) -> tuple[list[Edit], list[Finding]]:
    made: list[Edit] = []
    told: list[Finding] = []
    touched = [edit.path for edit in edits]
    lost_import = any(
        edit.change.before and _IMPORTED.search(edit.change.before) and not _IMPORTED.search(edit.change.after) for edit in edits
    )
    after = _afterwards(tree, edits)
    for file in _distinct(files, touched):
        told += _told(file.path, file.form.old_for_conversations(file.text))
        if not (file.mentions.ours and lost_import) or any(_IMPORTED.search(text) for text in after.values()):
            continue
        adapted = file.form.without_package(file.text)
        told += _told(file.path, adapted.notes)
        if adapted.text != file.text:
            made.append(_edit(file, adapted.text))
            told += _locks(file, files)
    return made, sorted(set(told), key=lambda finding: (finding.place, finding.code))


def _afterwards(tree: Tree, edits: Sequence[Edit]) -> dict[str, str]:
    """The modules of the tree that have our package's name once `edits` are made."""
    texts = {path: text for path in tree.containing("assistants_compat") if (text := tree.text(path)) is not None}
    return {**texts, **{edit.path: edit.change.after for edit in edits}}


def _installs_itself(path: str, tree: Tree, edits: Sequence[Edit]) -> bool:
    """Whether a notebook has a pip command for our package."""
    if not path.endswith(".ipynb"):
        return False
    content = next((edit.after for edit in edits if edit.path == path), None) or tree.content(path) or b""
    return PACKAGE.encode() in content


def _distinct(files: DependencyFiles, paths: Iterable[str]) -> list[DependencyFile]:
    found: dict[str, DependencyFile] = {}
    for path in paths:
        found.update({file.path: file for file in files.over(path)})
    return [found[path] for path in sorted(found)]


def _edit(file: DependencyFile, text: str) -> Edit:
    change = Change(file.path, file.text, text, (FIXER,), FIXER, shared=True)
    return Edit(change, file.content, text.encode(file.encoding), file.encoding)


def _locks(file: DependencyFile, files: DependencyFiles) -> list[Finding]:
    if not file.path.endswith(_OF_TOML):
        return []
    return [
        Finding("AC015", Place(file.path, 1, 1), f"Run `{command}`: {lock} does not have the change.", "note")
        for lock, command in _LOCKS.items()
        if files.beside(file.path, lock)
    ]


def _told(path: str, notes: Iterable[Note]) -> list[Finding]:
    return [Finding(note.code, Place(path, note.line, 1), note.message, "note" if note.code == "AC015" else "warning") for note in notes]


def _these(paths: Sequence[str]) -> str:
    if len(paths) == 1:
        return f"{paths[0]} imports"
    return f"{paths[0]} and {len(paths) - 1} more import"
