"""A recording that was changed in one place is no longer replayed without a difference."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from budget import examples

from .conftest import report
from .mutations import is_beyond_comparison, mutations
from .programs import PROGRAMS
from .recorder import Json, write


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_was_changed_in_a_recording_is_noticed(name: str, record: Callable[[str], list[Json]], tmp_path: Path) -> None:
    interactions = record(name)
    possible = [each for each in mutations(interactions) if not is_beyond_comparison(each, interactions)]
    random.Random(name).shuffle(possible)
    unnoticed = []
    for mutation in possible[: examples(40)]:
        told = report(write(tmp_path / "c.yaml", mutation.of(interactions)))
        if not told["unknown"]:
            unnoticed.append(str(mutation))
    assert unnoticed == []
