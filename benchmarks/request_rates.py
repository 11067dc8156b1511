"""Requests a second over HTTP, from many connections at once, to one server process and to two that share a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import openai

from benchmarks import figures
from benchmarks.crowd import cast
from benchmarks.crowd.cast import Part
from benchmarks.figures import Figure
from benchmarks.local_calls import MESSAGE
from benchmarks.measure import Spread
from benchmarks.postgres import database_server, new_store

CONNECTIONS = 16
SECONDS = 1.0
NOBODY = "http://127.0.0.1:9/v1"
"""The upstream, which is not asked."""


def measure(directory: Path, rounds: int) -> Iterator[Figure]:
    with ExitStack() as stack:
        stores = {"SQLite": str(directory / "store.db"), "PostgreSQL": new_store(database_server(directory, stack), stack)}
        for database, store in stores.items():
            with cast.server(store, NOBODY) as first, cast.server(store, NOBODY) as second:
                for name, calls in _calls(first).items():
                    yield from _rates(f"{name}, {database}", calls, first, second, directory, rounds)


def _calls(server: Part) -> dict[str, list[tuple[str, Any]]]:
    """One for each connection; messages go to a thread of each one's own."""
    with openai.OpenAI(api_key="sk-test", base_url=server.url, max_retries=0) as client:
        threads = [client.beta.threads.create().id for _ in range(CONNECTIONS)]
    message = {"role": "user", "content": MESSAGE}
    return {
        "threads.create": [("/threads", {})] * CONNECTIONS,
        "messages.create": [(f"/threads/{thread}/messages", message) for thread in threads],
    }


def _rates(subject: str, calls: list[tuple[str, Any]], first: Part, second: Part, directory: Path, rounds: int) -> Iterator[Figure]:
    def rate(*servers: Part) -> float:
        urls = islice(cycle([server.url for server in servers]), len(calls))
        orders = {"seconds": SECONDS, "calls": [(url, *call) for url, call in zip(urls, calls, strict=True)]}
        return float(cast.told_by("benchmarks.crowd.callers", orders, directory))

    rate(first, second)  # the first requests open the store
    pairs = [(rate(first), rate(first, second)) for _ in range(rounds)]
    of_one, of_two = (Spread.of(rates) for rates in zip(*pairs, strict=True))
    gain = Spread.of(two / one for one, two in pairs)
    yield figures.amount(subject, of_one, "requests/s", None)
    measured = f"{gain.median:.2f}× ({gain.lowest:.2f}–{gain.highest:.2f})"
    yield Figure("… with a second server process", f"{of_two.median:.0f}/s", f"one: {of_one.median:.0f}/s", measured, "", "")
