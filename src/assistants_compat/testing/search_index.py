"""A search that needs no vectors: chunks of text, scored by the words they share with the query. Deterministic."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from assistants_compat.testing.tokens import pieces

Attributes = Mapping[str, str | float | bool]
_WORD = re.compile(r"\w+")
_SMALL_WORDS = """
a an and any are as at be by can could did do does for from had has have how i in is it its me my of on or our say should so tell
that the their them there these they this to us was we were what when where which who whom why will with would you your about file
"""
_EMPTY = frozenset(_SMALL_WORDS.split())
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, wanted: value in wanted,
    "nin": lambda value, wanted: value not in wanted,
}


def text_of(content: bytes) -> str | None:
    """What can be read of a file: text in UTF-8, the legible runs of a PDF or an office document, None of what is neither."""
    if content[:4] in (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return " ".join(run.decode() for run in re.findall(rb"[\x20-\x7e]{4,}", content))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return text if text.strip() and "\0" not in text else None


def chunks(text: str, size: int, overlap: int) -> list[str]:
    parts = pieces(text)
    step = max(1, size - overlap)
    starts = range(0, max(1, len(parts) - overlap), step)
    return ["".join(parts[start : start + size]).strip() for start in starts]


def words(text: str) -> set[str]:
    """The words that mean something, a plural counting as its singular."""
    return {word.removesuffix("s") if len(word) > 3 else word for word in _WORD.findall(text.lower()) if word not in _EMPTY}


def score(queries: Iterable[str], text: str) -> float:
    """The share of the best query's words that occur in the text."""
    known = words(text)
    return max((round(len(asked & known) / len(asked), 4) for query in queries if (asked := words(query))), default=0.0)


def matches(condition: Mapping[str, Any] | None, attributes: Attributes) -> bool:
    """A filter on attributes: a comparison, or an "and" or "or" of filters."""
    if not condition:
        return True
    if condition["type"] in ("and", "or"):
        inner = [matches(each, attributes) for each in condition["filters"]]
        return all(inner) if condition["type"] == "and" else any(inner)
    value = attributes.get(condition["key"])
    if value is None:
        return condition["type"] in ("ne", "nin")
    try:
        return _COMPARISONS[condition["type"]](value, condition["value"])
    except TypeError:
        return False
