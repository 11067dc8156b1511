"""Encrypted reasoning that can be verified: the stand-in takes back what it gave out, for the same model, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

_PREFIX = "gAAAAA"
_SIGNATURE = hashlib.sha256().digest_size


class Seal:
    """`key` is made up unless given: two upstreams do not accept each other's content, as two organisations do not."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or os.urandom(32)

    def close(self, content: str, model: str) -> str:
        payload = content.encode()
        return _PREFIX + base64.urlsafe_b64encode(self._sign(payload, model) + payload).decode()

    def verify(self, sealed: str, model: str) -> bool:
        if not sealed.startswith(_PREFIX):
            return False
        try:
            raw = base64.b64decode(sealed[len(_PREFIX) :].encode("ascii"), altchars=b"-_", validate=True)
        except ValueError:
            return False
        return hmac.compare_digest(raw[:_SIGNATURE], self._sign(raw[_SIGNATURE:], model))

    def _sign(self, payload: bytes, model: str) -> bytes:
        return hmac.new(self._key, model.encode() + b"\0" + payload, hashlib.sha256).digest()
