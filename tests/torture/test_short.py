"""The short form of every fault: what is promised is kept. `make torture` does the same with hundreds and thousands."""

from __future__ import annotations

import pytest

pytest.importorskip("starlette", reason="the extra [server] is not installed")

from torture.faults import FAULTS
from torture.plan import Plan

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_promised_is_kept(fault: str, plan: Plan) -> None:
    results = list(FAULTS[fault][1](plan))
    assert results
    assert [violation for result in results for violation in result.violations] == []
