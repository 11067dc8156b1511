"""Where a process may be killed: the moments of a run's life that the promise is about are all among its steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistants_compat.testing import OfflineUpstream
from torture.nursery import nursery
from torture.speech import answer
from torture.steps import MOMENTS

pytestmark = pytest.mark.slow


def test_a_program_with_a_function_takes_steps_in_every_moment(tmp_path: Path) -> None:
    own = {"store": str(tmp_path / "store.db"), "files": str(tmp_path / "files")}
    with (
        nursery("torture.child") as processes,
        OfflineUpstream(default=answer).serve() as base_url,
        processes.process(kind="program", base_url=base_url, settings=own, kill_at=0) as program,
    ):
        program.send("live", life="function, streamed", name="p")
        (taken,) = [line["done"] for line in program.lines() if "done" in line]
        moments = program.do("moments")
    assert sum(moments.values()) == taken
    assert set(moments) == set(MOMENTS)
