"""Server-sent events of a body that is there in full."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

_LINE = re.compile(r"\r\n|\n|\r")


class ServerSentEvent(NamedTuple):
    """`data` is what its JSON says; where it is none (`[DONE]`), the text itself."""

    name: str
    data: Any


def events_in(body: bytes) -> list[ServerSentEvent]:
    """All events, as the standard reads them: any line end, comments left out, lines of data joined.

    The last one may lack its empty line.
    """
    events: list[ServerSentEvent] = []
    name, data = "", list[str]()
    for line in [*_LINE.split(body.decode("utf-8", "surrogatepass")), ""]:
        if not line:
            if data or name:
                events.append(ServerSentEvent(name or "message", _value("\n".join(data))))
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
    return events


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
