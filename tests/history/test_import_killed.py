"""An import that is killed leaves a store that the next one completes; two at the same time do not get into each other's way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import openai
import pytest

from .conftest import Done, Saved, lines, texts

pytestmark = pytest.mark.long

THREADS, MESSAGES = 24, 60


def of(number: int, count: int = MESSAGES) -> list[dict[str, object]]:
    thread_id = f"thread_{number}"
    return [
        Saved.thread(id=thread_id),
        *(Saved.message(n, thread_id=thread_id, id=f"msg_{number}_{n}") for n in range(count, 0, -1)),
        Saved.run(id=f"run_{number}", thread_id=thread_id),
        Saved.step(id=f"step_{number}", thread_id=thread_id, run_id=f"run_{number}"),
    ]


def threads_there(client: openai.OpenAI) -> list[int]:
    """The numbers of messages of each thread that is there."""
    found = []
    for number in range(THREADS):
        try:
            found.append(len(texts(client, f"thread_{number}")))
        except openai.NotFoundError:
            continue
    return found


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 12])
def test_a_killed_import_leaves_whole_threads_and_the_next_one_brings_the_others(
    threads: int, command: Callable[..., Done], client: openai.OpenAI, store: str, tmp_path: Path
) -> None:
    (tmp_path / "saved.jsonl").write_bytes(lines(*(each for number in range(THREADS) for each in of(number))))
    environ = {**os.environ, "ASSISTANTS_COMPAT_STORE": store, "TMPDIR": str(tmp_path)}
    arguments = [sys.executable, "-m", "assistants_compat", "import", str(tmp_path / "saved.jsonl")]
    process = subprocess.Popen(arguments, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            client.beta.threads.retrieve(f"thread_{threads}")
            break
        except openai.NotFoundError:
            continue
    process.kill()
    process.wait()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    left = threads_there(client)
    assert left
    assert set(left) == {MESSAGES}
    assert {path.name for path in tmp_path.iterdir()} <= {"saved.jsonl", "new", "store.db", "store.db-wal", "store.db-shm"}

    done = command("import", tmp_path / "saved.jsonl", "--format", "json")
    assert done.code == 0
    assert done.json["result"]["thread"] == {"added": THREADS - len(left), "there": len(left), "kept": 0, "replaced": 0, "left": 0}
    assert threads_there(client) == [MESSAGES] * THREADS
    assert texts(client, "thread_7")[0] == "message 1"


@pytest.mark.slow
def test_two_imports_at_the_same_time_bring_everything_in_once(
    command: Callable[..., Done], client: openai.OpenAI, store: str, tmp_path: Path
) -> None:
    (tmp_path / "saved.jsonl").write_bytes(lines(*(each for number in range(THREADS) for each in of(number)), Saved.assistant()))
    environ = {**os.environ, "ASSISTANTS_COMPAT_STORE": store}
    arguments = [sys.executable, "-m", "assistants_compat", "import", str(tmp_path / "saved.jsonl"), "--format", "json"]
    both = [subprocess.Popen(arguments, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    told = [process.communicate() for process in both]
    assert [(process.returncode, errors) for process, (_, errors) in zip(both, told, strict=True)] == [(0, b"")] * 2
    added = [json.loads(out)["result"] for out, _ in told]
    assert sum(result["message"]["added"] for result in added) == THREADS * MESSAGES
    assert sum(result["thread"]["added"] for result in added) == THREADS
    assert threads_there(client) == [MESSAGES] * THREADS
