"""What to do when the upstream says no: wait and try again, ask for less, or give up with the error the run will show. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistants_compat.runs.request import ENCRYPTED_REASONING

Json = dict[str, Any]

RATE_LIMIT = "rate_limit_exceeded"
SERVER_ERROR = "server_error"
SOMETHING_WRONG = "Sorry, something went wrong."
"""What a failed run's last_error said when the original had nothing better (reported)."""

_TRY_AGAIN = frozenset({408, 409, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_LONGEST_WAIT = 60.0

TIGHTER = 0.6
"""The part of a request that is sent after the upstream found it too long: the estimate was too low, or the context is smaller than
thought."""

# `Expected container_id: cntr_…`, `Container is expired.`, `Container with id '…' not found.` and `Item with id 'ci_…' not found.` (all
# reported): the history has a code interpreter call that cannot be sent any more.
_CONTAINER_GONE = re.compile(r"\bcontainer(_id|s)?\b|\bci_|code_interpreter_call", re.IGNORECASE)
_CONTAINER = re.compile(r"\bcntr_\w+")

# The names of refused parameters, and what is left out of the request from then on.
_CAN_GO = {
    "temperature": "temperature",
    "top_p": "top_p",
    "reasoning.effort": "reasoning",
    "reasoning": "reasoning",
    "include": ENCRYPTED_REASONING,
}


@dataclass(frozen=True)
class Wait:
    """Try the same again after `seconds`."""

    seconds: float


@dataclass(frozen=True)
class LeaveOut:
    """Try again at once without `parameter`, and do so for this model from now on."""

    parameter: str


@dataclass(frozen=True)
class LeaveOutReasoning:
    """Try again at once without the history's reasoning items, for good: they cannot be read any more."""


@dataclass(frozen=True)
class LeaveOutContainer:
    """Try again at once with what ran in a container told in words: the container is gone."""

    id: str | None
    """None: the upstream does not say which."""


@dataclass(frozen=True)
class Tighten:
    """Try again at once with less of the thread: it is longer than the model's context."""


@dataclass(frozen=True)
class GiveUp:
    """Fail the run with this last_error."""

    code: str
    message: str

    @property
    def last_error(self) -> Json:
        return {"code": self.code, "message": self.message}


Decision = Wait | LeaveOut | LeaveOutReasoning | LeaveOutContainer | Tighten | GiveUp


def decide(status: int, headers: Mapping[str, str], error: Json, attempt: int, max_retries: int, jitter: float) -> Decision:
    """What to do about a refusal.

    Args:
        error: the `error` object of the reply, `{}` if there was none.
        attempt: how often this call was tried already, from 1.
        jitter: a random number from 0 to 1, so that many clients do not come back together.
    """
    code, message, param = error.get("code"), str(error.get("message") or ""), error.get("param")
    if code == "insufficient_quota":
        return GiveUp(RATE_LIMIT, message)
    if status in _TRY_AGAIN and headers.get("x-should-retry") != "false":
        if attempt > max_retries:
            return GiveUp(RATE_LIMIT if status == 429 else SERVER_ERROR, message or SOMETHING_WRONG)
        return Wait(_asked_wait(headers) or backoff(attempt, jitter))
    if code == "context_length_exceeded":
        return Tighten()
    if status in (400, 404):
        if _CONTAINER_GONE.search(message):
            named = _CONTAINER.search(message)
            return LeaveOutContainer(named[0] if named else None)
        if code == "invalid_encrypted_content":
            return LeaveOutReasoning()
        if message.startswith("Encrypted content is not supported"):
            return LeaveOut(ENCRYPTED_REASONING)
        if param in _CAN_GO and code in ("unsupported_value", "unsupported_parameter"):
            return LeaveOut(_CAN_GO[param])
    return last_error(code, message or f"The model's server answered with status {status}.")


def error_of(body: Any) -> Json:
    """The `error` object of a reply's parsed body, `{}` where there is none."""
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def backoff(attempt: int, jitter: float) -> float:
    """Half a second, doubled each time, up to 8 s, less up to a quarter."""
    return float(min(8.0, 0.5 * 2 ** (attempt - 1)) * (1 - 0.25 * jitter))


def last_error(code: str | None, message: str) -> GiveUp:
    """An upstream error in the words of a run: the three codes the Assistants API knew."""
    if code in ("rate_limit_exceeded", "insufficient_quota"):
        return GiveUp(RATE_LIMIT, message)
    if code in ("invalid_prompt", "context_length_exceeded"):
        return GiveUp("invalid_prompt", message)
    return GiveUp(SERVER_ERROR, message or SOMETHING_WRONG)


def not_copied(files: Sequence[str]) -> GiveUp:
    """What a run that has ended well says of files that code made and that are not here."""
    return GiveUp(
        SERVER_ERROR,
        f"Files that the code interpreter made could not be copied out of their container: {'; '.join(files)}. Asking for their content "
        "tries again, as long as the container lives: about 20 minutes.",
    )


def _asked_wait(headers: Mapping[str, str]) -> float | None:
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:  # absent, or a date
            continue
        if 0 < seconds <= _LONGEST_WAIT:
            return seconds
    return None
