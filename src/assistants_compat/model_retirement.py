"""Which of OpenAI's models are gone or going, when, and what OpenAI recommends instead. Pure data, as of 2026-11-20.

Source: the deprecations page and `shutdown_date` in GET /v1/models, by way of the SDK's docstrings. For models that went
before the present generation came, the replacement is by analogy with their successors'. Azure has dates and names of its own.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple


class Retirement(NamedTuple):
    shutdown: date
    replacement: str | None


_SOL, _TERRA, _LUNA, _NEXT = "gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna", "gpt-6-luna"

# shutdown, replacement, models
_TABLE: tuple[tuple[str, str | None, str], ...] = (
    ("2024-09-13", _TERRA, "gpt-3.5-turbo-16k gpt-3.5-turbo-0301 gpt-3.5-turbo-0613 gpt-3.5-turbo-16k-0613"),
    ("2024-12-06", _SOL, "gpt-4-vision-preview gpt-4-1106-vision-preview"),
    ("2025-06-06", _SOL, "gpt-4-32k gpt-4-32k-0314 gpt-4-32k-0613"),
    ("2025-07-14", _SOL, "gpt-4.5-preview gpt-4.5-preview-2025-02-27"),
    ("2025-07-28", _SOL, "o1-preview o1-preview-2024-09-12"),
    ("2025-10-27", _TERRA, "o1-mini o1-mini-2024-09-12"),
    ("2026-02-12", None, "codex-mini-latest"),
    ("2026-02-17", _NEXT, "chatgpt-4o-latest"),
    ("2026-03-26", _SOL, "gpt-4-0125-preview gpt-4-turbo-preview gpt-4-0314"),
    ("2026-07-23", _SOL, "gpt-5.1-codex gpt-5.1-chat-latest gpt-5-chat-latest"),
    ("2026-08-10", _SOL, "gpt-5.3-chat-latest gpt-5.2-chat-latest"),
    ("2026-09-28", _TERRA, "gpt-3.5-turbo-1106"),
    ("2026-10-23", _TERRA, "gpt-3.5-turbo gpt-3.5-turbo-0125 o4-mini o4-mini-2025-04-16"),
    (
        "2026-10-23",
        _SOL,
        "gpt-4 gpt-4-0613 gpt-4-turbo gpt-4-turbo-2024-04-09 gpt-4-1106-preview gpt-4o-2024-05-13 o1 o1-2024-12-17 o3-mini "
        "o3-mini-2025-01-31",
    ),
    ("2026-10-23", _LUNA, "gpt-4.1-nano gpt-4.1-nano-2025-04-14"),
    ("2026-10-23", _SOL, "o1-pro o1-pro-2025-03-19"),
    ("2026-12-11", _SOL, "gpt-5 gpt-5-2025-08-07 o3 o3-2025-04-16 gpt-5-pro gpt-5-pro-2025-10-06 o3-pro o3-pro-2025-06-10"),
    ("2026-12-11", _TERRA, "gpt-5-mini gpt-5-mini-2025-08-07"),
    ("2026-12-11", _LUNA, "gpt-5-nano gpt-5-nano-2025-08-07"),
    (
        "2027-01-14",
        _NEXT,
        "gpt-4o gpt-4o-2024-08-06 gpt-4o-2024-11-20 gpt-4o-mini gpt-4o-mini-2024-07-18 gpt-4.1 gpt-4.1-2025-04-14 gpt-4.1-mini "
        "gpt-4.1-mini-2025-04-14",
    ),
)

RETIREMENTS: dict[str, Retirement] = {
    model: Retirement(date.fromisoformat(shutdown), replacement) for shutdown, replacement, models in _TABLE for model in models.split()
}


def retirement(model: str) -> Retirement | None:
    """When `model` is or was shut down; None for one that has no date. A fine-tune goes with its base model."""
    return RETIREMENTS.get(re.sub(r"^ft:([^:]+):.*$", r"\1", model))


def replacement(model: str, today: date) -> str | None:
    """What to send instead of a model that is gone by `today`; None where nothing is known against it, or nothing replaces it."""
    known = retirement(model)
    if known is None or today < known.shutdown:
        return None
    return known.replacement
