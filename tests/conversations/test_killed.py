"""An export that is killed at any of its steps and begun again: each thread is one conversation, whole, and what else was made is told of."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import Gate, OfflineUpstream
from stores import Files, Postgres
from torture.nursery import Nursery, Worker, nursery

from .conftest import KEY, Done, texts_of

TEXTS = {"long": [f"long{number}" for number in range(45)], "short": ["short0"]}


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
        messages: Any = [{"role": "user", "content": text} for text in texts[:32]]
        made[name] = client.beta.threads.create(messages=messages).id
        for text in texts[32:]:
            client.beta.threads.messages.create(made[name], role="assistant", content=text)
    return made


def exported(process: Worker, folder: Path) -> str | None:
    """The step before which the process was killed; None where it came to its end."""
    process.send("export", words=["--at-once", "1", str(folder)])
    killed = None
    for line in process.lines():
        killed = line.get("killed before", killed)
        if "done" in line:
            assert line["done"]["code"] == 0, line["done"]
    return killed


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_wherever_it_is_killed_the_next_one_goes_on(
    processes: Nursery,
    environment: dict[str, str],
    stores: Files | Postgres,
    upstream: OfflineUpstream,
    native: openai.OpenAI,
    tmp_path: Path,
) -> None:
    kills: Counter[str] = Counter()
    lost = 0
    for kill_at in range(1, 1000):
        upstream._memory.conversations.clear()
        folder = tmp_path / str(kill_at)
        folder.mkdir()
        with stores.new(folder) as store:
            with openai.OpenAI(api_key=KEY, http_client=upstream.http_client()) as client:
                attach(client, Settings(store=store))
                threads = filled(client)
            own = {**environment, "ASSISTANTS_COMPAT_STORE": store}
            with processes.process(environment=own, kill_at=kill_at) as process:
                killed = exported(process, folder / "map")
            if killed is None:
                break
            kills[killed] += 1
            with processes.process(environment=own, kill_at=0) as process:
                assert exported(process, folder / "map") is None
        done = Done(0, "", folder / "map")
        for name, thread_id in threads.items():
            assert texts_of(native, done.map[thread_id]) == TEXTS[name], (kill_at, killed)
        others = {id: conversation for id, conversation in upstream._memory.conversations.items() if id not in done.map.values()}
        assert all(conversation.items == [] for conversation in others.values()), (kill_at, killed)
        told = done.report["lost"]
        assert len(others) <= sum(told.values()), (kill_at, killed)
        assert {str(conversation.metadata["assistants_compat_thread"]) for conversation in others.values()} <= set(told)
        lost += len(others)
    assert lost > 0  # between the conversation and word of it
    assert kills.keys() >= {
        "asks: POST conversation",
        "is answered: POST conversation",
        "asks: POST items",
        "is answered: POST items",
        "COMMIT",
    }
    assert kills["puts a file in its place"] == 4


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
    with processes.process(environment=environment, kill_at=0) as process:
        assert exported(process, tmp_path / "map") is None
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
