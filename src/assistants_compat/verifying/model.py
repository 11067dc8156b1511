"""The recorded model: a server of the Responses API that says what the recordings say, as far as the replay lets it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from assistants_compat.runs.models import reasons
from assistants_compat.seam.family import family_of
from assistants_compat.testing import CodeInterpreter, Failed, FileSearch, OfflineUpstream, Text, Turn
from assistants_compat.testing.answers import Answer
from assistants_compat.verifying.progress import Progress
from assistants_compat.verifying.words import NOT_RECORDED

_TOOLS: dict[type, str] = {FileSearch: "file_search", CodeInterpreter: "code_interpreter"}

_STAND_INS = {True: "o3", False: "gpt-4.1"}
"""Models that the offline upstream knows, by whether they reason: those of recordings are gone, and their names were for free."""


class RecordedModel:
    """Answers the model calls of the runs that the replay has told it of."""

    def __init__(self, models: Iterable[str]) -> None:
        self.upstream = OfflineUpstream(default=self._answer, models={name: _STAND_INS[reasons(name)] for name in models})
        self._by_thread: dict[str, Progress] = {}
        self._next: Progress | None = None
        self._lock = threading.Lock()
        self._answers: dict[str, Answer] = {}
        self.failures: list[str] = []
        """What the model could not do as recorded, and why."""

    def expect(self, progress: Progress, thread_id: str | None) -> None:
        """The next model calls of that thread, or of a thread that is only being made, are this run's."""
        with self._lock:
            if thread_id is None:
                self._next = progress
            else:
                self._by_thread[thread_id] = progress

    def forget(self, progress: Progress) -> None:
        """No call of this run will come."""
        with self._lock:
            self._next = None if self._next is progress else self._next
            self._by_thread = {thread: expected for thread, expected in self._by_thread.items() if expected is not progress}

    def http_client(self) -> Any:
        """A client of the http library that the SDK uses, on this server."""
        with self.upstream.http_client() as plain:
            family: Any = family_of(plain)
        inner = self.upstream.transport()
        model = self

        class Body(family.SyncByteStream):  # type: ignore[misc]
            """The events of an answer, each when it is let go."""

            def __init__(self, stream: Any, progress: Progress, leg: int) -> None:
                self._stream, self._progress, self._leg = stream, progress, leg

            def __iter__(self) -> Iterator[bytes]:
                for event in self._stream:
                    unit = _unit(event)
                    if unit is not None:
                        self._progress.reach(self._leg, unit)
                    yield event

            def close(self) -> None:
                self._stream.close()

        class Transport(family.BaseTransport):  # type: ignore[misc]
            def handle_request(self, request: Any) -> Any:
                if request.method != "POST" or not request.url.path.endswith("/responses"):
                    return inner.handle_request(request)
                body = json.loads(request.read())
                progress = model._progress_of(body)
                if progress is None:
                    return inner.handle_request(request)
                leg = progress.begin(str(body.get("prompt_cache_key")))
                progress.reach(leg, 0)
                model._prepare(body, progress.run_id, progress.leg(leg).answer)
                response = inner.handle_request(request)
                response.stream = Body(response.stream, progress, leg)
                return response

        return family.Client(transport=Transport(), timeout=60.0)

    def _progress_of(self, body: dict[str, Any]) -> Progress | None:
        thread_id = str(body.get("prompt_cache_key"))
        with self._lock:
            if thread_id not in self._by_thread and self._next is not None:
                self._by_thread[thread_id], self._next = self._next, None
            return self._by_thread.get(thread_id)

    def _prepare(self, body: dict[str, Any], run_id: str, answer: Answer) -> None:
        """The answer to a request that comes now, without calls of tools that the request does not have."""
        tools = {tool["type"] for tool in body.get("tools") or ()}
        with self._lock:
            if isinstance(answer, Turn | Failed):
                missing = {_TOOLS[type(item)] for item in answer.items if type(item) in _TOOLS} - tools
                for tool in sorted(missing):
                    self.failures.append(f"{run_id}: the recorded run used {tool}, and ours has nothing to use it with")
                if missing:
                    items = tuple(item for item in answer.items if _TOOLS.get(type(item)) not in missing)
                    answer = Turn(*items, usage=answer.usage) if isinstance(answer, Turn) else replace(answer, items=items)
            self._answers[str(body.get("prompt_cache_key"))] = answer

    def _answer(self, body: dict[str, Any]) -> Answer:
        with self._lock:
            return self._answers.pop(str(body.get("prompt_cache_key")), Text(NOT_RECORDED))


def _unit(event: bytes) -> int | None:
    """What of an answer an event begins or ends: the unit that it takes to be let go."""
    _, _, data = event.partition(b"data: ")
    try:
        told = json.loads(data)
    except ValueError:
        return None
    if told.get("type") == "response.output_item.added":
        return 2 * int(told["output_index"]) + 1
    if told.get("type") == "response.output_item.done":
        return 2 * int(told["output_index"]) + 2
    if told.get("type") in ("response.completed", "response.incomplete", "response.failed", "error"):
        return 1 << 20
    return None
