"""What the tests of a run's life share: threads to run, ways to wait without sleeping, and what a sound thread looks like."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import openai
from sqlalchemy import select

from assistants_compat.runs.lifecycle import TERMINAL, WORKING
from assistants_compat.runs.runtime import Runtime
from assistants_compat.store import runs as stored_runs
from assistants_compat.store.tables import items
from assistants_compat.testing import OfflineUpstream

PATIENCE = 20.0
"""Seconds after which a test that waits has failed."""

WEATHER: Any = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}


class Conversation:
    """An assistant, a thread with a question in it, and what a program does with them."""

    def __init__(
        self, client: openai.OpenAI, upstream: OfflineUpstream, runtime: Runtime, *, tools: Any = (), model: str = "gpt-4o"
    ) -> None:
        self.client, self.upstream, self.runtime = client, upstream, runtime
        self.assistant = client.beta.assistants.create(model=model, tools=list(tools))
        self.thread = client.beta.threads.create(messages=[{"role": "user", "content": "How are you?"}])

    @property
    def runs(self) -> Any:
        return self.client.beta.threads.runs

    def start(self, **parameters: Any) -> Any:
        return self.runs.create(thread_id=self.thread.id, assistant_id=self.assistant.id, **parameters)

    def get(self, run_id: str) -> Any:
        return self.runs.retrieve(run_id, thread_id=self.thread.id)

    def cancel(self, run_id: str) -> Any:
        return self.runs.cancel(run_id, thread_id=self.thread.id)

    def submit(self, run: Any, output: str = "Sunny", **parameters: Any) -> Any:
        outputs = [{"tool_call_id": call.id, "output": output} for call in run.required_action.submit_tool_outputs.tool_calls]
        return self.runs.submit_tool_outputs(run.id, thread_id=self.thread.id, tool_outputs=outputs, **parameters)

    def settled(self, run_id: str) -> Any:
        """The run, once nobody is at work on it any more."""
        moved = lambda: self.stored(run_id).status not in WORKING  # noqa: E731
        assert self.runtime.moved.wait(moved, PATIENCE), f"the run is still {self.stored(run_id).status}"
        return self.get(run_id)

    def stored(self, run_id: str) -> Any:
        """The run as the store has it, not looked after."""
        with self.runtime.database.read() as connection:
            run = stored_runs.get(connection, run_id)
        assert run is not None
        return run

    def messages(self) -> list[tuple[str, str]]:
        """Role and text of the thread's messages, oldest first."""
        listed = self.client.beta.threads.messages.list(self.thread.id, order="asc", limit=100)
        return [(message.role, message.content[0].text.value) for message in listed]  # type: ignore[union-attr]

    def raw_messages(self, run_id: str) -> list[dict[str, Any]]:
        """A run's messages in the store, with what JSON replies hide."""
        with self.runtime.database.read() as connection:
            bodies = connection.execute(
                select(items.c.body).where(items.c.run_id == run_id, items.c.type == "message").order_by(items.c.seq)
            ).scalars()
            return [json.loads(body) for body in bodies]

    def steps(self, run_id: str) -> list[Any]:
        """A run's steps, oldest first."""
        return list(self.runs.steps.list(run_id, thread_id=self.thread.id, order="asc"))

    def goes_on(self) -> None:
        """The thread is free, and the next run's history is one that the upstream accepts."""
        self.client.beta.threads.messages.create(self.thread.id, role="user", content="And now?")
        self.upstream.script("Now all is well.")
        run = self.runs.create_and_poll(thread_id=self.thread.id, assistant_id=self.assistant.id)
        assert (run.status, run.last_error) == ("completed", None)
        assert self.messages()[-1] == ("assistant", "Now all is well.")
        assert self.upstream.unused == 0


class Reader:
    """Reads a stream in a thread of its own and keeps its events."""

    def __init__(self, stream: Any) -> None:
        self.events: list[Any] = []
        self.error: Exception | None = None
        self._condition = threading.Condition()
        self._over = False
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: Any) -> None:
        try:
            for event in stream:
                with self._condition:
                    self.events.append(event)
                    self._condition.notify_all()
        except Exception as error:  # noqa: BLE001 - for the test's own thread to raise
            self.error = error
        with self._condition:
            self._over = True
            self._condition.notify_all()

    @property
    def names(self) -> list[str]:
        return [event.event for event in self.events]

    def wait_for(self, name: str, count: int = 1) -> None:
        """Until so many events of this name have come."""
        self._wait(lambda: self.names.count(name) >= count, f"no {name}")

    def finish(self) -> list[str]:
        """The names of all events, once the stream has ended by itself."""
        self._wait(lambda: self._over, "the stream did not end")
        self._thread.join(PATIENCE)
        if self.error is not None:
            raise self.error
        return self.names

    @property
    def run_id(self) -> str:
        self.wait_for("thread.run.created")
        return str(self.last("thread.run.created").id)

    def last(self, name: str) -> Any:
        """The data of the last event of this name."""
        return next(event.data for event in reversed(self.events) if event.event == name)

    def _wait(self, ready: Callable[[], bool], otherwise: str) -> None:
        with self._condition:
            assert self._condition.wait_for(ready, PATIENCE), f"{otherwise}; there were {self.names}"


def nulls_of_a_terminal(run: Any) -> None:
    """What every run that is over has in common (recorded)."""
    assert run.status in TERMINAL
    assert run.expires_at is None
    assert run.required_action is None
    assert run.usage is not None
    stamps = {
        "completed": "completed_at",
        "incomplete": "completed_at",
        "expired": "completed_at",
        "failed": "failed_at",
        "cancelled": "cancelled_at",
    }
    expected = stamps[run.status]
    for stamp in ("completed_at", "failed_at", "cancelled_at"):
        assert (getattr(run, stamp) is not None) == (stamp == expected), stamp
    assert (run.last_error is not None) == (run.status == "failed")
    assert (run.incomplete_details is not None) == (run.status == "incomplete")
