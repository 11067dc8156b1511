"""JSON as it goes over the wire and into the store: compact, keys in the order they were put."""

from __future__ import annotations

import json
from typing import Any

_plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def dumps(value: Any) -> bytes:
    """One line of UTF-8. What has no UTF-8 form (a lone surrogate, which models do emit) is escaped, and nothing around it: the
    rest of a history has to stay the same byte for byte. In a JSON string such a backslash escape means what it does in Python."""
    return _plain(value).encode(errors="backslashreplace")


def dumps_text(value: Any) -> str:
    """The same as `str`, for a text column."""
    return dumps(value).decode()


def event(name: str, data: Any) -> bytes:
    """A server-sent event exactly as recorded: two lines and an empty one."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), dumps(data))


DONE = b"event: done\ndata: [DONE]\n\n"
