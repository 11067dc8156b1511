"""Which files of a folder may be cassettes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = frozenset({".yaml", ".yml", ".json", ".jsonl", ".ndjson"})


def cassettes_below(folder: Path) -> Iterator[Path]:
    """Every file with such a suffix in the folder and those below it, in the order of their names; folders like `.git` are left out."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in sorted(files):
            if Path(file).suffix.lower() in SUFFIXES:
                yield Path(here, file)
