"""Files are written by the group, all or none: staged beside their targets, then moved into place, and put back if anything goes wrong."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistants_codemods.running import Edit


class WriteFailed(Exception):
    """A group could not be written; everything of it is as it was. `code` is one of `codes`."""

    def __init__(self, code: str, path: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.path = path


@dataclass(frozen=True)
class Written:
    """A file that has been written, and what takes it back."""

    edit: Edit
    times: tuple[int, int] | None = None
    """When the file had been read and changed, in nanoseconds: put back as well, since build tools and Python's caches go by it."""
    made_folders: tuple[Path, ...] = ()


def units(edits: Sequence[Edit]) -> tuple[list[list[Edit]], list[Edit]]:
    """The sets of edits that are written together, and the shared ones apart. Groups that change the same file are one set."""
    shared = [edit for edit in edits if edit.change.shared]
    parent: dict[str, str] = {}

    def top(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for edit in edits:
        if not edit.change.shared:
            parent[top(f"path {edit.path}")] = top(f"group {edit.change.group}")
    sets: dict[str, list[Edit]] = {}
    for edit in edits:
        if not edit.change.shared:
            sets.setdefault(top(f"path {edit.path}"), []).append(edit)
    return sorted(sets.values(), key=lambda members: members[0].path), shared


def with_shared(members: Sequence[Edit], shared: Sequence[Edit], written: Sequence[Written]) -> list[Edit]:
    """A set of edits with the shared ones that it needs and that are not written yet."""
    applications = {edit.application for edit in members}
    done = {item.edit.path for item in written}
    return [*members, *(edit for edit in shared if edit.application in applications and edit.path not in done)]


def write(root: Path, edits: Sequence[Edit]) -> list[Written]:
    """Write all of `edits`, or none. Raises WriteFailed where a file is not what it was when it was read, or cannot be written."""
    staged: list[tuple[Edit, Path]] = []
    folders: list[Path] = []
    done: list[Written] = []
    try:
        for edit in edits:
            folders += _made_folders(root / edit.path)
            staged.append((edit, _staged(root, edit)))
        for edit, temporary in staged:
            _check_unchanged(root, edit)
            times = _times(root / edit.path)
            done.append(Written(edit, times, tuple(folders)))
            os.replace(temporary, root / edit.path)
    except OSError as error:
        put_back(root, done)
        raise WriteFailed("AC017", edit.path, f"The file could not be written: {error.strerror or error}.") from error
    except BaseException:
        put_back(root, done)
        raise
    finally:
        for _, temporary in staged:
            temporary.unlink(missing_ok=True)
        if not done:
            _remove_folders(folders)
    return done


def put_back(root: Path, written: Sequence[Written]) -> None:
    """Make every file what it was before it was written. Raises WriteFailed naming those for which that is impossible, after all others."""
    stuck: list[tuple[str, OSError]] = []
    for item in reversed(written):
        try:
            _put_one_back(root / item.edit.path, item)
        except OSError as error:
            stuck.append((item.edit.path, error))
    if stuck:
        paths = ", ".join(path for path, _ in stuck)
        raise WriteFailed("AC017", stuck[0][0], f"Could not be put back: {paths} ({stuck[0][1].strerror or stuck[0][1]}).")


def _put_one_back(path: Path, item: Written) -> None:
    if item.edit.before is None:
        path.unlink(missing_ok=True)
        _remove_folders(item.made_folders)
    elif path.read_bytes() != item.edit.before:  # else it was not written yet when something went wrong
        temporary = _temporary(path, item.edit.before)
        try:
            if item.times is not None:
                os.utime(temporary, ns=item.times)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Hold off other runs that want to write in the same tree, where the system can."""
    try:
        import fcntl
    except ImportError:  # Windows: what is left is that every file is compared before it is replaced
        yield
        return
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _staged(root: Path, edit: Edit) -> Path:
    path = root / edit.path
    _check_unchanged(root, edit)
    if edit.before is not None and not os.access(path, os.W_OK):
        raise WriteFailed("AC017", edit.path, "The file is read-only.")
    return _temporary(path, edit.after)


def _check_unchanged(root: Path, edit: Edit) -> None:
    try:
        now: bytes | None = (root / edit.path).read_bytes()
    except FileNotFoundError:
        now = None
    if now != edit.before:
        raise WriteFailed("AC016", edit.path, "The file changed after it was read; run again.")


def _temporary(path: Path, content: bytes) -> Path:
    """A file beside `path` with `content` and the mode of `path`."""
    handle, name = tempfile.mkstemp(prefix=".assistants-compat-", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with open(handle, "wb") as file:
            file.write(content)
        temporary.chmod(_mode(path))
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _times(path: Path) -> tuple[int, int] | None:
    try:
        known = path.stat()
    except FileNotFoundError:
        return None
    return known.st_atime_ns, known.st_mtime_ns


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _made_folders(path: Path) -> list[Path]:
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir()
    return missing


def _remove_folders(folders: Sequence[Path]) -> None:
    for folder in sorted(set(folders), key=lambda folder: -len(folder.parts)):
        with contextlib.suppress(OSError):  # somebody put something there: it stays
            folder.rmdir()
