"""A whole turn (thread, message, run polled to its end, list) against one Responses call, while the model takes 200 ms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistants_compat import wrap
from assistants_compat.testing import OfflineUpstream, Text
from benchmarks import figures, upstreams
from benchmarks.figures import Figure
from benchmarks.measure import interleaved

BOUND = 1.05
PAIRS = 6
MODEL_TIME = 0.2
ANSWER = Text("Paris is the capital of France, and has been for most of its history.")


def measure(directory: Path, rounds: int) -> Iterator[Figure]:
    upstream = OfflineUpstream(default=lambda _request: ANSWER, model_time=MODEL_TIME)
    theirs = upstreams.client_on(upstream.transport(upstreams.family.__name__))
    ours = wrap(upstreams.client_on(upstream.transport(upstreams.family.__name__)), str(directory / "store.db"))
    assistant = ours.beta.assistants.create(model="gpt-4o", instructions="Answer briefly.")

    def turn() -> Any:
        threads = ours.beta.threads
        thread = threads.create()
        threads.messages.create(thread.id, role="user", content="What is the capital of France?")
        run = threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert run.status == "completed", run.last_error
        return threads.messages.list(thread.id)

    def response() -> Any:
        return theirs.responses.create(model="gpt-4o", instructions="Answer briefly.", input="What is the capital of France?")

    comparison = interleaved(turn, response, rounds=rounds, pairs=PAIRS)
    yield figures.ratio("a turn, 200 ms of model time", comparison, BOUND)
