"""Reading server-sent events from bytes as they come, in whatever pieces. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_NAME = re.compile(rb"^event: ?(response\.[a-z_.]+|error)[\r\n]", re.M)
_decode = json.JSONDecoder().decode  # what json.loads does, less what it does to find out how


class Decoder:
    """Feed it chunks, get the JSON objects of the events they complete."""

    def __init__(self) -> None:
        self._rest = b""
        self.said_done = False
        """Whether there was a `data: [DONE]`."""

    def feed(self, chunk: bytes) -> list[dict[str, Any]]:
        """Raises ValueError where an event's data is not a JSON object."""
        text = self._rest + chunk
        # Splitting by a plain string takes a fifth of the time, and is what OpenAI's streams need.
        *blocks, self._rest = _END.split(text) if b"\r" in text else text.split(b"\n\n")
        events: list[dict[str, Any]] = []
        for block in blocks:
            data = _data(block)
            if data == b"[DONE]":
                self.said_done = True
            elif data:
                event = _decode(data.decode("utf-8", "surrogatepass"))
                if not isinstance(event, dict):
                    raise ValueError("an event whose data is no object")
                if "type" not in event and (name := _NAME.search(block)):
                    event["type"] = name[1].decode("ascii")
                events.append(event)
        return events

    def end(self) -> list[dict[str, Any]]:
        """The last event of a stream that ends without the empty line after it."""
        return self.feed(b"\n\n") if b"data:" in self._rest else []


def _data(block: bytes) -> bytes:
    lines = [line[5:].removeprefix(b" ") for line in block.splitlines() if line.startswith(b"data:")]
    return lines[0] if len(lines) == 1 else b"\n".join(lines)
