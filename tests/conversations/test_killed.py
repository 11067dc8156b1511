"""An export that is killed at any of its steps and begun again: each thread is one conversation, and what else was made is told of."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import Gate, OfflineUpstream
from budget import THOROUGH
from stores import Files, Postgres
from torture.nursery import Nursery, nursery

from .conftest import KEY, Done, texts_of

pytestmark = pytest.mark.long

TEXTS = {"long": [f"long{number}" for number in range(25)], "short": ["short0"]}


@pytest.fixture(scope="module")
def processes() -> Iterator[Nursery]:
    with nursery("conversations.dying") as found:
        yield found


@pytest.fixture
def environment(base_url: str, store: str) -> dict[str, str]:
    return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url, "ASSISTANTS_COMPAT_STORE": store}


def filled(client: openai.OpenAI) -> dict[str, str]:
    """Threads by their names."""
    made: dict[str, str] = {}
    for name, texts in TEXTS.items():
        messages: Any = [{"role": "user", "content": text} for text in texts[:20]]
        made[name] = client.beta.threads.create(messages=messages).id
        for text in texts[20:]:
            client.beta.threads.messages.create(made[name], role="assistant", content=text)
    return made


class Export:
    """One process's export of a store, which may have ended in the middle of it."""

    def __init__(self, processes: Nursery, environment: dict[str, str], folder: Path, kill_at: int = 0) -> None:
        self.killed_before: str | None = None
        self.steps: list[str] = []
        with processes.process(environment=environment, kill_at=kill_at) as process:
            process.send("export", words=["--at-once", "1", str(folder)])
            for line in process.lines():
                self.killed_before = line.get("killed before", self.killed_before)
                if "done" in line:
                    assert line["done"]["code"] == 0, line["done"]
                    self.steps = line["done"]["steps"]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_wherever_it_is_killed_the_next_one_goes_on(
    processes: Nursery,
    environment: dict[str, str],
    stores: Files | Postgres,
    upstream: OfflineUpstream,
    native: openai.OpenAI,
    tmp_path: Path,
) -> None:
    def lived_through(kill_at: int) -> tuple[Export, int]:
        """An export that is killed there, and the next one; the first of them, and how many conversations nobody knows of."""
        upstream._memory.conversations.clear()
        folder = tmp_path / str(kill_at)
        folder.mkdir()
        with stores.new(folder) as store:
            with openai.OpenAI(api_key=KEY, http_client=upstream.http_client()) as client:
                attach(client, Settings(store=store))
                threads = filled(client)
            own = {**environment, "ASSISTANTS_COMPAT_STORE": store}
            first = Export(processes, own, folder / "map", kill_at)
            if first.killed_before is not None:
                Export(processes, own, folder / "map")
        where = (kill_at, first.killed_before)
        done = Done(0, "", folder / "map")
        assert {name: texts_of(native, done.map[threads[name]]) for name in threads} == TEXTS, where
        others = {id: conversation for id, conversation in upstream._memory.conversations.items() if id not in done.map.values()}
        assert all(conversation.items == [] for conversation in others.values()), where
        told = done.report["lost"]
        assert {conversation.metadata["assistants_compat_thread"] for conversation in others.values()} <= set(told), where
        assert len(others) <= sum(told.values()), where
        return first, len(others)

    steps = lived_through(0)[0].steps
    assert {"asks: POST conversation", "is answered: POST conversation", "asks: POST items", "is answered: POST items"} <= set(steps)
    lost = 0
    for place in chosen(steps):
        first, others = lived_through(place + 1)
        assert first.killed_before == steps[place]
        lost += others
    assert lost > 0  # between a conversation and word of it


def chosen(steps: list[str]) -> list[int]:
    """The places of all steps, or of the first and the last of each kind."""
    if THOROUGH:
        return list(range(len(steps)))
    first = {step: place for place, step in reversed(list(enumerate(steps)))}
    last = {step: place for place, step in enumerate(steps)}
    return sorted({*first.values(), *last.values()})


def test_an_interrupt_ends_it_at_a_point_from_which_it_goes_on(
    processes: Nursery, environment: dict[str, str], client: openai.OpenAI, upstream: OfflineUpstream, native: openai.OpenAI, tmp_path: Path
) -> None:
    threads = filled(client)
    gate = Gate()
    upstream.fail("POST /conversations/*/items", gate)
    with processes.process(environment=environment, kill_at=0) as process:
        process.send("export", words=["--at-once", "1", str(tmp_path / "map")])
        gate.wait_reached()
        os.kill(process._pid, signal.SIGINT)
        gate.open()
        ended = process.answer()
    assert ended["code"] == 130, ended
    assert "Stopped: Interrupted. The same command goes on from here." in ended["said"]
    Export(processes, environment, tmp_path / "map")
    done = Done(0, "", tmp_path / "map")
    assert {name: texts_of(native, done.map[threads[name]]) for name in threads} == TEXTS
    assert len(upstream._memory.conversations) == 2
    assert done.report["lost"] == {}


def test_one_at_a_time_works_on_a_store(
    export: Callable[..., Done],
    thread_of: Callable[..., str],
    processes: Nursery,
    environment: dict[str, str],
    upstream: OfflineUpstream,
    tmp_path: Path,
) -> None:
    thread_of(1)
    gate = Gate()
    upstream.fail("POST /conversations", gate)
    with processes.process(environment=environment, kill_at=0) as process:
        process.send("export", words=[str(tmp_path / "map")])
        gate.wait_reached()
        done = export()
        assert done.code == 2
        assert "Another 'export --to conversations' is at work on this store." in done.said
        gate.open()
        assert process.answer()["code"] == 0
    assert export().code == 0
    assert len(upstream._memory.conversations) == 1
