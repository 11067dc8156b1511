"""The folder beside a store with the bytes of files that the code interpreter made: one file each, named by its id.

A blob is whole or not there: it grows under another name and is renamed at its end. What a killed process leaves half-written is
swept away a day later.
"""

from __future__ import annotations

import atexit
import logging
import math
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger("assistants_compat")

_PART = ".part"
_A_DAY = 86_400.0


class BlobTooLarge(Exception):
    """More bytes came than a file may have."""


class BlobTooSlow(Exception):
    """A file took longer than it may."""


class Blobs:
    """Safe to use from many threads and processes. The folder is made, its owner's alone, when the first blob comes.

    Args:
        find_folder: called once, on the first use. None stands for a temporary one, which goes with the process.
    """

    def __init__(self, find_folder: Callable[[], Path | None]) -> None:
        self._find_folder = find_folder
        self._folder: Path | None = None
        self._ready = False
        self._lock = threading.Lock()

    def path(self, id: str) -> Path:
        """Where the blob is, if it is there. Raises ValueError for an id that could name a file elsewhere."""
        if not id.replace("-", "").isalnum():
            raise ValueError(f"{id!r} is not the id of a file")
        return self.folder() / id

    def folder(self) -> Path:
        with self._lock:
            if self._folder is None:
                self._folder = self._find_folder() or _temporary_folder()
            return self._folder

    def part(self, id: str, most: int, seconds: float = math.inf) -> Part:
        """A blob in the making, of at most `most` bytes, in at most so many seconds. Raises OSError."""
        path = self.path(id)
        self._make_ready(path.parent)
        try:
            return Part(path, most, seconds)
        except FileNotFoundError:  # somebody has removed the folder
            self._ready = False
            self._make_ready(path.parent)
            return Part(path, most, seconds)

    def put(self, id: str, content: bytes, most: int) -> None:
        """Raises OSError and BlobTooLarge."""
        with self.part(id, most) as part:
            part.write(content)
            part.keep()

    def delete(self, id: str) -> None:
        """Delete a blob; one that is not there is gone already."""
        try:
            self.path(id).unlink(missing_ok=True)
        except OSError as error:
            logger.warning("assistants-compat: the file %s cannot be deleted: %s", self.path(id), error.strerror)

    def _make_ready(self, folder: Path) -> None:
        with self._lock:
            if self._ready:
                return
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            stale = time.time() - _A_DAY
            for path in folder.glob(f"*{_PART}"):
                with suppress(OSError):  # another process may be sweeping too
                    if path.stat().st_mtime < stale:
                        path.unlink()
            self._ready = True


def _temporary_folder() -> Path:
    folder, owner = Path(tempfile.mkdtemp(prefix="assistants-compat-files-")), os.getpid()

    def delete() -> None:
        if os.getpid() == owner:  # not where a forked child ends
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(delete)
    return folder


class Part:
    """A blob that is being written. Left without `keep`, nothing of it stays."""

    def __init__(self, path: Path, most: int, seconds: float) -> None:
        self._path = path
        self._most = most
        self._until = time.monotonic() + seconds
        self._own = path.with_name(f"{path.name}.{secrets.token_hex(8)}{_PART}")
        self._file = os.fdopen(os.open(self._own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self.size = 0
        """Bytes written so far."""
        self.validator: str | None = None
        """What tells this version of the file from another, where the server says: its ETag."""

    def __enter__(self) -> Part:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._file.close()
        finally:  # closing may fail of a full disk, once more
            self._own.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """Raises OSError, BlobTooLarge and BlobTooSlow."""
        if self.size + len(chunk) > self._most:
            raise BlobTooLarge
        if time.monotonic() > self._until:
            raise BlobTooSlow
        self._file.write(chunk)
        self.size += len(chunk)

    def restart(self) -> None:
        """Forget what was written."""
        self._file.seek(0)
        self._file.truncate()
        self.size = 0
        self.validator = None

    def keep(self) -> None:
        """It is whole: from now on it is there under its id, whatever happens to the machine."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._own, self._path)
