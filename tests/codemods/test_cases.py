"""Every fixer's cases: what becomes of the code, what stays and why; the output compiles, and running it through again changes nothing."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest
from tests.codemods.cases import GENERATED, Case, cases_in, outcome_of, refusals_of, rewritten

from assistants_codemods.generated import names_in
from assistants_codemods.migration import Options
from assistants_codemods.registry import fixers

_HERE = Path(__file__).parent
_CASES = [case for path in sorted(_HERE.glob("*/cases.md")) for case in cases_in(path)]
_TELLING = {fixer.id for fixer in fixers() if fixer.phase == "notes"}


@pytest.mark.parametrize("case", _CASES, ids=lambda case: f"{case.fixer}: {case.title}")
def test_case(case: Case) -> None:
    options = Options(target=case.target, today=date(2026, 11, 28))  # type: ignore[arg-type]
    outcome = outcome_of(case.before, options)
    after = rewritten(case.before, outcome)
    generated = after.pop(GENERATED, None) if GENERATED not in case.after else None

    assert not outcome.failures
    assert after == ({**case.before, **case.after} if not case.stays else case.before)
    assert (names_in(generated) if generated else set()) >= case.parts
    assert (generated is not None) == bool(case.parts) or case.after.get(GENERATED)
    assert refusals_of(outcome, case.target) == set(case.refusals)

    if case.fixer in _TELLING:
        assert sorted((told.code, told.place.line, told.message) for told in outcome.findings) == sorted(case.told)

    for text in after.values():
        compile(text, "case", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    again = dict(after, **({GENERATED: generated} if generated else {}))
    assert rewritten(again, outcome_of(again, options)) == again


def test_every_fixer_has_cases_and_more_of_them_stay_than_change() -> None:
    for fixer in fixers():
        own = [case for case in _CASES if case.fixer == fixer.id]
        assert own, f"tests/codemods/{fixer.id}/cases.md is missing"
        staying = sum(case.stays for case in own)
        assert staying >= len(own) - staying, f"{fixer.id}: {staying} cases stay, {len(own) - staying} change"
