"""One request and the reply to it, as recorded, whatever the file's format was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from assistants_compat.cassettes.server_sent import ServerSentEvent, events_in


@dataclass(frozen=True)
class Exchange:
    """Bodies are as the program sent and got them, without any Content-Encoding. Names of headers are in lower case."""

    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: bytes
    status: int
    response_headers: Mapping[str, str]
    response_body: bytes
    source: str = ""
    """The recording that this is part of, where a file has several; else empty."""
    place: str = ""
    """Where it stands in its file, for a message: "line 7", "interaction 3"."""

    @property
    def path(self) -> str:
        """The URL's path, without its query."""
        return urlsplit(self.url).path

    @property
    def query(self) -> str:
        return urlsplit(self.url).query

    def request_json(self) -> Any:
        """The request's body. None for an empty one. Raises ValueError if it is not JSON."""
        return _json(self.request_body)

    def response_json(self) -> Any:
        """The reply's body. None for an empty one. Raises ValueError if it is not JSON."""
        return _json(self.response_body)

    @property
    def is_stream(self) -> bool:
        """Whether the reply is a stream of server-sent events: by its type, or where none was kept, by its look."""
        kept = self.response_headers.get("content-type")
        if kept is not None:
            return kept.lower().startswith("text/event-stream")
        return self.response_body.startswith((b"event:", b"data:"))

    def response_events(self) -> list[ServerSentEvent]:
        """The events of a streamed reply."""
        return events_in(self.response_body)


def _json(body: bytes) -> Any:
    if not body.strip():
        return None
    try:
        return json.loads(body.decode("utf-8", "surrogatepass"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
