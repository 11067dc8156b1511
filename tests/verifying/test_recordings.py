"""Recordings of the original from other projects: what differs is in the table of known differences, row by row."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from assistants_compat.cassettes import read
from assistants_compat.verifying import KNOWN
from assistants_compat.verifying.recording import FIRST_VERSION, recordings_of

from .conftest import report

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings" / "assistants.jsonl"
needs_recordings = pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings are not part of the project")


@needs_recordings
@pytest.mark.timeout(600)
def test_recordings_of_the_original_differ_only_in_what_the_first_rows_of_the_table_say() -> None:
    told = report(RECORDINGS)
    assert [each for each in told["differences"] if each["known"] is None] == []
    assert {each["name"] for each in told["known"]} == {known.name for known in KNOWN[:7]}
    assert told["notes"] == []


@needs_recordings
def test_every_request_of_the_recordings_is_replayed_or_told_why_not() -> None:
    exchanges = list(read(RECORDINGS))
    found = recordings_of(exchanges, "recordings")
    reasons = Counter(reason for recording in found for _, reason in recording.left_out)
    replayed = sum(len(recording.turns) for recording in found)
    assert replayed == 730
    assert replayed + reasons.total() == len(exchanges)
    assert reasons[FIRST_VERSION] == reasons.total() - 1  # the other one is a wrong key
