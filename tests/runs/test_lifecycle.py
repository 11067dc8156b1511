"""The states of a run and the moves between them, as a table and as random walks over it. Pure."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistants_compat.runs import lifecycle
from assistants_compat.runs.lifecycle import CANCELLABLE, MOVES, TERMINAL, WORKING, IllegalMove, add_usage, move

Json = dict[str, Any]

# The documentation's diagram, written down once more, independently.
LEGAL = {
    ("queued", "in_progress"),
    ("queued", "cancelling"),
    ("queued", "failed"),
    ("queued", "expired"),
    ("in_progress", "requires_action"),
    ("in_progress", "completed"),
    ("in_progress", "incomplete"),
    ("in_progress", "failed"),
    ("in_progress", "expired"),
    ("in_progress", "cancelling"),
    ("requires_action", "queued"),
    ("requires_action", "expired"),
    ("requires_action", "cancelling"),
    ("cancelling", "cancelled"),
}
STATES = {
    "queued", "in_progress", "requires_action", "cancelling", "cancelled", "completed", "failed", "incomplete", "expired",
}  # fmt: skip
USAGE: Json = {
    "prompt_tokens": 10,
    "completion_tokens": 5,
    "total_tokens": 15,
    "prompt_token_details": {"cached_tokens": 2},
    "completion_tokens_details": {"reasoning_tokens": 1},
}


def run(status: str = "queued", **fields: Any) -> Json:
    return {
        "id": "run_1",
        "status": status,
        "created_at": 1000,
        "started_at": None,
        "expires_at": 1600,
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": None,
        "required_action": None,
        "last_error": None,
        "usage": None,
        **fields,
    }


def test_there_are_nine_states_and_five_of_them_are_the_end() -> None:
    assert set(MOVES) == STATES
    assert {"cancelled", "completed", "failed", "incomplete", "expired"} == TERMINAL
    assert {"queued", "in_progress", "requires_action"} == CANCELLABLE
    assert {"queued", "in_progress"} == WORKING


@pytest.mark.parametrize(("origin", "target"), sorted(product(STATES, STATES)))
def test_only_the_moves_of_the_diagram_are_legal(origin: str, target: str) -> None:
    before = run(origin)
    if (origin, target) in LEGAL:
        assert move(before, target, 1010)["status"] == target
    else:
        with pytest.raises(IllegalMove, match=f"from {origin} to {target}"):
            move(before, target, 1010)
    assert before == run(origin)


@given(st.data())
def test_whatever_way_a_run_goes_its_fields_say_where_it_is(data: st.DataObject) -> None:
    now, body = 1000, run()
    started = False
    for _ in range(data.draw(st.integers(0, 12))):
        targets = sorted(MOVES[body["status"]])
        if not targets:
            break
        now += data.draw(st.integers(0, 50))
        target = data.draw(st.sampled_from(targets))
        changes: Json = {}
        if target == "requires_action":
            changes["required_action"] = {"type": "submit_tool_outputs"}
        if target == "failed":
            changes["last_error"] = {"code": "server_error", "message": "No."}
        body = move(body, target, now, **changes)
        started = started or target == "in_progress"
        if target == "in_progress":
            assert body["started_at"] == now
        assert (body["started_at"] is not None) == started
        assert (body["required_action"] is not None) == (body["status"] == "requires_action")
        assert body["expires_at"] == (None if body["status"] in TERMINAL else 1600)
        assert (body["usage"] is not None) == (body["status"] in TERMINAL)
        assert (body["completed_at"] is not None) == (body["status"] in ("completed", "incomplete", "expired"))
        assert (body["failed_at"] is not None) == (body["status"] == "failed")
        assert (body["cancelled_at"] is not None) == (body["status"] == "cancelled")
        assert body["created_at"] == 1000
        assert list(body) == list(run())


def test_a_run_resumed_after_its_tools_has_started_anew_and_expires_as_before() -> None:
    body = move(run(), "in_progress", 1001)
    body = move(body, "requires_action", 1002, required_action={"type": "submit_tool_outputs"})
    body = move(move(body, "queued", 1100), "in_progress", 1101)
    assert (body["started_at"], body["expires_at"], body["required_action"]) == (1101, 1600, None)


def test_a_usage_that_is_known_is_kept_at_the_end() -> None:
    assert move(run("in_progress", usage=USAGE), "completed", 1002)["usage"] == USAGE
    assert move(run("queued"), "expired", 1600)["usage"] == lifecycle.NO_USAGE


def test_usages_add_up_at_every_depth() -> None:
    assert add_usage(None, None) is None
    assert add_usage(USAGE, None) == add_usage(None, USAGE) == USAGE
    assert add_usage(USAGE, USAGE) == {
        "prompt_tokens": 20,
        "completion_tokens": 10,
        "total_tokens": 30,
        "prompt_token_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }


@pytest.mark.parametrize(
    ("run_status", "status", "stamp"),
    [("failed", "failed", "failed_at"), ("cancelled", "cancelled", "cancelled_at"), ("expired", "expired", "expired_at")],
)
def test_an_open_step_ends_as_its_run_does(run_status: str, status: str, stamp: str) -> None:
    step: Json = {"status": "in_progress", "usage": None, "completed_at": None, "failed_at": None, "cancelled_at": None}
    ended = lifecycle.end_step(step, run_status, 1005, last_error={"code": "server_error", "message": "No."})
    assert ended["status"] == status
    assert ended[stamp] == 1005
    assert ended["last_error"] == {"code": "server_error", "message": "No."}
    assert ended["completed_at"] is None


@pytest.mark.parametrize(
    ("run_status", "reason"),
    [("failed", "run_failed"), ("cancelled", "run_cancelled"), ("expired", "run_expired"), ("incomplete", "max_tokens")],
)
def test_a_message_broken_off_says_why(run_status: str, reason: str) -> None:
    message = lifecycle.break_off_message({"status": "in_progress", "completed_at": None}, run_status, 1005)
    assert message == {"status": "incomplete", "completed_at": None, "incomplete_details": {"reason": reason}, "incomplete_at": 1005}
