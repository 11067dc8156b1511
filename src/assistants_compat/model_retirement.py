"""Which of OpenAI's models are gone or going, when, and what OpenAI recommends instead. Pure data, as of 2026-11-20.

Source of the dates: `shutdown_date` in GET /v1/models, by way of the SDK's docstrings. Source of the replacements: OpenAI's
deprecations page, by way of public copies of it. Models that went before the present generation came were told to move to models
that are gone as well: theirs is what their successors were told ("by analogy"). None where the page names nothing that the
Responses API could run instead, or where no copy of it was at hand. Azure has dates and names of its own.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple


class Retirement(NamedTuple):
    shutdown: date
    """The first day without the model."""
    replacement: str | None
    """What OpenAI recommends; it may be gone itself by now (see `living_replacement`)."""
    mode: str | None = None
    """The `reasoning.mode` that OpenAI recommends along with the replacement."""


_SOL, _TERRA, _LUNA = "gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna"

# shutdown, replacement, models
_TABLE: tuple[tuple[str, str | None, str], ...] = (
    ("2024-09-13", _TERRA, "gpt-3.5-turbo-16k gpt-3.5-turbo-0301 gpt-3.5-turbo-0613 gpt-3.5-turbo-16k-0613"),  # by analogy
    ("2024-12-06", _SOL, "gpt-4-vision-preview gpt-4-1106-vision-preview"),  # by analogy
    ("2025-06-06", _SOL, "gpt-4-32k gpt-4-32k-0314 gpt-4-32k-0613"),  # by analogy
    ("2025-07-14", _SOL, "gpt-4.5-preview gpt-4.5-preview-2025-02-27"),  # by analogy
    ("2025-07-28", _SOL, "o1-preview o1-preview-2024-09-12"),  # by analogy
    ("2025-10-10", None, "gpt-4o-audio-preview-2024-10-01"),
    ("2025-10-27", _TERRA, "o1-mini o1-mini-2024-09-12"),  # by analogy
    ("2026-02-12", None, "codex-mini-latest"),
    ("2026-02-17", "gpt-5.1-chat-latest", "chatgpt-4o-latest"),
    ("2026-03-26", _SOL, "gpt-4-0125-preview gpt-4-turbo-preview gpt-4-0314"),  # by analogy
    (
        "2026-05-07",
        None,
        "gpt-4o-audio-preview gpt-4o-audio-preview-2024-12-17 gpt-4o-audio-preview-2025-06-03 gpt-4o-mini-audio-preview "
        "gpt-4o-mini-audio-preview-2024-12-17",
    ),
    ("2026-07-23", _SOL, "gpt-5.1-codex gpt-5.1-codex-max gpt-5.2-codex gpt-5-codex gpt-5.1-chat-latest gpt-5-chat-latest"),
    ("2026-07-23", _TERRA, "gpt-5.1-codex-mini"),
    (
        "2026-07-23",
        None,
        "gpt-4o-search-preview gpt-4o-search-preview-2025-03-11 gpt-4o-mini-search-preview gpt-4o-mini-search-preview-2025-03-11",
    ),
    ("2026-08-10", "gpt-5.5", "gpt-5.3-chat-latest gpt-5.2-chat-latest"),
    ("2026-09-28", _TERRA, "gpt-3.5-turbo-1106"),
    ("2026-10-23", _TERRA, "gpt-3.5-turbo gpt-3.5-turbo-0125 o4-mini o4-mini-2025-04-16"),
    (
        "2026-10-23",
        _SOL,
        "gpt-4 gpt-4-0613 gpt-4-turbo gpt-4-turbo-2024-04-09 gpt-4-1106-preview gpt-4o-2024-05-13 o1 o1-2024-12-17 o3-mini "
        "o3-mini-2025-01-31 o1-pro o1-pro-2025-03-19",
    ),
    ("2026-10-23", _LUNA, "gpt-4.1-nano gpt-4.1-nano-2025-04-14"),
    ("2026-12-11", _SOL, "gpt-5 gpt-5-2025-08-07 o3 o3-2025-04-16 gpt-5-pro gpt-5-pro-2025-10-06 o3-pro o3-pro-2025-06-10"),
    ("2026-12-11", _TERRA, "gpt-5-mini gpt-5-mini-2025-08-07"),
    ("2026-12-11", _LUNA, "gpt-5-nano gpt-5-nano-2025-08-07"),
    (
        "2027-01-14",
        "gpt-6-luna",
        "gpt-4o gpt-4o-2024-08-06 gpt-4o-2024-11-20 gpt-4o-mini gpt-4o-mini-2024-07-18 gpt-4.1 gpt-4.1-2025-04-14 gpt-4.1-mini "
        "gpt-4.1-mini-2025-04-14",
    ),
    ("2027-01-20", None, "gpt-audio-mini gpt-audio-mini-2025-12-15"),
    (
        "2027-02-26",
        None,
        "whisper-1 gpt-4o-transcribe gpt-4o-transcribe-diarize gpt-4o-mini-transcribe gpt-4o-mini-transcribe-2025-12-15",
    ),
    ("2027-04-01", None, "gpt-5.1 gpt-5.1-2025-11-13 gpt-5.3-codex gpt-5.4-nano gpt-5.4-nano-2026-03-17"),
)

_PRO = re.compile(r"(o1|o3|gpt-5)-pro(-\d{4}-\d\d-\d\d)?")


def _rows() -> dict[str, Retirement]:
    found: dict[str, Retirement] = {}
    for shutdown, replacement, models in _TABLE:
        for model in models.split():
            assert model not in found, model
            found[model] = Retirement(date.fromisoformat(shutdown), replacement, "pro" if _PRO.fullmatch(model) else None)
    return found


RETIREMENTS: dict[str, Retirement] = _rows()


def retirement(model: str) -> Retirement | None:
    """When `model` is or was shut down; None for one that has no date. A fine-tune goes with its base model."""
    return RETIREMENTS.get(re.sub(r"^ft:([^:]+):.*$", r"\1", model))


def is_gone(model: str, today: date) -> bool:
    """Whether the table says that `model` was shut down by `today`."""
    known = retirement(model)
    return known is not None and known.shutdown <= today


def living_replacement(model: str, today: date) -> str | None:
    """What OpenAI recommends instead of `model` and still serves `today`: where the replacement is gone too, what replaces that.

    None where nothing is known against the model, or nothing replaces it.
    """
    known = retirement(model)
    while known is not None and known.replacement is not None:
        if not is_gone(known.replacement, today):
            return known.replacement
        known = retirement(known.replacement)
    return None
