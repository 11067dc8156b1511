"""What it would cost to wait for the disk at each commit (SQLite's `synchronous=FULL`), which the store does not by default."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import sqlalchemy as sa

from assistants_compat import Settings, wrap
from assistants_compat.runs.runtime import runtime_for
from benchmarks import figures, upstreams
from benchmarks.figures import Figure
from benchmarks.local_calls import MESSAGE
from benchmarks.measure import interleaved

PAIRS = 40


def measure(directory: Path, rounds: int) -> Iterator[Figure]:
    default, waiting = Settings(store=str(directory / "default.db")), Settings(store=str(directory / "waiting.db"))
    _wait_for_the_disk(waiting)
    comparison = interleaved(_creating_messages(waiting), _creating_messages(default), rounds=rounds, pairs=PAIRS)
    yield figures.ratio("messages.create, synchronous=FULL against NORMAL", comparison, None)


def _creating_messages(settings: Settings) -> Callable[[], Any]:
    client: openai.OpenAI = wrap(upstreams.client_on(upstreams.Canned([b"{}"])), settings)
    thread = client.beta.threads.create()
    return lambda: client.beta.threads.messages.create(thread.id, role="user", content=MESSAGE)


def _wait_for_the_disk(settings: Settings) -> None:
    with runtime_for(settings).database.read() as connection:
        engine = connection.engine
    sa.event.listen(engine, "connect", lambda driver, _record: driver.execute("PRAGMA synchronous=FULL"))
    engine.dispose()  # what is connected already does not wait
