"""The table of known differences: what replies of this package do not share with recorded ones, and why. Pure data.

docs/compatibility.md has this table too; `make compatibility` writes it there. What a row takes in is not told as a difference any more,
so each is as narrow as it can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from assistants_compat.verifying.differences import OF_CALL, Difference, Kind

Json = dict[str, Any]


@dataclass(frozen=True)
class KnownDifference:
    """One row.

    Args:
        name: what it is called in reports.
        what: how the recorded reply and ours differ, for people.
        reason: why they do.
        is_it: whether a difference is this one.
    """

    name: str
    what: str
    reason: str
    is_it: Callable[[Difference], bool]


def _day(year: int, month: int, day: int) -> float:
    return datetime(year, month, day, tzinfo=timezone.utc).timestamp()


_SEARCH = {"ranking_options": {"ranker": "default_2024_08_21", "score_threshold": 0.0, "hybrid_search": None}}
_NEW_KEYS: Mapping[str, tuple[Any, float]] = {
    "file_search": (
        {"ranking_options": {"ranker": "default_2024_08_21", "score_threshold": 0.0, "hybrid_search": None}},
        _day(2024, 10, 11),
    ),
    "parallel_tool_calls": (True, _day(2024, 10, 11)),
    "reasoning_effort": (None, _day(2025, 3, 14)),
    "attributes": ({}, _day(2025, 9, 16)),
    "completion_tokens_details": ({"reasoning_tokens": 0}, _day(2025, 9, 16)),
    "hybrid_search": (None, _day(2025, 9, 16)),
    "prompt_token_details": ({"cached_tokens": 0}, _day(2025, 9, 16)),
    "strict": (False, _day(2025, 9, 16)),
}
"""Keys that the API got later, with what they are by default, and the day of the earliest recording that is known to have them."""


def _is_new_key(difference: Difference) -> bool:
    found = difference.found
    if found.kind is not Kind.EXTRA_KEY or found.key not in _NEW_KEYS:
        return False
    value, since = _NEW_KEYS[found.key]
    made_at = found.beside[0].get("created_at")
    return found.ours == value and isinstance(made_at, (int, float)) and made_at < since


def _statuses(difference: Difference) -> tuple[Any, Any]:
    recorded, ours = difference.found.beside
    return recorded.get("status"), ours.get("status")


def _is_look(difference: Difference) -> bool:
    return difference.request.startswith("GET ")


def _is_queued(difference: Difference) -> bool:
    return _is_look(difference) and _statuses(difference) == ("queued", "in_progress") and difference.found.key in ("status", "started_at")


def _is_cancelled(difference: Difference) -> bool:
    keys = ("status", "cancelled_at", "expires_at", "usage")
    return _is_look(difference) and _statuses(difference) == ("cancelling", "cancelled") and difference.found.key in keys


def _is_call_of_open_step(difference: Difference) -> bool:
    found = difference.found
    is_call = found.kind is Kind.MISSING_ITEM and found.where.endswith("step_details.tool_calls[]")
    return is_call and _is_look(difference) and _statuses(difference) == ("in_progress", "in_progress")


_MARK = re.compile(r"【\d+:\d+†")


def _is_mark(difference: Difference) -> bool:
    found = difference.found
    if found.kind is not Kind.TEXT or not found.where.endswith(("text.value", "annotations[].text")):
        return False
    recorded, ours = (_MARK.sub("【†", str(text)) for text in (found.recorded, found.ours))
    return recorded == ours


def _is_name_of_incomplete(difference: Difference) -> bool:
    found = difference.found
    names = ("thread.run.completed", "thread.run.incomplete")
    return (found.kind, found.recorded, found.ours, *_statuses(difference)) == (Kind.EVENT_NAME, *names, "incomplete", "incomplete")


def _is_reason_of_incomplete(difference: Difference) -> bool:
    found = difference.found
    run = found.beside[0]
    reasons = (found.where.rpartition("data[].")[2], found.recorded, found.ours)
    if reasons != ("incomplete_details.reason", "max_prompt_tokens", "max_completion_tokens"):
        return False
    limit, used = run.get("max_completion_tokens"), (run.get("usage") or {}).get("completion_tokens")
    return limit is not None and used is not None and used >= limit - 1


def _refused(difference: Difference) -> Json:
    """The recorded error of a request that we do not refuse."""
    found = difference.found
    error = found.beside[0].get("error")
    return error if found.kind is Kind.STATUS and isinstance(error, dict) and found.ours == 200 else {}


def _is_refused_model(difference: Difference) -> bool:
    error = _refused(difference)
    return error.get("code") in ("unsupported_model", "model_not_found") or (bool(error) and error.get("param") == "model")


_SETTING = re.compile(r"Unsupported (parameter|value): '(temperature|top_p|reasoning_effort)'")


def _is_refused_setting(difference: Difference) -> bool:
    return (
        re.match(r"Unsupported (parameter|value): '(temperature|top_p|reasoning_effort)'", str(_refused(difference).get("message")))
        is not None
    )


def _is_update_of_working_run(difference: Difference) -> bool:
    return str(_refused(difference).get("message")).startswith("Cannot update run with status '")


def _is_small_budget(difference: Difference) -> bool:
    error = _refused(difference)
    return (error.get("code"), error.get("param")) in {
        ("integer_below_min_value", f"max_{kind}_tokens") for kind in ("prompt", "completion")
    }


KNOWN: tuple[KnownDifference, ...] = (
    KnownDifference(
        "new-key",
        f"our reply has a key that the recorded one lacks: {', '.join(f'`{key}`' for key in sorted(_NEW_KEYS))}",
        "the API got it after the recording was made, and replies are as they were at its end. Only where the recorded object is older "
        "than the earliest recording known to have the key, and ours has its default",
        _is_new_key,
    ),
    KnownDifference(
        "already-in-progress",
        "a look at a run: recorded `queued`, ours `in_progress`, with `started_at`",
        "a run of the original waited for a worker; here it is begun at once",
        _is_queued,
    ),
    KnownDifference(
        "tokens-of-a-call",
        "`usage` of a step that shares its model call with others",
        "the original counted tokens by step, the Responses API counts them by call: the last step of a call carries its tokens, earlier "
        "ones zeros. The sum is compared, and is the run's",
        lambda difference: difference.found.note == OF_CALL,
    ),
    KnownDifference(
        "calls-of-a-step-in-progress",
        "a look at a step of tool calls in progress: the recorded one shows a call already, ours does not",
        "a step's calls are written to the store when the step is done; streams tell of them at once",
        _is_call_of_open_step,
    ),
    KnownDifference(
        "citation-marks",
        "the numbers in a citation's mark: recorded `【4:1†name】`, ours `【4:0†name】`",
        "the Responses API has no marks. The second number is the place of the file's first result, the original's was that of the passage "
        "it had in mind",
        _is_mark,
    ),
    KnownDifference(
        "event-of-an-incomplete-run",
        "the last event of a run that ran out of tokens: recorded `thread.run.completed`, ours `thread.run.incomplete`",
        "the recording is of April 2024; the API's description and its SDKs have `thread.run.incomplete`",
        _is_name_of_incomplete,
    ),
    KnownDifference(
        "reason-of-an-incomplete-run",
        "`incomplete_details.reason`: recorded `max_prompt_tokens`, ours `max_completion_tokens`, of a run that used up the latter",
        "the upstream says which budget ended the answer, and this is the one",
        _is_reason_of_incomplete,
    ),
    KnownDifference(
        "already-cancelled",
        "a look at a run: recorded `cancelling`, ours `cancelled`, with the fields of a run that has ended",
        "the original took its time; here a run is cancelled by the time anybody looks again",
        _is_cancelled,
    ),
    KnownDifference(
        "model-refused-later",
        "a request with a model that does not exist: recorded 400 or 404, ours 200",
        "any name is taken, since `Settings.models` may map it; a model that the upstream refuses fails the run",
        _is_refused_model,
    ),
    KnownDifference(
        "setting-left-out",
        "a request with `temperature`, `top_p` or `reasoning_effort` for a model without it: recorded 400, ours 200",
        "it is left out of the model call, with a warning, so that an assistant can be moved to a newer model",
        _is_refused_setting,
    ),
    KnownDifference(
        "run-updated-at-work",
        "a new `metadata` for a run at work: recorded 400, ours 200",
        "metadata can be changed in every state; the recording of a refusal is of 2023",
        _is_update_of_working_run,
    ),
    KnownDifference(
        "small-budget",
        "a `max_prompt_tokens` or `max_completion_tokens` under 256: recorded 400, ours 200",
        "recordings of 2024 show 16 accepted, so it is accepted here",
        _is_small_budget,
    ),
)


def name_of(difference: Difference) -> str | None:
    """The known difference that this is; None where nobody knows of it."""
    return next((known.name for known in KNOWN if known.is_it(difference)), None)
