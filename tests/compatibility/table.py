"""The whole table: its chapters in the order of the page, and its rows by kind."""

from __future__ import annotations

from collections.abc import Iterator

from compatibility import assistants, behaviour, errors, files, messages, runs, steps, streams, threads, tools
from compatibility.entry import Entry, Kind

CHAPTERS = (
    assistants.CHAPTER,
    threads.CHAPTER,
    messages.CHAPTER,
    runs.CHAPTER,
    steps.CHAPTER,
    tools.CHAPTER,
    files.CHAPTER,
    streams.CHAPTER,
    errors.CHAPTER,
    behaviour.CHAPTER,
)


def rows(*kinds: Kind) -> Iterator[Entry]:
    """All rows of these kinds; all there are where none is named."""
    return (entry for chapter in CHAPTERS for table in chapter.tables if not kinds or table.kind in kinds for entry in table.rows())
