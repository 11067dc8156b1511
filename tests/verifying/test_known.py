"""The rows of known differences that no recording at hand has, each made up; and what is like them and is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistants_compat.verifying import KNOWN

from .conftest import report
from .recorder import API, Json, write


def exchange(method: str, path: str, body: Any, status: int, reply: Any) -> Json:
    return {
        "request": {"method": method, "uri": API + path, "body": body and json.dumps(body), "headers": {"openai-beta": ["assistants=v2"]}},
        "response": {"status": {"code": status}, "headers": {}, "body": {"string": json.dumps(reply)}},
    }


def refusal(message: str, code: str | None = None, param: str | None = None) -> Json:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def changed(interactions: list[Json], number: int, **fields: Any) -> list[Json]:
    """The cassette with other fields in a reply."""
    body = interactions[number]["response"]["body"]
    body["string"] = json.dumps({**json.loads(body["string"]), **fields})
    return interactions


def names(tmp_path: Path, interactions: list[Json]) -> set[str | None]:
    """Of the differences: those of known ones, None for one that is not."""
    return {each["known"] for each in report(write(tmp_path / "c.yaml", interactions))["differences"]}


REFUSED = {
    "model-refused-later": exchange(
        "POST",
        "/assistants",
        {"model": "gpt-5-mini"},
        400,
        refusal("The requested model 'gpt-5-mini' cannot be used with the Assistants API.", "unsupported_model", "model"),
    ),
    "setting-left-out": exchange(
        "POST",
        "/assistants",
        {"model": "o3-mini", "temperature": 0.2},
        400,
        refusal("Unsupported parameter: 'temperature' is not supported with this model."),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_was_refused_when_it_was_made_is_refused_when_it_is_used(name: str, tmp_path: Path) -> None:
    assert names(tmp_path, [REFUSED[name]]) == {name}


def test_a_refusal_of_something_else_is_a_difference(tmp_path: Path) -> None:
    one = exchange("POST", "/assistants", {"model": "gpt-4o"}, 400, refusal("You have no more assistants.", "quota", None))
    assert names(tmp_path, [one]) == {None}


def test_a_budget_that_was_too_small_is_taken(record: Callable[[str], list[Json]], tmp_path: Path) -> None:
    made = record("running_out")[:2]
    (assistant, thread) = (json.loads(each["response"]["body"]["string"])["id"] for each in made)
    body = {"assistant_id": assistant, "max_prompt_tokens": 20}
    error = refusal("Invalid 'max_prompt_tokens': integer below minimum value.", "integer_below_min_value", "max_prompt_tokens")
    assert names(tmp_path, [*made, exchange("POST", f"/threads/{thread}/runs", body, 400, error)]) == {"small-budget"}


def test_a_run_at_work_may_be_given_other_metadata(record: Callable[[str], list[Json]], tmp_path: Path) -> None:
    made = record("polling")[:4]
    path = made[3]["request"]["uri"].removeprefix(API)
    error = refusal("Cannot update run with status 'in_progress'.")
    assert names(tmp_path, [*made, exchange("POST", path, {"metadata": {"n": "3"}}, 400, error)]) == {"run-updated-at-work"}


def test_a_look_at_a_run_that_waits_or_is_being_cancelled_may_show_it_further_on(
    record: Callable[[str], list[Json]], tmp_path: Path
) -> None:
    polled = record("polling")
    assert names(tmp_path, changed(polled, 3, status="queued", started_at=None)) == {"already-in-progress"}
    assert names(tmp_path, changed(polled, 3, status="queued", started_at=None, model="gpt-4o-mini")) == {"already-in-progress", None}
    cancelled = record("cancelling")
    while_at_it = {"status": "cancelling", "cancelled_at": None, "usage": None, "expires_at": 1_790_000_602}
    assert names(tmp_path, changed(cancelled, 4, **while_at_it)) == {"already-cancelled"}


def test_a_key_that_came_later_is_known_in_older_recordings_only(record: Callable[[str], list[Json]], tmp_path: Path) -> None:
    made = record("objects")[:1]
    body = made[0]["response"]["body"]
    assistant = {key: value for key, value in json.loads(body["string"]).items() if key != "reasoning_effort"}
    body["string"] = json.dumps(assistant)
    assert names(tmp_path, made) == {None}
    assert names(tmp_path, changed(made, 0, created_at=1_720_000_000)) == {"new-key"}


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({known.name for known in KNOWN}) == len(KNOWN)
