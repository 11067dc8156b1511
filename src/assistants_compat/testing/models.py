"""The models the stand-in knows: which of them reason, how much they read, and until when they live."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

AS_OF = date(2026, 11, 20)
"""The day this table describes, and "today" unless another day is asked for: a test suite must not age with the calendar."""


@dataclass(frozen=True)
class Model:
    """`snapshot` is what the API answers with for `id`. `effort` is the default reasoning effort, None without reasoning."""

    id: str
    snapshot: str
    context_window: int
    shutdown: date | None = None
    effort: str | None = None
    phases: bool = False
    top_p: float = 1.0
    reasoning_context: str = "current_turn"
    cache_retention: str = "in_memory"

    @property
    def reasons(self) -> bool:
        return self.effort is not None

    def alive(self, today: date) -> bool:
        return self.shutdown is None or today < self.shutdown


_2026_10 = date(2026, 10, 23)
_2026_12 = date(2026, 12, 11)
_2027_01 = date(2027, 1, 14)
_2027_04 = date(2027, 4, 1)

# id, the dates of its snapshots (the first is the one the bare id means), context window, shutdown, default effort
_ROWS: tuple[tuple[str, str, int, date | None, str | None], ...] = (
    ("gpt-6-astra", "", 1_050_000, None, "medium"),
    ("gpt-6.1-sol", "", 1_050_000, None, "medium"),
    ("gpt-6.1-terra", "", 1_050_000, None, "medium"),
    ("gpt-6-sol", "", 1_050_000, None, "medium"),
    ("gpt-6-luna", "", 1_050_000, None, "medium"),
    ("gpt-5.6-sol", "", 1_050_000, None, "medium"),
    ("gpt-5.6-terra", "", 1_050_000, None, "medium"),
    ("gpt-5.6-luna", "", 1_050_000, None, "medium"),
    ("gpt-5.5", "2026-04-23", 1_050_000, None, "medium"),
    ("gpt-5.4", "2026-03-05", 1_050_000, None, "none"),
    ("gpt-5.4-mini", "2026-03-17", 400_000, None, "none"),
    ("gpt-5.4-nano", "2026-03-17", 400_000, _2027_04, "none"),
    ("gpt-5.2", "2025-12-11", 400_000, None, "none"),
    ("gpt-5.2-pro", "2025-12-11", 400_000, None, "medium"),
    ("gpt-5.1", "2025-11-13", 400_000, _2027_04, "none"),
    ("gpt-5", "2025-08-07", 400_000, _2026_12, "medium"),
    ("gpt-5-mini", "2025-08-07", 400_000, _2026_12, "medium"),
    ("gpt-5-nano", "2025-08-07", 400_000, _2026_12, "medium"),
    ("gpt-5-pro", "2025-10-06", 400_000, _2026_12, "high"),
    ("gpt-5.3-chat-latest", "", 128_000, date(2026, 8, 10), "medium"),
    ("gpt-5.2-chat-latest", "", 128_000, date(2026, 8, 10), "medium"),
    ("gpt-5.1-chat-latest", "", 128_000, date(2026, 7, 23), "medium"),
    ("gpt-5.1-codex", "", 400_000, date(2026, 7, 23), "medium"),
    ("gpt-5-chat-latest", "", 128_000, date(2026, 7, 23), None),
    ("o3", "2025-04-16", 200_000, _2026_12, "medium"),
    ("o3-pro", "2025-06-10", 200_000, _2026_12, "medium"),
    ("o4-mini", "2025-04-16", 200_000, _2026_10, "medium"),
    ("o3-mini", "2025-01-31", 200_000, _2026_10, "medium"),
    ("o1", "2024-12-17", 200_000, _2026_10, "medium"),
    ("o1-pro", "2025-03-19", 200_000, _2026_10, "medium"),
    ("o1-mini", "2024-09-12", 128_000, date(2025, 10, 27), "medium"),
    ("o1-preview", "2024-09-12", 128_000, date(2025, 7, 28), "medium"),
    ("gpt-4.1", "2025-04-14", 1_047_576, _2027_01, None),
    ("gpt-4.1-mini", "2025-04-14", 1_047_576, _2027_01, None),
    ("gpt-4.1-nano", "2025-04-14", 1_047_576, _2026_10, None),
    ("gpt-4o", "2024-08-06 2024-11-20", 128_000, _2027_01, None),
    ("gpt-4o-2024-05-13", "", 128_000, _2026_10, None),
    ("gpt-4o-mini", "2024-07-18", 128_000, _2027_01, None),
    ("chatgpt-4o-latest", "", 128_000, date(2026, 2, 17), None),
    ("gpt-4-turbo", "2024-04-09", 128_000, _2026_10, None),
    ("gpt-4-1106-preview", "", 128_000, _2026_10, None),
    ("gpt-4-0125-preview", "", 128_000, date(2026, 3, 26), None),
    ("gpt-4-turbo-preview", "", 128_000, date(2026, 3, 26), None),
    ("gpt-4-vision-preview", "", 128_000, date(2024, 12, 6), None),
    ("gpt-4", "0613", 8_192, _2026_10, None),
    ("gpt-4-0314", "", 8_192, date(2026, 3, 26), None),
    ("gpt-4-32k", "0314 0613", 32_768, date(2025, 6, 6), None),
    ("gpt-3.5-turbo", "0125", 16_385, _2026_10, None),
    ("gpt-3.5-turbo-1106", "", 16_385, date(2026, 9, 28), None),
    ("gpt-3.5-turbo-0301", "", 4_096, date(2024, 9, 13), None),
    ("gpt-3.5-turbo-0613", "", 4_096, date(2024, 9, 13), None),
    ("gpt-3.5-turbo-16k", "0613", 16_385, date(2024, 9, 13), None),
)
_ALIASES = {"gpt-5.6": "gpt-5.6-sol"}
_FINE_TUNE = re.compile(r"ft:(?P<base>[^:]+):.+")


def _generation(id: str) -> float:
    """6.1 of "gpt-6.1-sol"; models of the o series and older ones count as 0."""
    match = re.match(r"gpt-(\d+(?:\.\d+)?)(?=-|$)", id)
    return float(match[1]) if match else 0.0


def _models() -> Iterator[Model]:
    for id, dates, window, shutdown, effort in _ROWS:
        generation = _generation(id)
        snapshots = [f"{id}-{day}" for day in dates.split()] or [id]
        model = Model(
            id,
            snapshots[0],
            window,
            shutdown,
            effort,
            phases=generation >= 5.4,
            top_p=0.98 if generation >= 5.2 else 1.0,
            reasoning_context="all_turns" if generation >= 5.6 else "current_turn",
            cache_retention="24h" if generation >= 5.5 else "in_memory",
        )
        yield model
        yield from (replace(model, id=snapshot, snapshot=snapshot) for snapshot in snapshots if snapshot != id)


MODELS: dict[str, Model] = {model.id: model for model in _models()}


def find_model(name: str, today: date = AS_OF) -> Model | None:
    """The model of that name if it is served on that day. A fine-tuned model lives and works as its base does."""
    fine_tune = _FINE_TUNE.fullmatch(name)
    known = MODELS.get(_ALIASES.get(name, fine_tune["base"] if fine_tune else name))
    if known is None or not known.alive(today):
        return None
    return replace(known, id=name, snapshot=name) if fine_tune else known
