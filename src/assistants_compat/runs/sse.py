"""Reading server-sent events from bytes as they come, in whatever pieces. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")


class Decoder:
    """Feed it chunks, get the JSON objects of the events they complete."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[dict[str, Any]]:
        """Raises ValueError where an event's data is not a JSON object."""
        self._rest += chunk
        events: list[dict[str, Any]] = []
        start = 0
        for end in _END.finditer(self._rest):
            data = _data(self._rest[start : end.start()])
            start = end.end()
            if data and data != b"[DONE]":
                event = json.loads(data)
                if not isinstance(event, dict):
                    raise ValueError("an event whose data is no object")
                events.append(event)
        if start:
            self._rest = self._rest[start:]
        return events


def _data(block: bytes) -> bytes:
    lines = [line[5:].removeprefix(b" ") for line in block.splitlines() if line.startswith(b"data:")]
    return lines[0] if len(lines) == 1 else b"\n".join(lines)
