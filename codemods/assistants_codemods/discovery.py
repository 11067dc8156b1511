"""Which files of a tree are Python or notebooks: git is asked, or without a repository the `.gitignore` files."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistants_codemods import git
from assistants_codemods.findings import Finding, Place

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SUFFIXES = (".py", ".pyi", ".pyw", ".ipynb")
_SKIPPED = frozenset({".git", ".hg", ".svn", ".venv", "node_modules", "site-packages", "__pycache__", ".tox", ".nox", ".ipynb_checkpoints"})
_SHEBANG = re.compile(rb"#![^\n]*\bpython")


@dataclass(frozen=True)
class Listing:
    """The files of a tree, as paths with forward slashes relative to `root`, sorted."""

    root: Path
    files: tuple[str, ...]
    """All Python files and notebooks of the tree."""
    selected: tuple[str, ...]
    """Those below the paths that were given: only these may change."""
    notes: tuple[Finding, ...] = ()


def find(paths: Sequence[Path], *, working_directory: Path | None = None) -> Listing:
    """The files below `paths`. A file that is named itself is taken whatever it is called and whether or not it is ignored."""
    here = Path(os.path.realpath(working_directory or Path.cwd()))
    given = [_real(here / path) for path in (paths or [here])]
    root = _root(given, here)
    in_git = git.toplevel(root) is not None
    listings: dict[Path, list[str]] = {}

    def below(folder: Path) -> list[str]:
        if folder not in listings:
            listings[folder] = [f"{prefix}{name}" for prefix in [_prefix(folder, root)] for name in _names(folder)]
        return listings[folder]

    selected: set[str] = set()
    notes: dict[str, Finding] = {}
    for path in given:
        if path.is_dir() and not path.is_symlink():
            selected.update(_kept(root, below(path), notes, named=False))
        else:
            selected.update(_kept(root, [path.relative_to(root).as_posix()], notes, named=True))
    others: set[str] = set()
    for folder in [root] if in_git else [path.parent for path in given if not path.is_dir()]:
        others.update(_kept(root, below(folder), {}, named=False))
    return Listing(
        root, tuple(sorted(selected | others)), tuple(sorted(selected)), tuple(sorted(notes.values(), key=lambda note: note.place))
    )


def _real(path: Path) -> Path:
    """`path` without links in the folders above it; a link to a folder, when named itself, is the folder."""
    return Path(os.path.realpath(path)) if path.is_dir() else Path(os.path.realpath(path.parent), path.name)


def _root(given: Sequence[Path], here: Path) -> Path:
    if all(path.is_relative_to(here) for path in given):
        return here
    common = Path(os.path.commonpath([path if path.is_dir() else path.parent for path in given]))
    return git.toplevel(common) or common


def _prefix(folder: Path, root: Path) -> str:
    relative = folder.relative_to(root).as_posix()
    return "" if relative == "." else f"{relative}/"


def _names(folder: Path) -> Iterator[str]:
    """The files below `folder`, relative to it."""
    names = git.files(folder)
    if names is None:
        yield from _walked(folder)
        return
    for name in names:
        if _SKIPPED.intersection(name.split("/")[:-1]):
            continue
        if name.endswith("/") or ("." not in name.rpartition("/")[2] and (folder / name).is_dir() and not (folder / name).is_symlink()):
            inner = name.rstrip("/")  # a submodule, or a repository in the repository
            if (folder / inner / ".git").exists():
                yield from (f"{inner}/{below}" for below in _names(folder / inner))
        else:
            yield name


def _walked(folder: Path) -> Iterator[str]:
    from pathspec import GitIgnoreSpec

    pending: list[tuple[str, tuple[tuple[str, GitIgnoreSpec], ...]]] = [("", ())]
    while pending:
        prefix, ignoring = pending.pop()
        try:
            entries = sorted(os.scandir(folder / prefix), key=lambda entry: entry.name)
        except OSError:
            yield prefix.rstrip("/")
            continue
        names = {entry.name for entry in entries}
        if prefix and "pyvenv.cfg" in names:
            continue
        if ".gitignore" in names:
            try:
                lines = (folder / prefix / ".gitignore").read_text("utf-8", "replace").splitlines()
            except OSError:
                lines = []
            ignoring = (*ignoring, (prefix, GitIgnoreSpec.from_lines(lines)))
        for entry in entries:
            path = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _SKIPPED and not _ignored(f"{path}/", ignoring):
                    pending.append((f"{path}/", ignoring))
            elif not _ignored(path, ignoring):
                yield path


def _ignored(path: str, ignoring: Sequence[tuple[str, GitIgnoreSpec]]) -> bool:
    for prefix, spec in reversed(ignoring):
        verdict = spec.check_file(path[len(prefix) :]).include
        if verdict is not None:
            return verdict
    return False


def _kept(root: Path, names: Sequence[str], notes: dict[str, Finding], *, named: bool) -> Iterator[str]:
    """Those of `names` that are Python or notebooks; links and what cannot be looked at go into `notes`."""
    for name in names:
        bare = name.rpartition("/")[2]
        if not named and not bare.endswith(SUFFIXES) and "." in bare:
            continue
        path = root / name
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            continue  # tracked by git, and deleted in the work tree
        except OSError as error:
            notes[name] = Finding("AC002", Place(name, 1, 1), f"{error.strerror}.", "error")
            continue
        if stat.S_ISLNK(mode):
            if named or bare.endswith(SUFFIXES) or path.is_dir():
                _note_link(root, name, notes)
        elif stat.S_ISDIR(mode):
            notes[name] = Finding("AC002", Place(name, 1, 1), "The folder cannot be listed.", "error")
        elif not stat.S_ISREG(mode):
            if bare.endswith(SUFFIXES) or named:
                notes[name] = Finding("AC002", Place(name, 1, 1), "It is not a regular file.", "warning")
        elif named or bare.endswith(SUFFIXES) or (mode & 0o111 and _is_script(path)):
            yield name


def _note_link(root: Path, name: str, notes: dict[str, Finding]) -> None:
    target = Path(os.path.realpath(root / name))
    if not target.exists():
        notes[name] = Finding("AC005", Place(name, 1, 1), "A symbolic link that leads nowhere.", "note")
    elif not target.is_relative_to(root):
        notes[name] = Finding("AC005", Place(name, 1, 1), f"A symbolic link out of the tree, to {target}: not followed.", "note")


def _is_script(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _SHEBANG.match(file.read(128)) is not None
    except OSError:
        return False
