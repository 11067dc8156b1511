"""Where a scenario plays: the shim's clients on one upstream, a store of its own, a clock, and a record of what the program saw."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import AsyncIterable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import openai

import assistants_compat
from assistants_compat import Settings
from assistants_compat.runs import tokens
from assistants_compat.runs.runtime import runtime_for
from assistants_compat.testing.tapes.labels import EPOCH, Labels

Json = dict[str, Any]
PATIENCE = 30.0
"""Seconds that the work of a run may go on after its scenario."""


class Clock:
    """The time of day for a recording; for a replay, which is over at once, a clock that stands at EPOCH."""

    def __init__(self, *, stands: bool) -> None:
        self.stands = stands
        self._advanced = 0.0

    def __call__(self) -> float:
        return (EPOCH if self.stands else time.time()) + self._advanced

    def advance(self, seconds: float) -> None:
        self._advanced += seconds


class Stage:
    """What a scenario's program is given. `shown` is what came of it."""

    def __init__(self, folder: Path, base_url: str, api_key: str, clock: Clock, *, trust_env: bool) -> None:
        self.clock = clock
        self.between_polls = 1 if clock.stands else 500
        """Milliseconds between two looks of the SDK's at something upstream; a replay has nothing to wait for."""
        self.shown: list[Json] = []
        self._settings = Settings(store=str(folder / "store.db"))
        self._runtime = runtime_for(self._settings)
        self._runtime.clock = clock
        self._client: Any = {"base_url": base_url, "api_key": api_key, "max_retries": 0, "compat": self._settings}
        # What comes compressed could not be scrubbed.
        self._http: Any = {"headers": {"accept-encoding": "identity"}, "trust_env": trust_env}

    def client(self) -> assistants_compat.OpenAI:
        return assistants_compat.OpenAI(**self._client, http_client=openai.DefaultHttpxClient(**self._http))

    def async_client(self) -> assistants_compat.AsyncOpenAI:
        return assistants_compat.AsyncOpenAI(**self._client, http_client=openai.DefaultAsyncHttpxClient(**self._http))

    def show(self, what: str, *objects: Any) -> None:
        """Objects of the SDK's, for the snapshot."""
        self.shown += [{"what": what, **each.to_dict(mode="json")} for each in objects]

    def show_error(self, what: str, error: openai.APIStatusError) -> None:
        self.shown.append({"what": what, "status": error.status_code, "error": error.body})

    def show_events(self, stream: Iterable[Any]) -> list[Any]:
        """All events of a stream, for the snapshot; and the events."""
        events = list(stream)
        self.shown += [{"event": event.event, "data": event.data.to_dict(mode="json")} for event in events]
        return events

    async def show_async_events(self, stream: AsyncIterable[Any]) -> list[Any]:
        return self.show_events([event async for event in stream])

    def show_file(self, what: str, content: bytes) -> None:
        """A file's bytes: a text as it is, anything else as its digest."""
        try:
            told: Json = {"text": content.decode()}
        except UnicodeDecodeError:
            told = {"sha256": hashlib.sha256(content).hexdigest()}
        self.shown.append({"what": what, "bytes": len(content), **told})

    def wait_for_the_end(self) -> None:
        """Until no run is at work any more: what it still asks for belongs to the scenario."""
        if not self._runtime.moved.wait(lambda: not self._runtime.executions, PATIENCE):
            raise TimeoutError(f"Runs are still at work after {PATIENCE:.0f} s: {', '.join(self._runtime.executions)}.")


@contextmanager
def stage(base_url: str, api_key: str, *, replaying: bool, trust_env: bool = False) -> Iterator[Stage]:
    """A stage with nothing on it. Tokens are estimated: tiktoken, where it is installed, would go for its vocabulary."""
    without_vocabulary = mock.patch.object(tokens.tiktoken_counts, "count", return_value=None)
    with TemporaryDirectory(prefix="assistants-compat-") as folder, without_vocabulary:
        yield Stage(Path(folder), base_url, api_key, Clock(stands=replaying), trust_env=trust_env)


def snapshot(shown: list[Json]) -> str:
    """What a program saw, as a text for the eye and for comparison: an event a line, ids as labels."""
    told = [json.dumps(each, ensure_ascii=False, indent=None if "event" in each else 2) for each in shown]
    return Labels().text("[\n" + ",\n".join(told) + "\n]\n")
