"""What git says about a tree, where there is one: its files, and whether a change could be lost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path


def toplevel(folder: Path) -> Path | None:
    """The root of the work tree that `folder` is in; None where there is none, or no git, or git does not trust it."""
    said = _git(folder, "rev-parse", "--show-toplevel")
    return Path(os.fsdecode(said).rstrip("\n")) if said else None


def files(folder: Path) -> list[str] | None:
    """The files below `folder`, tracked or not but not ignored, relative to it; None where git does not keep them.

    A repository within the repository is one entry, the path of its folder.
    """
    if _git(folder, "rev-parse", "--is-inside-work-tree") != b"true\n" or _git(folder, "check-ignore", "-q", ".") is not None:
        return None
    said = _git(folder, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    return None if said is None else sorted({os.fsdecode(name) for name in said.split(b"\0") if name})


def unsaved(paths: Sequence[Path]) -> list[str]:
    """What could not be had back from git if `paths` were written: changes of tracked files in their trees, and those not tracked."""
    found: list[str] = []
    for top, members in _by_tree(paths).items():
        said = _git(top, "status", "--porcelain", "--untracked-files=no", "-z") or b""
        found += [f"{name[3:]} (changed)" for name in map(os.fsdecode, said.split(b"\0")) if name[2:3] == " "]
        known = _git(top, "ls-files", "-z", "--", *members) or b""
        tracked = {os.fsdecode(name) for name in known.split(b"\0")}
        found += [f"{member} (not tracked)" for member in members if member not in tracked]
    return found


def _by_tree(paths: Iterable[Path]) -> dict[Path, list[str]]:
    tops: dict[Path, Path | None] = {}
    trees: dict[Path, list[str]] = {}
    for path in paths:
        folder = path.parent
        if folder not in tops:
            tops[folder] = toplevel(folder)
        if top := tops[folder]:
            trees.setdefault(top, []).append(path.relative_to(top).as_posix())
    return trees


def _git(folder: Path, *arguments: str) -> bytes | None:
    try:
        done = subprocess.run(["git", "-C", os.fspath(folder), *arguments], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
