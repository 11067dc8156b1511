"""What this project knows of a model by its name: whether it reasons, and how much it reads. Pure.

A name that says nothing (an Azure deployment, a fine-tune of something new) is taken for a reasoning one: asking too much
of it costs one refused request, after which `recovery` remembers; asking too little would lose its reasoning. Its context is
taken for `UNKNOWN_WINDOW`; if that is too much, the upstream says so and the call is tried once more with less.
"""

from __future__ import annotations

import re

_WITHOUT_REASONING = re.compile(r"^(ft:)?(gpt-3\.5|gpt-4|chatgpt-4o|gpt-5[0-9.]*-chat|davinci|babbage)")

UNKNOWN_WINDOW = 128_000

# The first prefix that fits a name, without `ft:`, says how many tokens the model's context has, answer included.
_WINDOWS: tuple[tuple[str, int], ...] = (
    ("gpt-3.5", 16_385),
    ("gpt-4.1", 1_047_576),
    ("gpt-4o", 128_000),
    ("gpt-4-32k", 32_768),
    ("gpt-4-turbo", 128_000),
    ("gpt-4-1106", 128_000),
    ("gpt-4-0125", 128_000),
    ("gpt-4.5", 128_000),
    ("gpt-4", 8_192),
    ("o1-mini", 128_000),
    ("o1-preview", 128_000),
    ("o1", 200_000),
    ("o3", 200_000),
    ("o4", 200_000),
    ("gpt-5-chat", 128_000),
    ("gpt-5.4-mini", 400_000),
    ("gpt-5.4-nano", 400_000),
    ("gpt-5.4", 1_050_000),
    ("gpt-5.5", 1_050_000),
    ("gpt-5.6", 1_050_000),
    ("gpt-5", 400_000),
    ("gpt-6", 1_050_000),
)

_MOST_KEPT_FOR_ANSWER = 32_000


def reasons(model: str) -> bool:
    """Whether `model` is to be asked for its reasoning items."""
    return _WITHOUT_REASONING.match(model) is None


def is_named(model: str, text: str) -> bool:
    """Whether `text` speaks of `model`: not of one whose name begins or ends so, nor of an id that has the same letters."""
    return model != "" and re.search(rf"(?<![\w.-]){re.escape(model)}(?![\w-]|\.\d)", text) is not None


def window(model: str) -> int:
    """Tokens of a model's context."""
    name = model.removeprefix("ft:")
    return next((size for prefix, size in _WINDOWS if name.startswith(prefix)), UNKNOWN_WINDOW)


def room_for_input(model: str, output_tokens: int | None) -> int:
    """Tokens that a request may have if its answer, of `output_tokens` where that is known, is to fit as well."""
    size = window(model)
    most = min(_MOST_KEPT_FOR_ANSWER, size // 4)
    return size - min(most, output_tokens or most)
