"""Reading the answer to a model call from its bytes, streamed or in one piece, as the events that a translation knows. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from assistants_compat.runs.dialects import Dialect
from assistants_compat.runs.sse import Decoder

Json = dict[str, Any]


class Answer:
    """One answer.

    Args:
        headers: of the reply. Some servers answer with plain JSON whatever was asked for.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._dialect = Dialect()
        self._decoder = Decoder()
        self._whole: bytearray | None = bytearray() if headers.get("content-type", "").startswith("application/json") else None

    def feed(self, chunk: bytes) -> Sequence[Json]:
        """The events that these bytes complete. Raises ValueError where they cannot be read."""
        if self._whole is not None:
            self._whole += chunk
            return ()
        return self._translated(self._decoder.feed(chunk))

    def end(self) -> Sequence[Json]:
        """What is left to be told at the end of the body. Raises ValueError as `feed` does."""
        if self._whole is not None:
            return self._dialect.whole(json.loads(self._whole)) if self._whole else ()
        events = self._translated(self._decoder.end())
        return [*events, *self._dialect.end(said_done=self._decoder.said_done)]

    def _translated(self, events: list[Json]) -> Sequence[Json]:
        feed = self._dialect.feed
        return [told for event in events for told in feed(event)]
