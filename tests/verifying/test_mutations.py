"""A recording that was changed in one place is no longer replayed without a difference."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from budget import examples

from .conftest import report
from .mutations import is_beyond_comparison, mutations
from .programs import PROGRAMS
from .recorder import Json, write

pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_was_changed_in_a_recording_is_noticed(name: str, record: Callable[[str], list[Json]], tmp_path: Path) -> None:
    interactions = record(name)
    possible = [each for each in mutations(interactions) if not is_beyond_comparison(each, interactions)]
    random.Random(name).shuffle(possible)
    unnoticed = []
    for mutation in possible[: examples(30)]:
        told = report(write(tmp_path / "c.yaml", mutation.of(interactions)))
        if not told["unknown"]:
            unnoticed.append(str(mutation))
    assert unnoticed == []


@pytest.mark.parametrize(("name", "reply"), [("polling", 6), ("polling", 8), ("code", 5), ("searching", 5)])
def test_tokens_of_a_step_that_are_not_those_of_its_run_are_noticed(
    name: str, reply: int, record: Callable[[str], list[Json]], tmp_path: Path
) -> None:
    interactions = record(name)
    body = interactions[reply]["response"]["body"]
    body["string"], times = re.subn(r'("total_tokens":\s*)(\d+)', lambda found: f"{found[1]}{int(found[2]) + 1}", body["string"], count=1)
    assert times == 1
    assert report(write(tmp_path / "c.yaml", interactions))["unknown"]
