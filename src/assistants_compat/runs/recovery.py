"""What to do when the upstream says no: wait and try again, ask for less, or give up with the error the run will show. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistants_compat.runs import refusals
from assistants_compat.runs.error_bodies import error_of as error_of
from assistants_compat.upstream_profiles import ENCRYPTED_REASONING

Json = dict[str, Any]

RATE_LIMIT = "rate_limit_exceeded"
SERVER_ERROR = "server_error"
SOMETHING_WRONG = "Sorry, something went wrong."
"""What a failed run's last_error said when the original had nothing better (reported)."""

_TRY_AGAIN = frozenset({408, 409, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_NOT_IMPLEMENTED = 501
"""The one of the 5xx that does not pass: in the others a sentence alone may be about anything."""
_LONGEST_WAIT = 60.0

_NO_SUCH_PATH = frozenset({"", "not found", "404 page not found", "method not allowed"})
"""What a server says of a path that it does not have."""

TIGHTER = 0.6
"""The part of a request that is sent after the upstream found it too long: the estimate was too low, or the context is smaller than
thought."""

# All reported: the history has a code interpreter call that cannot be sent any more.
_CODE_CALL = "code_interpreter_call"
_CONTAINER_GONE = re.compile(
    r"\bExpected container_id: (?P<expected>\w+)|\bContainer is expired\b|\bContainer with id '(?P<missing>[^']*)' not found"
    r"|\bItem with id '(?P<call>ci_[^']*)' not found",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wait:
    """Try the same again after `seconds`."""

    seconds: float


@dataclass(frozen=True)
class LeaveOut:
    """Try again at once without `parameter`, named as in `upstream_profiles`, and do so from now on.

    Args:
        of_model: for this model, not for all of the server's.
        is_guess: do so from now on only if it helps.
        of_value: do so in this run only; another value may be taken.
    """

    parameter: str
    of_model: bool = field(default=False, compare=False)
    is_guess: bool = field(default=False, compare=False)
    of_value: bool = field(default=False, compare=False)


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


def decide(
    status: int, headers: Mapping[str, str], error: Json, attempt: int, max_retries: int, jitter: float, request: Json | None = None
) -> Decision:
    """What to do about a refusal.

    Args:
        error: what `error_of` found in the reply, `{}` if there was none.
        attempt: how often this call was tried already, from 1.
        jitter: a random number from 0 to 1, so that many clients do not come back together.
        request: what was refused; without it anything may have been in it.
    """
    code, message = error.get("code"), str(error.get("message") or "")
    refused = refusals.refused(error, request) if status in refusals.STATUSES else None
    if code == "insufficient_quota":
        return GiveUp(RATE_LIMIT, message)
    if refused is not None and status >= 500 and (status == _NOT_IMPLEMENTED or not refused.is_guess):
        return LeaveOut(refused.thing, refused.of_model, refused.is_guess, refused.of_value)
    if status in _TRY_AGAIN and headers.get("x-should-retry") != "false":
        if attempt > max_retries:
            return GiveUp(RATE_LIMIT if status == 429 else SERVER_ERROR, message or SOMETHING_WRONG)
        return Wait(_asked_wait(headers) or backoff(attempt, jitter))
    if code == "context_length_exceeded":
        return Tighten()
    if status < 500 and "Encrypted content is not supported" in message:
        return LeaveOut(ENCRYPTED_REASONING, of_model=True)
    lost = _lost_container(error, request) if status in (400, 404) else None
    if lost is not None:
        return lost
    if status in (400, 404) and code == "invalid_encrypted_content":
        return LeaveOutReasoning()
    if refused is not None and status < 500:
        return LeaveOut(refused.thing, refused.of_model, refused.is_guess, refused.of_value)
    if status in (404, 405) and code is None and message.lower().strip(". ") in _NO_SUCH_PATH:
        return last_error(None, f"The model's server has no Responses API at this address: it answered with status {status}.")
    return last_error(code, message or f"The model's server answered with status {status}.")


def _lost_container(error: Json, request: Json | None) -> LeaveOutContainer | None:
    """What to do if a call in the history ran in a container that is gone."""
    containers = {call.get("id"): call["container_id"] for call in (request or {"input": ()})["input"] if call["type"] == _CODE_CALL}
    gone = _CONTAINER_GONE.search(str(error.get("message") or ""))
    if not containers or gone is None or not str(error.get("param") or "input").startswith("input"):
        return None
    return LeaveOutContainer(gone["expected"] or gone["missing"] or containers.get(gone["call"]))


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


def web_page(server: str) -> GiveUp:
    """What a run says whose model call was answered with HTML: what is there is no API, and trying again makes it none."""
    return GiveUp(
        SERVER_ERROR,
        f"{server} answered with a web page (HTML), not with the Responses API. Is the client's base_url right, and does a proxy before it "
        "want a sign-in?",
    )


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
