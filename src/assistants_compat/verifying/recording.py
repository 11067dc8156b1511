"""What one recording has for a replay: its requests to the Assistants API, and why others are left out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from assistants_compat.cassettes import Exchange
from assistants_compat.cassettes.server_sent import ServerSentEvent
from assistants_compat.verifying.fields import text

Json = dict[str, Any]

_OURS = re.compile(r"(?P<base>.*?)(?P<path>/(?:assistants|threads)(?:/.*)?)")
_AT_OPENAI = re.compile(r"(/openai)?(/deployments/[^/]+)?(/v1)?")
_HEADER = "openai-beta"


@dataclass(frozen=True)
class Turn:
    """One request to the Assistants API and the recorded reply. `number` counts from 1 among the recording's exchanges."""

    number: int
    exchange: Exchange
    path: str
    """Below the base URL: `/threads/thread_…/runs`."""
    body: Any
    """The request's JSON; None where it has none, the text where it is none."""
    reply: Any
    """The reply's JSON; None for a stream."""
    events: list[ServerSentEvent] | None
    """The reply's events; None where it is no stream."""

    @property
    def method(self) -> str:
        return self.exchange.method

    @property
    def status(self) -> int:
        return self.exchange.status

    @property
    def query(self) -> str:
        return self.exchange.query

    @property
    def parts(self) -> tuple[str, ...]:
        """The path's, with `*` in the place of ids: ("threads", "*", "runs")."""
        return tuple("*" if is_id else part for part, is_id in self._parts)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids in the path."""
        return tuple(part for part, is_id in self._parts if is_id)

    @cached_property
    def _parts(self) -> list[tuple[str, bool]]:
        parts = [part for part in self.path.split("/") if part]
        return [(part, bool(index % 2) and (index, part) != (1, "runs")) for index, part in enumerate(parts)]

    @property
    def succeeded(self) -> bool:
        return self.status < 300

    @cached_property
    def run(self) -> Json | None:
        """The run that the reply shows, in a stream the first."""
        shown = [self.reply] if self.events is None else [event.data for event in self.events]
        return next((value for value in shown if text(value, "object") == "thread.run" and text(value, "id")), None)

    @property
    def begins_run(self) -> bool:
        """Whether the request has made the run that the reply shows."""
        return self.method == "POST" and self.succeeded and self.parts in _BEGINNINGS and self.run is not None

    @property
    def endpoint(self) -> str:
        return f"{self.method} /{'/'.join(self.parts)}"

    def __str__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        return f"{self.method} {self.path}{query}"


_BEGINNINGS = (("threads", "runs"), ("threads", "*", "runs"))


@dataclass
class Recording:
    """What one program said to the API, in order. `name` is for people: the file, and the recording in it where it has several."""

    name: str
    turns: list[Turn] = field(default_factory=list)
    others: list[Exchange] = field(default_factory=list)
    """Requests to other paths: files, vector stores, models."""
    left_out: list[tuple[Exchange, str]] = field(default_factory=list)
    """Requests to the Assistants API that are not replayed, and why."""


FIRST_VERSION = "the first version of the API (OpenAI-Beta: assistants=v1), which ended in 2024"
NOT_JSON = "its reply is not JSON"
SERVICE = "the service refused it (401, 403, 407, 408, 409, 429 or 5xx), which says nothing of the API"

_SECOND_VERSION = 1_713_312_000  # 2024-04-17: what is from before is the first version's, whatever its header was made to say later

_SERVICE_STATUSES = frozenset({401, 403, 407, 408, 409, 429})


def recordings_of(exchanges: Iterable[Exchange], name: str) -> list[Recording]:
    """One for each of the file's sources, in the order in which they begin."""
    found: dict[str, Recording] = {}
    for exchange in exchanges:
        title = f"{name}: {exchange.source}" if exchange.source else name
        recording = found.setdefault(exchange.source, Recording(title))
        _add(recording, exchange)
    for recording in found.values():
        recording.turns = list(_as_asked(recording.turns))
    return list(found.values())


def _as_asked(turns: list[Turn]) -> Iterator[Turn]:
    """In the order of the requests: recorders note a stream when it has ended, after what was asked meanwhile of its run."""
    waiting = {turn.run["id"]: turn for turn in turns if turn.begins_run and turn.run is not None}
    given: set[int] = set()
    for turn in turns:
        for begun in (*(waiting[id] for id in turn.ids if id in waiting), turn):
            if begun.number not in given:
                given.add(begun.number)
                yield begun


def _add(recording: Recording, exchange: Exchange) -> None:
    path = path_below(exchange)
    if path is None:
        recording.others.append(exchange)
        return
    number = len(recording.turns) + len(recording.others) + len(recording.left_out) + 1
    try:
        reply, events = (None, exchange.response_events()) if exchange.is_stream else (exchange.response_json(), None)
    except ValueError:
        recording.left_out.append((exchange, NOT_JSON))
        return
    reason = _obstacle(exchange, reply)
    if reason:
        recording.left_out.append((exchange, reason))
        return
    recording.turns.append(Turn(number, exchange, path, _request_of(exchange), reply, events))


def _request_of(exchange: Exchange) -> Any:
    try:
        return exchange.request_json()
    except ValueError:
        return exchange.request_body.decode("utf-8", "replace")


def path_below(exchange: Exchange) -> str | None:
    """The path below the base URL of a request to the Assistants API, and None for another one.

    LangGraph, ChatKit and others have `/threads` of their own: what has no `OpenAI-Beta` header, which some recorders leave out,
    has to be at a path of OpenAI's or Azure's.
    """
    match = _OURS.fullmatch(exchange.path)
    if match is None or match["base"].endswith("/chatkit"):
        return None
    beta = exchange.request_headers.get(_HEADER, "")
    if "assistants=" in beta or (_AT_OPENAI.fullmatch(match["base"]) and match["base"]):
        return match["path"].rstrip("/")
    return None


def _obstacle(exchange: Exchange, reply: Any) -> str:
    made_at = reply.get("created_at") if isinstance(reply, dict) else None
    is_older = isinstance(made_at, int) and made_at < _SECOND_VERSION and "file_ids" in reply
    if is_older or "assistants=v1" in exchange.request_headers.get(_HEADER, ""):
        return FIRST_VERSION
    if exchange.status in _SERVICE_STATUSES or exchange.status >= 500:
        return SERVICE
    return ""
