"""How the stand-in counts tokens: coarsely, but the same way everywhere.

What a request costs is a quarter of its characters, rounded up; what a model writes is its number of word-like pieces.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

_PIECE = re.compile(r"\s*\w{1,12}|\s*[^\w\s]|\s+")
_DATA_URI_CHARACTERS = 3_000
"""What an inline image or file counts, whatever its size."""


def pieces(text: str) -> list[str]:
    """The text in word-like pieces, as deltas carry them; joined they are the text."""
    return _PIECE.findall(text)


def input_tokens(body: Mapping[str, Any]) -> int:
    """The input, the instructions and the tools of a request."""
    characters = sum(_characters(body.get(key)) for key in ("input", "instructions", "tools"))
    return ceil(characters / 4)


def _characters(value: Any) -> int:
    return sum(_DATA_URI_CHARACTERS if text.startswith("data:") else len(text) for text in _strings(value))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key in ("encrypted_content", "role", "type"):
                continue
            if key not in ("content", "text"):
                yield str(key)
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif value is not None:
        yield json.dumps(value)
