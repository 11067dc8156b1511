"""Every scenario, replayed without a network: the requests are the recorded ones, and the program sees what its snapshot has."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any

import pytest

from .replaying import CASSETTES, replayed
from .scenarios import SCENARIOS


def sorted_lines(value: Any) -> list[str]:
    """In one order of keys: that of the SDK's objects is another from version to version."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True).splitlines()


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_sends_what_was_recorded_and_sees_what_its_snapshot_has(name: str) -> None:
    seen = json.loads(replayed(SCENARIOS[name], CASSETTES / f"{name}.yaml"))
    expected = json.loads((CASSETTES / f"{name}.snapshot.json").read_text("utf-8"))
    if seen != expected:
        diff = difflib.unified_diff(sorted_lines(expected), sorted_lines(seen), f"{name}.snapshot.json", "seen now", lineterm="")
        pytest.fail("The program sees something else:\n" + "\n".join(diff), pytrace=False)


def test_there_is_a_cassette_and_a_snapshot_for_every_scenario_and_no_others() -> None:
    files = {path.name for path in CASSETTES.iterdir()} - {"README.md"}
    assert files == {name + suffix for name in SCENARIOS for suffix in (".yaml", ".snapshot.json")}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_cassette_says_what_was_recorded_when_and_with_which_versions(name: str) -> None:
    first, second, *_ = (CASSETTES / f"{name}.yaml").read_text("utf-8").splitlines()
    assert re.fullmatch(rf"# {name}: recorded against the (real API|offline upstream) on \d{{4}}-\d\d-\d\d", first)
    assert re.fullmatch(r"# with assistants-compat [\d.]+, openai [\d.]+, vcrpy [\d.]+ and Python [\d.]+\. Record it again: .+", second)
