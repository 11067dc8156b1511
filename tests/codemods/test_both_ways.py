"""One step to native code, or two by way of the shim: the result is the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.codemods.cases import Case, cases_in, outcome_of, rewritten

from assistants_codemods.migration import Options

pytestmark = pytest.mark.long

_CASES = [case for path in sorted(Path(__file__).parent.glob("*/cases.md")) for case in cases_in(path) if case.target == "responses"]
_SHIM = Options(target="shim", today=date(2026, 11, 28))
_RESPONSES = Options(target="responses", today=date(2026, 11, 28))


@pytest.mark.parametrize("case", _CASES, ids=lambda case: f"{case.fixer}: {case.title}")
def test_the_shim_on_the_way_makes_no_difference(case: Case) -> None:
    at_once = rewritten(case.before, outcome_of(case.before, _RESPONSES))
    on_the_shim = rewritten(case.before, outcome_of(case.before, _SHIM))
    by_the_way = rewritten(on_the_shim, outcome_of(on_the_shim, _RESPONSES))

    stays_there = rewritten(at_once, outcome_of(at_once, _SHIM))
    assert _plain(by_the_way) in (_plain(at_once), _plain(stays_there))


def _plain(files: dict[str, str]) -> dict[str, list[str]]:
    """The files without blank lines, and each imported name of the top for itself: where and in which order those stand may differ."""
    found = {}
    for path, text in files.items():
        lines = [line for line in text.splitlines() if line.strip()]
        imports = [line for line in lines if line.startswith(("import ", "from "))]
        found[path] = [*sorted(one for line in imports for one in _apart(line)), *(line for line in lines if line not in imports)]
    return found


def _apart(line: str) -> list[str]:
    module, _, names = line.partition(" import ")
    return [f"{module} import {name.strip()}" for name in names.split(",")] if names else [line]
