"""A streamed run against a direct Responses stream: the wait for the first text delta, and the cost of each event.

The upstream has everything ready at once, which is the hardest case: a real model leaves the processor idle between two words.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import openai
from openai import AssistantEventHandler

from assistants_compat import wrap
from benchmarks import figures, upstreams
from benchmarks.figures import Figure
from benchmarks.measure import compared

FIRST_DELTA_BOUND = 0.003
PER_EVENT_BOUND = 1.3
STREAMS = 8
MODEL = "gpt-4o"


class Reading(NamedTuple):
    """Seconds to the first text delta, and seconds an event over the whole stream."""

    first_delta: float
    per_event: float


def measure(directory: Path, rounds: int) -> Iterator[Figure]:
    events = upstreams.recorded_stream()
    theirs = upstreams.client_on(upstreams.Canned(events))
    ours = wrap(upstreams.client_on(upstreams.Canned(events)), str(directory / "store.db"))
    assistant = ours.beta.assistants.create(model=MODEL, instructions="Answer briefly.")

    def new_thread() -> str:
        return ours.beta.threads.create(messages=[{"role": "user", "content": "Hello"}]).id

    def direct() -> Reading:
        watch = _Watch()
        for event in theirs.responses.create(model=MODEL, input="Hello", stream=True):
            watch.see(event.type == "response.output_text.delta")
        return watch.reading()

    def run() -> Reading:
        thread_id, watch = new_thread(), _Watch()
        for event in ours.beta.threads.runs.create(thread_id=thread_id, assistant_id=assistant.id, stream=True):
            watch.see(event.event == "thread.message.delta")
        return watch.reading()

    def handled_run() -> Reading:
        thread_id, handler = new_thread(), _Handler()
        with ours.beta.threads.runs.stream(thread_id=thread_id, assistant_id=assistant.id, event_handler=handler) as stream:
            stream.until_done()
        return handler.watch.reading()

    for _ in range(2):
        direct(), run(), handled_run()
    readings = [[(direct(), run(), handled_run()) for _ in range(STREAMS)] for _ in range(rounds)]
    first = compared([[(run.first_delta, direct.first_delta) for direct, run, _ in round] for round in readings])
    yield figures.difference("first text delta of a stream", first, FIRST_DELTA_BOUND)
    per_event = compared([[(run.per_event, direct.per_event) for direct, run, _ in round] for round in readings])
    yield figures.ratio(f"an event of a stream with {upstreams.DELTAS} deltas", per_event, PER_EVENT_BOUND)
    handled = compared([[(handled.per_event, direct.per_event) for direct, _, handled in round] for round in readings])
    yield figures.ratio("the same with an AssistantEventHandler", handled, None)
    yield from asyncio.run(_measure_async(events, directory / "store.db", assistant.id, rounds))


async def _measure_async(events: list[bytes], store: Path, assistant_id: str, rounds: int) -> list[Figure]:
    theirs = upstreams.async_client_on(upstreams.Canned(events))
    ours = wrap(upstreams.async_client_on(upstreams.Canned(events)), str(store))

    async def direct() -> Reading:
        watch = _Watch()
        async for event in await theirs.responses.create(model=MODEL, input="Hello", stream=True):
            watch.see(event.type == "response.output_text.delta")
        return watch.reading()

    async def run() -> Reading:
        thread = await ours.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
        watch = _Watch()
        async for event in await ours.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant_id, stream=True):
            watch.see(event.event == "thread.message.delta")
        return watch.reading()

    readings = await _in_turns(run, direct, rounds)
    first = compared([[(run.first_delta, direct.first_delta) for run, direct in round] for round in readings])
    per_event = compared([[(run.per_event, direct.per_event) for run, direct in round] for round in readings])
    return [
        figures.difference("first text delta, async", first, FIRST_DELTA_BOUND),
        figures.ratio("an event of a stream, async", per_event, PER_EVENT_BOUND),
    ]


async def _in_turns(
    ours: Callable[[], Awaitable[Reading]], theirs: Callable[[], Awaitable[Reading]], rounds: int
) -> list[list[tuple[Reading, Reading]]]:
    for _ in range(2):
        await ours(), await theirs()
    return [[(await ours(), await theirs()) for _ in range(STREAMS)] for _ in range(rounds)]


class _Watch:
    """Runs from its creation."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._first_delta = 0.0
        self._events = 0

    def see(self, is_text_delta: bool) -> None:
        self._events += 1
        if is_text_delta and not self._first_delta:
            self._first_delta = time.perf_counter() - self._began

    def reading(self) -> Reading:
        return Reading(self._first_delta, (time.perf_counter() - self._began) / self._events)


class _Handler(AssistantEventHandler):
    def __init__(self) -> None:
        super().__init__()
        self.watch = _Watch()

    def on_event(self, event: openai.types.beta.AssistantStreamEvent) -> None:
        self.watch.see(event.event == "thread.message.delta")
