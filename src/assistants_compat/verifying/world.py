"""This package on a recorded model, for one replay: a store of its own, a clock that stands still, and no network."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import openai

from assistants_compat.cassettes.server_sent import ServerSentEvent, events_in
from assistants_compat.runs import tokens
from assistants_compat.runs.runtime import runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.verifying.model import RecordedModel

_BASE = "https://api.openai.com/v1"
_BEGIN = 1_790_000_000.0


@dataclass(frozen=True)
class Answer:
    """What this package answered: `events` of a stream, else `reply`, the JSON."""

    status: int
    reply: Any
    events: list[ServerSentEvent] | None = None


class World:
    """A context: its store is gone afterwards.

    Args:
        folder: where the store is; what the first world has made for the others stays there.
        models: the names of models that are asked for.
    """

    def __init__(self, folder: Path, models: Iterable[str]) -> None:
        self.model = RecordedModel(models)
        self.now = _BEGIN
        self._folder = folder
        self._closing = ExitStack()

    def __enter__(self) -> World:
        store = self._closing.enter_context(_new_store(self._folder))
        settings = _settings(store)
        self._runtime = runtime_for(settings)
        self._closing.callback(self._runtime.close)
        self._runtime.clock = lambda: self.now
        self._http = self._closing.enter_context(self.model.http_client())
        tokens.tiktoken_counts.stay_offline()
        attach(openai.OpenAI(api_key="sk-verify", base_url=_BASE, http_client=self._http), settings)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closing.close()

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None, *, poll: bool = False) -> Answer:
        """A request to the Assistants API, its reply read to the end.

        Args:
            poll: as a poll helper of the SDK asks, whose GET is held while the run works.
        """
        sent = {"OpenAI-Beta": "assistants=v2", **(headers or {}), "Authorization": "Bearer sk-verify"}
        if body:
            sent["Content-Type"] = "application/json"
        if poll:
            sent["X-Stainless-Poll-Helper"] = "true"
        response = self._http.request(method, f"{_BASE}{path}", content=body or None, headers=sent)
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            return Answer(response.status_code, None, events_in(response.content))
        return Answer(response.status_code, json.loads(response.content))

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A request that the recordings do not have, made to bring about what they take for granted; its JSON.

        Raises:
            NotMade: it was refused.
        """
        answer = self.send(method, path, b"" if body is None else json.dumps(body).encode())
        if answer.status != 200:
            raise NotMade(str(answer.reply["error"]["message"]))
        return answer.reply

    def pass_time(self, seconds: float) -> None:
        self.now += seconds


def _settings(store: Path) -> Settings:
    """Whatever the environment says, a replay is the same."""
    return replace(Settings.from_environment({}), store=str(store), max_retries=0)


@contextmanager
def _new_store(folder: Path) -> Iterator[Path]:
    """A store with nothing in it: a copy of one that was set up once, which takes longer than most replays."""
    empty = folder / "empty.db"
    if not empty.exists():
        runtime = runtime_for(_settings(empty))
        with runtime.database.read():
            pass
        runtime.close()
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as name:
        yield Path(shutil.copyfile(empty, Path(name, "store.db")))


class NotMade(Exception):
    """What a recording takes for granted could not be brought about."""
