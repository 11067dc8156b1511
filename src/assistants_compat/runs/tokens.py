"""How many tokens an input item is to a model: estimated, and where it matters counted by tiktoken, if that is installed and can
get its vocabulary.

The estimate is one token for 3.6 ASCII characters and one for every other character. It is high for English prose (about 4.2
characters a token), about right for code and JSON, and high for most other scripts: it errs on the side of a request that fits.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from typing import Any

from assistants_compat.wire import dumps_text

Json = dict[str, Any]

ASCII_PER_TOKEN = 3.6
ITEM_OVERHEAD = 4
"""Tokens that go into an item's role and frame."""

IMAGE_TOKENS: Mapping[str, int] = {"low": 85, "auto": 1105, "high": 1105}
"""What an image is taken for: its size is not known here, so a `high` one is taken for 1024 × 1024 pixels."""

Count = Callable[[str], int]


def estimate(text: str) -> int:
    """Tokens of `text`, roughly and rather too many."""
    if text.isascii():
        return math.ceil(len(text) / ASCII_PER_TOKEN)
    ascii_characters = sum(map(str.isascii, text))
    return math.ceil(ascii_characters / ASCII_PER_TOKEN) + len(text) - ascii_characters


class Tiktoken:
    """Exact counts, as soon as tiktoken is ready: it may have to download its vocabulary, and nobody waits for that."""

    def __init__(self) -> None:
        self._count: Count | None = None
        self._asked = False
        self._lock = threading.Lock()

    def count(self) -> Count | None:
        """How to count exactly; None where that is not possible, or not yet."""
        with self._lock:
            if not self._asked:
                self._asked = True
                threading.Thread(target=self._load, name="assistants-compat-tiktoken", daemon=True).start()
        return self._count

    def stay_offline(self) -> None:
        """Keep to the estimate for the rest of this process, if the vocabulary has not been asked for yet."""
        with self._lock:
            self._asked = True

    def _load(self) -> None:
        try:
            import tiktoken

            encode = tiktoken.get_encoding("o200k_base").encode_ordinary
        except (ImportError, OSError, ValueError):  # not installed, not reachable, or a broken download
            return
        self._count = lambda text: len(encode(text))


tiktoken_counts = Tiktoken()


def of_item(item: Json, count: Count) -> int:
    """Tokens of an input item."""
    if item["type"] == "message":
        return ITEM_OVERHEAD + sum(_of_part(part, count) for part in item["content"])
    if item["type"] == "function_call":
        return ITEM_OVERHEAD + count(item["name"]) + count(item["arguments"])
    if item["type"] == "function_call_output":
        return ITEM_OVERHEAD + count(item["output"])
    if item["type"] == "reasoning":
        # Base64 of something encrypted: its tokens are those of the thought, about a quarter of its characters at most.
        legible = sum(count(part.get("text") or "") for part in item.get("content") or ())
        return ITEM_OVERHEAD + legible + math.ceil(len(item.get("encrypted_content") or "") / 4)
    return ITEM_OVERHEAD + count(dumps_text(item))


def of_frame(request: Json, count: Count) -> int:
    """Tokens of a request without anything of the thread: instructions, which may be its input, tools, format."""
    frame = {key: request[key] for key in ("tools", "text") if key in request}
    instructions = count(request.get("instructions") or "") + sum(of_item(item, count) for item in request["input"])
    return instructions + (count(dumps_text(frame)) if frame else 0)


def _of_part(part: Json, count: Count) -> int:
    if part["type"] == "input_image":
        return IMAGE_TOKENS.get(part.get("detail") or "auto", IMAGE_TOKENS["high"])
    return count(part.get("text") or part.get("refusal") or "")
