"""Ids as the Assistants API made them: a prefix and 24 base-62 characters, from the operating system's randomness."""

from __future__ import annotations

import secrets

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
        text += "".join([_DIGITS[byte] for byte in secrets.token_bytes(26) if byte < 248])
    return text[:24]


def new_request_id() -> str:
    """`req_` and 32 hexadecimal digits, the form of `x-request-id` since February 2024 (recorded)."""
    return f"req_{secrets.token_hex(16)}"
