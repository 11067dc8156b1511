"""Reading the answer to a model call from its bytes, streamed or in one piece, as the events that a translation knows. Pure."""

from __future__ import annotations

import codecs
import json
from collections.abc import Sequence
from typing import Any

from assistants_compat.runs.dialects import Dialect
from assistants_compat.runs.sse import Decoder

Json = dict[str, Any]

_MARK = codecs.BOM_UTF8
_LOOKED_AT = 1024
"""Bytes within which an answer has to begin."""


class WebPage(Exception):
    """What came is meant for a browser: a page to sign in on, or somebody's start page."""


class Answer:
    """One answer. What it is, its first byte says: some servers answer with plain JSON whatever was asked for, and not all of them
    label what they send.
    """

    def __init__(self) -> None:
        self._dialect = Dialect()
        self._decoder = Decoder()
        self._begun = False
        self._whole: bytearray | None = bytearray()
        """The bytes so far of what is not, or not yet known to be, a stream."""

    def feed(self, chunk: bytes) -> Sequence[Json]:
        """The events that these bytes complete.

        Raises:
            ValueError: they cannot be read.
            WebPage: it is HTML.
        """
        if self._whole is None:
            return self._translated(self._decoder.feed(chunk))
        self._whole += chunk
        if self._begun:
            return ()
        begins = bytes(self._whole[:_LOOKED_AT]).removeprefix(_MARK).lstrip()[:1]
        self._begun = begins != b""
        if begins == b"<":
            raise WebPage
        if not self._begun or begins in b'{["':
            return ()
        stream, self._whole = bytes(self._whole).removeprefix(_MARK).lstrip(), None
        return self._translated(self._decoder.feed(stream))

    def end(self) -> Sequence[Json]:
        """What is left to be told at the end of the body. Raises ValueError as `feed` does."""
        if self._whole is not None:
            try:
                return self._dialect.whole(json.loads(self._whole)) if self._begun else ()
            except RecursionError:
                raise ValueError("JSON that is nested too deeply") from None
        events = self._translated(self._decoder.end())
        return [*events, *self._dialect.end(said_done=self._decoder.said_done)]

    def _translated(self, events: list[Json]) -> Sequence[Json]:
        feed = self._dialect.feed
        return [told for event in events for told in feed(event)]
