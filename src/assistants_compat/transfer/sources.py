"""The files that an import reads: those named, those in a tree, and standard input."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

SUFFIXES = frozenset({".json", ".jsonl", ".ndjson", ".yaml", ".yml"})

Told = Callable[[int], None]
"""Is told how many bytes more have been read."""


@dataclass(frozen=True)
class Source:
    """A file, or standard input where there is no path.

    Attributes:
        named: whether it was asked for by its own name, so that it should have something in it.
    """

    path: Path | None
    named: bool

    @property
    def name(self) -> str:
        return "standard input" if self.path is None else os.fsencode(self.path).decode(errors="replace")

    @property
    def size(self) -> int:
        """In bytes; 0 where that is not known."""
        try:
            return 0 if self.path is None else self.path.stat().st_size
        except OSError:
            return 0


def sources_in(paths: Iterable[Path]) -> Iterator[Source]:
    """What to read, each file once, those of a folder by name. `-` is standard input; folders like `.git`, links and pipes are left out.

    Raises:
        FileNotFoundError: for a path that is not there.
    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if str(path) == "-":
            yield Source(None, named=True)
            continue
        for found in _below(path) if path.is_dir() else [Source(path, named=True)]:
            assert found.path is not None
            state = found.path.stat()
            if (state.st_dev, state.st_ino) not in seen:
                seen.add((state.st_dev, state.st_ino))
                yield found


def _below(folder: Path) -> Iterator[Source]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(here, name)
            if path.suffix.lower() in SUFFIXES and not name.startswith(".") and is_own_file(path):
                yield Source(path, named=False)


def is_own_file(path: Path) -> bool:
    """Whether it is a file itself, and no link to one elsewhere."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


@contextmanager
def opened(source: Source, stdin: BinaryIO, told: Told) -> Iterator[io.BufferedReader]:
    """The bytes of a source. Raises OSError."""
    if source.path is None:
        yield io.BufferedReader(_Counted(stdin, told), 1024 * 1024)
        return
    with source.path.open("rb", buffering=0) as raw:
        yield io.BufferedReader(_Counted(cast(BinaryIO, raw), told), 1024 * 1024)


class _Counted(io.RawIOBase):
    """A stream that tells how much was read of it, and stays open."""

    def __init__(self, stream: BinaryIO, told: Told) -> None:
        self._stream = stream
        self._told = told

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        self._told(len(piece))
        return len(piece)
