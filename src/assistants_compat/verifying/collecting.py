"""From the paths that were given to recordings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from assistants_compat.cassettes import NotACassette, cassettes_below, read
from assistants_compat.verifying.recording import Recording, recordings_of


def collect(paths: Iterable[Path]) -> tuple[list[Recording], list[str]]:
    """The recordings of all files, and of those in the folders; and a note for what of a folder is no cassette.

    Raises:
        CassetteError: a file that was named is no cassette, or one of a folder's is broken.
    """
    recordings: list[Recording] = []
    notes: list[str] = []
    for path in paths:
        if not path.is_dir():
            recordings += recordings_of(read(path), str(path))
            continue
        for file in cassettes_below(path):
            try:
                recordings += recordings_of(read(file), str(file))
            except NotACassette as error:
                notes.append(f"{str(error).rstrip('.')}; it is left out.")
    return [recording for recording in recordings if not _is_of_something_else(recording)], notes


def _is_of_something_else(recording: Recording) -> bool:
    return not recording.turns and not recording.left_out
