"""One attempt at a model call, and what to do about its failure: what `recovery` decides, where there is anything left to be done."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from assistants_compat.runs import recovery
from assistants_compat.runs.concessions import Concessions
from assistants_compat.runs.events import Finished, Translation
from assistants_compat.runs.model_choice import ModelChoice, choose_model
from assistants_compat.runs.upstream import Upstream
from assistants_compat.upstream_profiles import has_own_models

if TYPE_CHECKING:
    from assistants_compat.runs.runtime import Runtime

Json = dict[str, Any]


@dataclass
class Attempt:
    """Args:
    number: 1 for the first; those that nothing was waited for are not counted.
    translation: of its answer.
    request: what is sent; None until that is known, and where another process has sent it.
    """

    runtime: Runtime
    run_id: str
    number: int
    choice: ModelChoice
    translation: Translation
    concessions: Concessions
    request: Json | None = None

    def lost(self) -> recovery.Decision:
        """There was no answer, or not all of one."""
        return self._decide(503, {}, {"message": recovery.SOMETHING_WRONG}, None)

    def refused(self, status: int, headers: Mapping[str, str], error: Json) -> recovery.Decision:
        """The upstream has answered with an error."""
        verdict = self._decide(status, headers, error, self.request)
        if isinstance(verdict, recovery.GiveUp) and self.choice.is_unknown(status, error):
            return self._without_model(verdict)
        return verdict

    def failed(self, finished: Finished) -> recovery.Decision:
        """A response that failed while it was made is worth another try, unless nothing would be different."""
        assert finished.error is not None
        gave_up = finished.error
        if self.choice.is_unknown(404, {"message": gave_up.message}):
            return self._without_model(gave_up)
        if gave_up.code == recovery.SERVER_ERROR:
            return self._decide(500, {}, {**finished.said, "message": gave_up.message}, self.request)
        return gave_up

    def _decide(self, status: int, headers: Mapping[str, str], error: Json, request: Json | None) -> recovery.Decision:
        """Nothing that was done already, and nothing once somebody has heard a part of the answer."""
        most = self.runtime.settings.max_retries
        has_spoken = self.translation.has_spoken
        verdict = recovery.decide(status, headers, error, most + 1 if has_spoken else self.number, most, random.random(), request)
        if isinstance(verdict, recovery.GiveUp | recovery.Wait):
            return verdict
        if has_spoken or request is None or self.concessions.have_been_made(verdict, request):
            return recovery.last_error(error.get("code"), str(error.get("message") or ""))
        return verdict

    def _without_model(self, failure: recovery.GiveUp) -> recovery.GiveUp:
        """The failure for want of the model: the upstream's own words, which programs look for, and then what to do about it."""
        advice = self.choice.advice()
        if advice is None:
            return failure
        self.runtime.warn_once(advice, f"run {self.run_id}: the upstream has no model {self.choice.sent!r}. {advice}")
        return replace(failure, message=f"{failure.message} (assistants-compat: {advice})")


def model_for(runtime: Runtime, upstream: Upstream, asked: str) -> ModelChoice:
    """The program's model, or what the settings name instead; with a warning a model where there is reason for one."""
    today = datetime.fromtimestamp(runtime.clock(), timezone.utc).date()
    settings = runtime.settings
    own = has_own_models(settings.upstream)
    choice = choose_model(asked, settings.models, today, is_azure=upstream.is_azure, has_own_models=own)
    for subject, notice in choice.notices():
        runtime.warn_once(subject, notice)
    return choice
