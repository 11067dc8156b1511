"""Work that cannot be started, and threads that are gone before it ends: nothing stays behind."""

from __future__ import annotations

import threading
from typing import Any

import openai
import pytest

from assistants_compat.runs.runtime import Runtime
from assistants_compat.testing import Gate, OfflineUpstream, Text, Turn


def test_a_run_whose_work_cannot_be_started_is_begun_by_the_next_look(
    client: openai.OpenAI, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    start = threading.Thread.start

    def none_left(thread: threading.Thread) -> None:
        if thread.name.startswith("assistants-compat-run"):
            raise RuntimeError("can't start new thread")
        start(thread)

    assistant = client.beta.assistants.create(model="gpt-4o")
    thread: Any = {"messages": [{"role": "user", "content": "Hello"}]}
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none_left)
        run = client.beta.threads.create_and_run(assistant_id=assistant.id, thread=thread)
    assert run.status == "queued"
    assert runtime.executions == {}
    assert "could not be started" in caplog.text
    assert client.beta.threads.runs.poll(run.id, run.thread_id).status == "completed"


def test_a_deleted_thread_leaves_nothing_to_watch(client: openai.OpenAI, upstream: OfflineUpstream, runtime: Runtime) -> None:
    gate = Gate()
    upstream.script(Turn(Text("Never heard."), hold=gate))
    assistant = client.beta.assistants.create(model="gpt-4o")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
    client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)
    gate.wait_reached(timeout=30)
    client.beta.threads.delete(thread.id)
    gate.open()
    assert runtime.keeper._deadlines == {}
    assert runtime.executions == {}
