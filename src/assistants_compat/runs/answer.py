"""Reading the answer to a model call from its bytes, streamed or in one piece, as the events that a translation knows. Pure.

A response in the background can be read in several pieces, from several connections.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Generator, Sequence
from typing import Any

from assistants_compat.runs.dialects import Dialect
from assistants_compat.runs.effects import Effect, Read
from assistants_compat.runs.error_bodies import error_of
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
        self._heard: int | None = None
        self._open()

    def go_on(self, heard: int) -> None:
        """It is read from another connection, where the events go on; what had come of one more is lost with the last.

        Args:
            heard: the number of the last event so far. Those up to it are passed over if they come again.
        """
        self._heard = heard
        self._open()

    def _open(self) -> None:
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
                return self.whole(json.loads(self._whole)) if self._begun else ()
            except RecursionError:
                raise ValueError("JSON that is nested too deeply") from None
        events = self._translated(self._decoder.end())
        return [*events, *self._dialect.end(said_done=self._decoder.said_done)]

    def whole(self, response: Any) -> Sequence[Json]:
        """What is left to be told of a response that has come in one piece. Raises ValueError as `feed` does."""
        if isinstance(response, dict) and response.get("background") is True and response.get("status") in ("queued", "in_progress"):
            return ({"type": "response.created", "response": response},)  # it goes on in the background
        return self._dialect.whole(response)

    def _translated(self, events: list[Json]) -> Sequence[Json]:
        feed = self._dialect.feed
        if self._heard is not None:
            events = [event for event in events if event.get("sequence_number", self._heard + 1) > self._heard]
        return [told for event in events for told in feed(event)]


def read_error() -> Generator[Effect, Any, Json]:
    """The error in the body of a reply that is no answer, as `recovery.error_of` has it."""
    raw = b""
    while len(raw) < 1 << 20:
        chunk: bytes = yield Read()
        if not chunk:
            break
        raw += chunk
    try:
        return error_of(json.loads(raw))
    except (ValueError, RecursionError):
        return error_of(raw.decode("utf-8", "replace"))
