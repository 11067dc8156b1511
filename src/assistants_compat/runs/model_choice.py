"""Which model a run's calls name, what is to be said about it beforehand, and what the run says when the upstream has no such model.

What is gone is for the upstream to judge: dates move, other servers have models of these names. OpenAI's table (`model_retirement`)
is asked only for what to send under `models="recommended"`, and for what to tell people. On Azure a model's name is that of a
deployment: it is sent as it is, unless the settings map that very name, and nothing is said about dates; nor is it
where the settings name a server that has models of its own. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from assistants_compat.model_retirement import Retirement, is_gone, living_replacement, retirement
from assistants_compat.runs.models import is_named

Json = dict[str, Any]
Models = Mapping[str, str] | Literal["recommended"]

SETTING = "ASSISTANTS_COMPAT_MODELS"

PAGE = "https://developers.openai.com/api/docs/deprecations"

WARNED_AHEAD = 90
"""Days before its shutdown from which on a model is warned about."""

_REFUSALS = frozenset({400, 403, 404})
_CODES = frozenset({"model_not_found", "DeploymentNotFound"})
_SENTENCES = re.compile(
    r"does not exist|not found|not a valid model|no longer (available|supported)|(has been|was|is) (deprecated|retired|shut down)", re.I
)


@dataclass(frozen=True)
class ModelChoice:
    """The model the program asked for, and the one that is sent."""

    asked: str
    sent: str
    models: Models
    """The setting that chose."""
    today: date
    is_azure: bool = False
    has_own_models: bool = False
    """Whether the upstream's models are not OpenAI's, whatever their names."""

    def notices(self) -> list[tuple[str, str]]:
        """What to warn about before the call: a model that is replaced, and one that is sent but has not long to live. Each with its
        subject, of which one warning is enough."""
        found = []
        gone = retirement(self.asked)
        if self.models == "recommended" and self.sent != self.asked and gone is not None:
            text = (
                f"OpenAI shut down the model {self.asked!r} on {gone.shutdown}; its runs are sent to {self.sent!r}, as OpenAI recommends"
                f"{_aside(gone)}. To choose another, set {SETTING}={self.asked}=<model>."
            )
            found.append((f"replaced {self.asked}", text))
        dying = None if self.is_azure or self.has_own_models else retirement(self.sent)
        if dying is not None and 0 < (dying.shutdown - self.today).days <= WARNED_AHEAD:
            replacement = living_replacement(self.sent, self.today)
            text = f"OpenAI shuts down the model {self.sent!r} on {dying.shutdown} {_recommendation(dying, replacement)}"
            if replacement is not None:
                from_then = self.models == "recommended" and self.sent == self.asked
                text += ", to which its runs are sent from then on" if from_then else f": {self._setting(replacement)}"
            found.append((f"dying {self.sent}", f"{text}."))
        return found

    def is_unknown(self, status: int, error: Json) -> bool:
        """Whether the upstream refused the call because it has no model of the name that was sent.

        The codes are OpenAI's and Azure's (reported); a sentence without one counts if it names the model.
        """
        if status not in _REFUSALS:
            return False
        message = str(error.get("message") or "")
        return error.get("code") in _CODES or (is_named(self.sent, message) and _SENTENCES.search(message) is not None)

    def advice(self) -> str | None:
        """What to tell somebody whose run failed because the upstream has no such model; None where there is nothing to add."""
        sentences = []
        if self.sent != self.asked:
            sentences.append(f"{self.sent!r} was sent for {self.asked!r}, as the setting 'models' says.")
        known = None if self.has_own_models else retirement(self.sent)
        if self.is_azure:
            sentences.append(f"On Azure a model's name is that of a deployment: {self._setting('<deployment>')}.")
        elif known is not None:
            verb = "shut down" if is_gone(self.sent, self.today) else "shuts down"
            replacement = living_replacement(self.sent, self.today)
            sentences.append(f"OpenAI {verb} {self.sent!r} on {known.shutdown} {_recommendation(known, replacement)}.")
            sentences.append(
                f"To have {'it' if replacement else 'another'} used, {self._setting(replacement or '<model>')}{self._for_all()}."
            )
        return " ".join(sentences) or None

    def _setting(self, model: str) -> str:
        """What to set to have `model` sent; to put in, where the setting maps names already."""
        if self.models and not isinstance(self.models, str):
            return f"put {self.asked}={model} into {SETTING}"
        return f"set {SETTING}={self.asked}={model}"

    def _for_all(self) -> str:
        helps = not self.models and is_gone(self.asked, self.today) and living_replacement(self.asked, self.today) is not None
        return f", or {SETTING}=recommended for every model that is gone" if helps else ""


def choose_model(asked: str, models: Models, today: date, *, is_azure: bool = False, has_own_models: bool = False) -> ModelChoice:
    """The choice the settings make: as they map the name, or what OpenAI recommends for one that is gone, or the name itself."""
    sent = asked
    if not isinstance(models, str):
        sent = models.get(asked, asked)
    elif not (is_azure or has_own_models) and is_gone(asked, today):
        sent = living_replacement(asked, today) or asked
    return ModelChoice(asked, sent, models, today, is_azure, has_own_models)


def _recommendation(known: Retirement, replacement: str | None) -> str:
    if replacement is None:
        return f"(what replaces it: {PAGE})"
    return f"and recommends {replacement!r}{_aside(known)}"


def _aside(known: Retirement) -> str:
    return "" if known.mode is None else f" (with reasoning.mode {known.mode!r}, which is not sent)"
