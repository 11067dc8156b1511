"""The folder of files that code made: which are there, and how large."""

from __future__ import annotations

import os
from pathlib import Path

from assistants_compat.doctor.facts import Blobs
from assistants_compat.settings import Settings
from assistants_compat.store.database import Database, StoreError


def folder_of(settings: Settings) -> Path | None:
    """Where a store's files are; None where there is none, or it goes with the process."""
    if settings.files:
        return Path(settings.files).expanduser().absolute()
    try:
        return Database(os.fspath(settings.store), settings).folder_beside()
    except StoreError:
        return None


def look_at_blobs(settings: Settings) -> Blobs | None:
    folder = folder_of(settings)
    if folder is None:
        return None
    try:
        with os.scandir(folder) as entries:
            return Blobs(str(folder), {entry.name: entry.stat().st_size for entry in entries if entry.is_file()})
    except OSError:
        return Blobs(str(folder), None)
