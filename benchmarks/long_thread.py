"""A thread of 100,000 messages, the most there may be, against one of 20: time, and memory in fresh processes."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import openai

from assistants_compat import Settings, wrap
from assistants_compat.runs.objects import new_message
from assistants_compat.runs.runtime import runtime_for
from assistants_compat.store import items, threads
from assistants_compat.testing import OfflineUpstream
from benchmarks import figures, upstreams
from benchmarks.figures import Figure
from benchmarks.local_calls import MESSAGE
from benchmarks.measure import Spread, interleaved, leave
from benchmarks.processes import peak_memory, result_of
from benchmarks.whole_turn import ANSWER

BOUND = 1.3
MEMORY_BOUND = 20.0
LONG, SHORT = 100_000, 20
OVERFULL = 20_000
"""Messages that fill the model's context more than once."""
PAIRS, AUTO_PAIRS = 40, 3
_PROGRAM = "from benchmarks import long_thread; long_thread.report()"

_LAST_TEN: Any = {"type": "last_messages", "last_messages": 10}


class Conversation:
    """A client and a thread that has one message less than `length`: each call adds one, which `trim` takes away again."""

    def __init__(self, store: Path) -> None:
        self.upstream = OfflineUpstream(default=lambda _request: ANSWER)
        self.client: openai.OpenAI = wrap(upstreams.client_on(self.upstream.transport(upstreams.family.__name__)), str(store))
        self.assistant_id = self.client.beta.assistants.list().data[0].id
        self.thread_id = store.with_suffix(".thread").read_text()

    def create(self) -> Any:
        return self.client.beta.threads.messages.create(self.thread_id, role="user", content=MESSAGE)

    def list(self) -> Any:
        return self.client.beta.threads.messages.list(self.thread_id, limit=20)

    def run(self, strategy: Any = _LAST_TEN) -> Any:
        run = self.client.beta.threads.runs.create_and_poll(
            thread_id=self.thread_id, assistant_id=self.assistant_id, truncation_strategy=strategy
        )
        assert run.status == "completed", run.last_error
        return run

    def run_auto(self) -> Any:
        return self.run({"type": "auto"})

    def trim(self, _answer: Any = None) -> None:
        newest = self.client.beta.threads.messages.list(self.thread_id, limit=1).data[0]
        self.client.beta.threads.messages.delete(newest.id, thread_id=self.thread_id)

    def tidy(self, _answer: Any = None) -> None:
        """The same, and the garbage is collected now: thousands of messages a run make enough of it for every second call or so to
        be interrupted for longer than it takes. What the upstream remembers of each request would make that longer and longer."""
        self.trim()
        self.upstream.requests.clear()
        self.upstream.calls.clear()
        gc.collect()


def measure(directory: Path, rounds: int) -> Iterator[Figure]:
    stores = {length: directory / f"{length}.db" for length in (LONG, OVERFULL, SHORT)}
    for length, store in stores.items():
        result_of("from benchmarks import long_thread; long_thread.fill()", str(store), str(length - 1))
    long, overfull, short = (Conversation(stores[length]) for length in (LONG, OVERFULL, SHORT))
    calls: dict[str, tuple[Callable[[Conversation], Any], bool]] = {
        "messages.create": (Conversation.create, True),
        "messages.list of 20": (Conversation.list, False),
        "a run over the last 10 messages": (Conversation.run, True),
    }
    for name, (call, adds) in calls.items():
        comparison = interleaved(
            partial(call, long),
            partial(call, short),
            rounds=rounds,
            pairs=PAIRS,
            after=long.trim if adds else leave,
            after_theirs=short.trim if adds else leave,
        )
        yield figures.ratio(f"{name}, {LONG:,} messages against {SHORT}", comparison, BOUND)
    yield _memory("the memory all three take", stores[LONG], stores[SHORT], "three", rounds)
    auto = interleaved(long.run_auto, overfull.run_auto, rounds=rounds, pairs=AUTO_PAIRS, after=long.tidy, after_theirs=overfull.tidy)
    yield figures.ratio(f"a run under auto, {LONG:,} messages against {OVERFULL:,}, both too long", auto, BOUND)
    yield _memory("its memory", stores[LONG], stores[OVERFULL], "auto", rounds)


def _memory(subject: str, long: Path, short: Path, what: str, rounds: int) -> Figure:
    """How much more memory a fresh process takes for the same on the longer thread."""
    peaks = [[result_of(_PROGRAM, str(store), what) for store in (long, short)] for _ in range(rounds)]
    more = Spread.of(long_peak - short_peak for long_peak, short_peak in peaks)
    of_long, of_short = (Spread.of(pair[side] for pair in peaks).median for side in (0, 1))
    return figures.amount(subject, more, "MiB more", MEMORY_BOUND, ours=f"{of_long:.1f} MiB", theirs=f"{of_short:.1f} MiB")


def fill() -> None:
    """In a process of its own: make the store and the thread that the arguments name."""
    store, count = Path(sys.argv[1]), int(sys.argv[2])
    client = wrap(upstreams.client_on(upstreams.Canned([b"{}"])), str(store))
    client.beta.assistants.create(model="gpt-4o", instructions="Answer briefly.")
    thread_id = client.beta.threads.create().id
    content = [{"type": "text", "text": {"value": MESSAGE, "annotations": []}}]
    messages = (new_message(thread_id, "user", content, 1_790_000_000) for _ in range(count))
    with runtime_for(Settings(store=str(store))).database.write() as connection:
        items.insert(connection, map(items.message_row, messages))
        threads.add_to_count(connection, thread_id, count)
    store.with_suffix(".thread").write_text(thread_id)
    print("null")


def report() -> None:
    """In the process that is measured: its arguments are the store, and whether to do each of the three once, or a run under auto."""
    conversation = Conversation(Path(sys.argv[1]))
    if sys.argv[2] == "auto":
        conversation.run_auto()
        conversation.trim()
        print(json.dumps(peak_memory()))
        return
    for call, adds in ((conversation.create, True), (conversation.list, False), (conversation.run, True)):
        call()
        if adds:
            conversation.trim()
    print(json.dumps(peak_memory()))
