"""Models that assistants in the store name and that are gone, or going, as the settings have them sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assistants_compat.doctor.facts import Facts
from assistants_compat.doctor.findings import Finding, Level, counted, ok
from assistants_compat.model_retirement import living_replacement, retirement
from assistants_compat.runs.model_choice import WARNED_AHEAD, ModelChoice, choose_model
from assistants_compat.upstream_profiles import has_own_models


def models(facts: Facts) -> Iterator[Finding]:
    """One finding a model."""
    named = {} if facts.contents is None else facts.contents.models
    for model, ids in sorted(named.items()):
        choice = choose_model(
            model,
            facts.settings.models,
            facts.today,
            is_azure=facts.environment.is_azure,
            has_own_models=has_own_models(facts.settings.upstream),
        )
        subject = f"{model!r}, named by {counted(len(ids), 'assistant')},"
        if choice.sent != model:
            subject += f" is sent as {choice.sent!r}, which"
        yield replace(_judged(choice, subject, facts), objects=ids)


def _judged(choice: ModelChoice, subject: str, facts: Facts) -> Finding:
    listed = None if choice.is_azure else facts.upstream.models
    known = None if choice.is_azure or choice.has_own_models else retirement(choice.sent)
    shutdown = None if known is None else known.shutdown
    if listed is not None and choice.sent in listed:
        # The upstream knows best: dates move.
        shutdown = listed[choice.sent] or (shutdown if shutdown is not None and shutdown > facts.today else None)
    elif listed is not None and (shutdown is None or shutdown > facts.today):
        return Finding(
            "problem",
            f"{subject} is not among the upstream's models.",
            choice.advice() or f"Have another used: ASSISTANTS_COMPAT_MODELS={choice.asked}=<model>.",
        )
    if shutdown is None:
        if choice.is_azure:
            return ok(f"{subject} is taken for the name of a deployment.")
        return ok(f"{subject} has no date of its end.")
    if shutdown <= facts.today:
        return Finding("problem", f"{subject} is gone.", choice.advice() or "")
    days = (shutdown - facts.today).days
    replacement = living_replacement(choice.sent, facts.today)
    level: Level = "warning" if days <= WARNED_AHEAD else "note"
    then = f" OpenAI recommends {replacement!r}: set ASSISTANTS_COMPAT_MODELS={choice.asked}={replacement} by then." if replacement else ""
    return Finding(level, f"{subject} is shut down on {shutdown}, in {counted(days, 'day')}.", then.strip())
