"""Ids in their newest forms: 50 hex digits that share a prefix within a response, `call_` and 24 letters and digits.

Recorded: the responses of a conversation, and those that follow each other by `previous_response_id`, share that prefix; a
conversation's own id ends with it, and so do the items that were put into it directly, which have 48 digits.
"""

from __future__ import annotations

import random
import string
import threading
import time

_BASE62 = string.digits + string.ascii_letters
_STEM = 16


class Identifiers:
    """One source of ids, safe to use from several threads."""

    def __init__(self) -> None:
        self._random = random.Random()
        self._lock = threading.Lock()

    def hex(self, digits: int) -> str:
        with self._lock:
            return f"{self._random.getrandbits(4 * digits):0{digits}x}"

    def base62(self, length: int) -> str:
        with self._lock:
            return "".join(self._random.choices(_BASE62, k=length))

    def family(self, *, conversation: str | None = None, response: str | None = None) -> Family:
        """A new one, or that of a conversation or of a response whose id is given."""
        if conversation is not None:
            return Family(self, conversation[-_STEM:])
        return Family(self, response and response.partition("_")[2][:_STEM])

    def file(self) -> str:
        return f"file-{self.base62(22)}"

    def timed(self, prefix: str, digits: int) -> str:
        """Hex digits that begin with the second of birth: vector stores 32, containers 48, their files 32."""
        return f"{prefix}_{int(time.time()):08x}{self.hex(digits - 8)}"

    def request(self) -> str:
        return f"req_{self.hex(32)}"


class Family:
    """The ids of one response: 16 hex digits in common, then "00", the second of birth, and 24 of their own."""

    def __init__(self, source: Identifiers, stem: str | None = None) -> None:
        self._source = source
        self._stem = stem or source.hex(_STEM)

    def new(self, prefix: str) -> str:
        return f"{prefix}_{self._stem}00{int(time.time()):08x}{self._source.hex(24)}"

    def direct(self, prefix: str) -> str:
        """The id of a conversation, or of what is put into it: 48 digits that end with the common ones."""
        return f"{self._source.timed(prefix, 32)}{self._stem}"

    def call(self) -> str:
        return f"call_{self._source.base62(24)}"

    def padding(self, delta: str) -> str:
        """The obfuscation of a delta: it fills the delta up to a multiple of 16 characters."""
        return self._source.base62(-len(delta) % 16)
