"""Two hundred turns at once in one process, on one event loop and one store, while the model takes 200 ms for each."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from assistants_compat import wrap
from assistants_compat.testing import OfflineUpstream
from benchmarks import figures, upstreams
from benchmarks.figures import Figure
from benchmarks.measure import Spread
from benchmarks.processes import peak_memory, result_of
from benchmarks.whole_turn import ANSWER, MODEL_TIME

TURNS = 200
_PROGRAM = "from benchmarks import concurrency; concurrency.report()"


def measure(directory: Path, rounds: int) -> Iterator[Figure]:
    results = [result_of(_PROGRAM, str(directory / f"store{number}.db")) for number in range(rounds)]
    completed = min(result["completed"] for result in results)
    yield Figure(
        f"{TURNS} turns at once, async",
        f"{TURNS / Spread.of(result['seconds'] for result in results).median:.0f} turns/s",
        "",
        f"{completed} of {TURNS} completed",
        "all",
        "reached" if completed == TURNS else "not reached",
    )
    peak, before = (Spread.of(result[name] for result in results) for name in ("peak", "before"))
    yield figures.amount("their memory at its peak", peak, "MiB", None, theirs=f"before the first turn: {before.median:.1f} MiB")


def report() -> None:
    """In the process that is measured; its argument is the store."""
    print(json.dumps(asyncio.run(_all_at_once(sys.argv[1]))))


async def _all_at_once(store: str) -> dict[str, float]:
    upstream = OfflineUpstream(default=lambda _request: ANSWER, model_time=MODEL_TIME)
    client = wrap(upstreams.async_client_on(upstream.async_transport(upstreams.family.__name__)), store)
    assistant = await client.beta.assistants.create(model="gpt-4o", instructions="Answer briefly.")

    async def turn() -> bool:
        threads = client.beta.threads
        thread = await threads.create()
        await threads.messages.create(thread.id, role="user", content="What is the capital of France?")
        run = await threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        messages = await threads.messages.list(thread.id)
        return run.status == "completed" and len(messages.data) == 2

    before = peak_memory()
    began = time.perf_counter()
    completed = await asyncio.gather(*(turn() for _ in range(TURNS)))
    return {"completed": sum(completed), "seconds": time.perf_counter() - began, "before": before, "peak": peak_memory()}
