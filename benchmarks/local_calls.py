"""Calls that never leave the process, on a durable SQLite store, against the same SDK calls answered from memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai

from assistants_compat import wrap
from assistants_compat.testing import OfflineUpstream
from benchmarks import figures, upstreams
from benchmarks.figures import Figure
from benchmarks.measure import interleaved

BOUND = 1.6
PAIRS = 150
MESSAGE = "The quick brown fox jumps over the lazy dog, and the dog does not mind. " * 2


def measure(directory: Path, rounds: int) -> Iterator[Figure]:
    ours = wrap(upstreams.client_on(OfflineUpstream().transport(upstreams.family.__name__)), str(directory / "store.db"))
    for name, call in _calls(ours).items():

        def answered_locally(call: Callable[[openai.OpenAI], Any] = call) -> Any:
            return call(ours)

        theirs = upstreams.client_on(upstreams.Canned([upstreams.body_of(ours, answered_locally)]))

        def answered_from_memory(call: Callable[[openai.OpenAI], Any] = call, theirs: openai.OpenAI = theirs) -> Any:
            return call(theirs)

        yield figures.ratio(name, interleaved(answered_locally, answered_from_memory, rounds=rounds, pairs=PAIRS), BOUND)


def _calls(ours: openai.OpenAI) -> dict[str, Callable[[openai.OpenAI], Any]]:
    beta = ours.beta
    assistant = beta.assistants.create(model="gpt-4o", instructions="Answer briefly.")
    thread = beta.threads.create(messages=[{"role": "user", "content": MESSAGE} for _ in range(40)])
    run = beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    return {
        "threads.create": lambda client: client.beta.threads.create(),
        "messages.create": lambda client: client.beta.threads.messages.create(thread.id, role="user", content=MESSAGE),
        "messages.list of 20": lambda client: client.beta.threads.messages.list(thread.id, limit=20),
        "runs.retrieve": lambda client: client.beta.threads.runs.retrieve(run.id, thread_id=thread.id),
    }
