"""docs/sdk-versions.md, nox and CI say and do what the matrix is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sdk_versions.matrix import CI, NEWEST, PYTHONS, SDKS, Part
from sdk_versions.page import PAGE, WRITERS, written

ROOT = Path(__file__).parents[2]


def test_the_page_is_as_the_matrix_would_have_it_written() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [page.count(f"<!-- written by make sdk-versions: {part} -->") for part in WRITERS] == [1] * len(WRITERS)
    assert page == written(page), "run `make sdk-versions`"


def sessions(*options: str) -> set[str]:
    """The names of the sessions that nox would run."""
    pytest.importorskip("nox")
    done = subprocess.run([sys.executable, "-m", "nox", "-l", "--json", *options], cwd=ROOT, capture_output=True, text=True, check=True)
    return {session["session"] for session in json.loads(done.stdout)}


def test_nox_runs_every_version_of_the_sdk_on_every_python_and_both_ends_through_the_type_checkers() -> None:
    types = {f"types({SDKS[0].name})", f"types({NEWEST})"}
    assert sessions() == {f"suite-{python}({sdk.name})" for python in PYTHONS for sdk in SDKS} | types
    assert sessions("-t", "ci") == {f"ci({part.sdk})" for part in CI} | types


def test_ci_runs_the_oldest_one_of_each_major_version_and_the_newest() -> None:
    assert "make matrix-ci\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    tried = {part.sdk for part in CI}
    assert tried >= {SDKS[0].name, NEWEST}
    assert {sdk.version[0] for sdk in SDKS if sdk.name in tried} == {1, 2, 3}


@pytest.mark.parametrize("part", CI, ids=[part.sdk for part in CI])
def test_what_ci_runs_of_a_version_is_to_be_had_with_it(part: Part) -> None:
    (sdk,) = (sdk for sdk in SDKS if sdk.name == part.sdk)
    assert set(part.ways) <= set(sdk.ways())
    assert part.python in PYTHONS


def test_the_versions_stand_from_the_oldest_to_the_newest() -> None:
    assert [sdk.version for sdk in SDKS] == sorted(sdk.version for sdk in SDKS)
    assert [sdk.name for sdk in SDKS if sdk.name != sdk.text] == [NEWEST]
