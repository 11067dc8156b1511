"""Ids as the Assistants API made them: a prefix and 24 base-62 characters, from the operating system's randomness.

Those of a model call that can be read a second time are derived from it instead, so that the second reading brings the same ones.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# A byte below 248 = 4 × 62 maps evenly onto the alphabet; the others are thrown away to keep the choice unbiased.
_DIGITS = {byte: _ALPHABET[byte % 62] for byte in range(248)}


def new_id(prefix: str) -> str:
    """A fresh id: `asst_…`, `thread_…`, `msg_…`, `run_…`, `step_…`, `call_…`."""
    return f"{prefix}_{_random()}"


def new_file_id() -> str:
    """`file-…`, the form that generated files had (reported)."""
    return f"file-{_random()}"


def _random() -> str:
    text = ""
    while len(text) < 24:
        text += _digits(secrets.token_bytes(26))
    return text[:24]


def _digits(source: bytes) -> str:
    return "".join([_DIGITS[byte] for byte in source if byte < 248])


def new_request_id() -> str:
    """`req_` and 32 hexadecimal digits, the form of `x-request-id` since February 2024 (recorded)."""
    return f"req_{secrets.token_hex(16)}"


class Ids:
    """The ids of what one model call makes: random ones, until `derive_from` was called."""

    def __init__(self) -> None:
        self._secret = ""
        self._count: Counter[str] = Counter()

    def derive_from(self, secret: str) -> None:
        """From now on the n-th id of a kind is always the same for the same `secret`, which nobody should be able to guess."""
        self._secret = secret

    def new(self, prefix: str) -> str:
        """As `new_id`."""
        return f"{prefix}_{self._next(prefix)}"

    def new_file(self) -> str:
        """As `new_file_id`."""
        return f"file-{self._next('file')}"

    def _next(self, kind: str) -> str:
        if not self._secret:
            return _random()
        self._count[kind] += 1
        # Of 128 bytes, some 124 can be used.
        return _digits(hashlib.shake_256(f"{self._secret} {kind} {self._count[kind]}".encode()).digest(128))[:24]
