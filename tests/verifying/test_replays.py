"""What this package answers is recorded, and replayed against itself: nothing may differ, wherever the recording begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import report
from .programs import PROGRAMS
from .recorder import Json, write


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_recording_of_this_package_is_replayed_without_a_difference(
    name: str, record: Callable[[str], list[Json]], tmp_path: Path
) -> None:
    interactions = record(name)
    told = report(write(tmp_path / "c.yaml", interactions))
    assert told["differences"] == []
    assert told["notes"] == []
    assert told["replayed"] + told["passed_on"] == len(interactions)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_recording_that_begins_in_the_middle_is_replayed_without_a_difference(
    name: str, record: Callable[[str], list[Json]], tmp_path: Path
) -> None:
    """What was there before is made from what the rest shows of it; where it does not show enough, the difference is in that."""
    interactions = record(name)
    paths = [write(tmp_path / f"from-{begin:02}.yaml", interactions[begin:]) for begin in range(1, len(interactions))]
    told = report(*paths)
    assert [each for each in told["differences"] if each["known"] is None] == []
