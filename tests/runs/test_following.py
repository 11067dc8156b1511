"""A stream whose run another process has taken over is told what came of it there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from assistants_compat.runs.following import retold
from assistants_compat.runs.runtime import Runtime, runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.store import runs as stored_runs
from assistants_compat.testing import FunctionCall, Gate, OfflineUpstream, Text, Turn
from clients import sdk_family
from stores import close_all_on

from .helpers import PATIENCE, WEATHER

WORDS = Text("One two three", chunks=("One", " two", " three"))
LEASE = 0.6
"""Every third of it a process that is at work finds out whether it still is."""


class Program:
    """On the test's store, with a runtime of its own, as another process has it."""

    def __init__(self, upstream: OfflineUpstream, settings: Settings) -> None:
        family = sdk_family()
        http_client = family.Client(transport=upstream.transport(family.__name__))
        self.client = openai.OpenAI(api_key="sk-test", max_retries=0, http_client=http_client)
        attach(self.client, settings)
        self.runtime: Runtime = runtime_for(settings)

    @property
    def runs(self) -> Any:
        return self.client.beta.threads.runs


class Scene:
    """A stream of a program that stands still in the middle of its text, while another program takes its run over."""

    def __init__(self, upstream: OfflineUpstream, make: Callable[[], Program], **parameters: Any) -> None:
        self.displaced, self.other = make(), make()
        self.other.runtime.clock = lambda: time.time() + 60  # sees no sign of life
        beta = self.displaced.client.beta
        assistant = beta.assistants.create(model="gpt-4o", tools=[WEATHER])
        self.thread = beta.threads.create(messages=[{"role": "user", "content": "How are you?"}])
        self.gate = Gate("response.output_text.delta")
        upstream.script(Turn(WORDS, hold=self.gate))
        self.heard: list[Any] = []
        self._stream = beta.threads.runs.create(thread_id=self.thread.id, assistant_id=assistant.id, stream=True, **parameters)
        self.run = next(event.data for event in self._stream if event.event == "thread.run.created")
        self._reader = threading.Thread(target=lambda: self.heard.extend(self._stream))
        self._reader.start()
        self.gate.wait_reached()

    def taken_over(self) -> Any:
        """The run as it stands when the other program has begun with it."""
        return self.other.runs.retrieve(self.run.id, thread_id=self.thread.id)

    def story(self) -> list[Any]:
        """What the stream has told after the text it stood still in, once it has ended by itself."""
        self._reader.join(PATIENCE)
        assert not self._reader.is_alive()
        names = [event.event for event in self.heard]
        return self.heard[names.index("thread.message.in_progress") + 1 :]


Make = Callable[[], Program]


@pytest.fixture
def make(upstream: OfflineUpstream, store: str, tmp_path: Path) -> Iterator[Make]:
    made: list[Program] = []

    def program() -> Program:
        more: Any = {"hold": 0.0} if made else {"lease": LEASE}
        made.append(Program(upstream, Settings(store=store, files=tmp_path / "store.db.files", **more)))
        return made[-1]

    yield program
    for each in made:
        each.client.close()
    close_all_on(store)


@pytest.fixture
def scene(upstream: OfflineUpstream, make: Make) -> Iterator[Scene]:
    scene = Scene(upstream, make)
    yield scene
    scene.gate.open()


def told(story: list[Any]) -> list[str]:
    return [event.event.removeprefix("thread.") for event in story if not event.event.endswith(("delta", "done"))]


def test_its_answer_is_told_whole(scene: Scene, upstream: OfflineUpstream) -> None:
    upstream.script(WORDS)
    run = scene.taken_over()
    story = scene.story()
    assert told(story) == [
        "run.step.created",
        "run.step.in_progress",
        "message.created",
        "message.in_progress",
        "message.completed",
        "run.step.completed",
        "run.completed",
    ]
    (message,) = scene.other.client.beta.threads.messages.list(scene.thread.id, run_id=run.id).data
    completed = next(event.data for event in story if event.event == "thread.message.completed")
    delta = next(event.data for event in story if event.event == "thread.message.delta" and event.data.id == message.id)
    assert (completed.id, completed.content) == (message.id, message.content)
    assert delta.delta.content[0].text.value == "One two three"


def test_it_ends_where_the_other_process_asks_for_outputs(scene: Scene, upstream: OfflineUpstream) -> None:
    upstream.script(FunctionCall("get_weather", {}))
    scene.taken_over()
    story = scene.story()
    run = scene.taken_over()
    assert told(story) == ["run.step.created", "run.step.in_progress", "run.requires_action"]
    asked = story[-1].data.required_action.submit_tool_outputs.tool_calls
    delta = next(event.data for event in story if event.event == "thread.run.step.delta")
    assert [call.id for call in asked] == [call.id for call in run.required_action.submit_tool_outputs.tool_calls]
    assert [call.id for call in delta.delta.step_details.tool_calls] == [call.id for call in asked]


def test_it_ends_when_the_run_is_cancelled_there(scene: Scene, upstream: OfflineUpstream) -> None:
    gate = Gate("response.output_text.delta")
    upstream.script(Turn(WORDS, hold=gate))
    scene.taken_over()
    gate.wait_reached()
    assert scene.displaced.runtime.moved.wait(lambda: scene.displaced.runtime.elsewhere.follows, PATIENCE)
    scene.other.runs.cancel(scene.run.id, thread_id=scene.thread.id)
    assert told(scene.story())[-1] == "run.cancelled"
    gate.open()


def test_it_ends_when_the_thread_is_deleted_there(scene: Scene, upstream: OfflineUpstream) -> None:
    gate = Gate("response.output_text.delta")
    upstream.script(Turn(WORDS, hold=gate))
    scene.taken_over()
    gate.wait_reached()
    assert scene.displaced.runtime.moved.wait(lambda: scene.displaced.runtime.elsewhere.follows, PATIENCE)
    scene.other.client.beta.threads.delete(scene.thread.id)
    assert told(scene.story()) == []
    gate.open()


def test_a_process_that_ends_ends_it(scene: Scene, upstream: OfflineUpstream) -> None:
    gate = Gate("response.output_text.delta")
    upstream.script(Turn(WORDS, hold=gate))
    scene.taken_over()
    gate.wait_reached()
    assert scene.displaced.runtime.moved.wait(lambda: scene.displaced.runtime.elsewhere.follows, PATIENCE)
    scene.displaced.runtime.leave_to_others()
    assert told(scene.story()) == []
    gate.open()


# -- what is told, from what was heard


def message(text: str, annotations: Any = ()) -> Any:
    content = [{"type": "text", "text": {"value": text, "annotations": list(annotations)}}]
    return {"id": "msg_1", "status": "completed", "content": content, "thread_id": "thread_1"}


def step(status: str = "completed") -> Any:
    details = {"type": "message_creation", "message_creation": {"message_id": "msg_1"}}
    return {"id": "step_1", "type": "message_creation", "status": status, "step_details": details}


def events(said: Any, heard: str | None) -> list[Any]:
    progress = {"shows_results": False}
    body = {"id": "run_1", "status": "completed", "tool_resources": {}, "expires_at": 1}
    run = stored_runs.Run(body, progress, 0.0, None, 0.0, 1)
    drafts = {} if heard is None else {"msg_1": message(heard)}
    lines = retold(run, [step()], {"msg_1": said}, ["step_1"], drafts)
    return [line.decode().partition("\n")[0].removeprefix("event: thread.") + deltas(line) for line in lines]


def deltas(line: bytes) -> str:
    return " " + line.decode().split('"value":"')[1].split('"')[0] if b"thread.message.delta" in line else ""


@pytest.mark.parametrize(
    ("heard", "rest"),
    [("One", ["message.delta  two"]), ("", ["message.delta One two"]), ("One two", []), ("Two", []), (None, ["message.delta One two"])],
)
def test_of_a_message_that_was_heard_in_part_the_rest_is_told(heard: str | None, rest: list[str]) -> None:
    assert events(message("One two"), heard) == [*rest, "message.completed", "run.step.completed", "run.completed"]
