"""Programs that take a run from its first request to its last, and tell of everything they were promised: each a life to be cut short."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import openai

from torture.speech import CODE, MODEL, WEATHER

Json = dict[str, Any]

Tell = Callable[[str, Any], None]
"""Called with a name and a value for each thing that a request was granted: `assistant`, `thread`, `message`, `run`."""


class Life:
    """A program's part in a run: what it has been promised so far is told."""

    def __init__(self, client: openai.OpenAI, name: str, tell: Tell) -> None:
        self.client = client
        self.name = name
        self.tell = tell

    def assistant(self, *tools: Json) -> str:
        assistant = self.client.beta.assistants.create(model=MODEL, tools=list(tools))  # type: ignore[arg-type]
        self.tell("assistant", assistant.id)
        return assistant.id

    def thread(self, text: str) -> str:
        thread = self.client.beta.threads.create(messages=[{"role": "user", "content": f"{self.name} first"}])
        self.tell("thread", thread.id)
        self.say(thread.id, text)
        return thread.id

    def say(self, thread: str, text: str) -> None:
        content = f"{self.name} {text}"
        message = self.client.beta.threads.messages.create(thread, role="user", content=content)
        self.tell("message", [message.id, content])

    def read(self, stream: Any) -> Any:
        """The run as the stream's last word of it says."""
        run = None
        for event in stream:
            if event.event.startswith("thread.run.") and not event.event.startswith("thread.run.step."):
                run = event.data
                if event.event == "thread.run.created":
                    self.tell("run", run.id)
        return run


def polled(life: Life) -> None:
    assistant, runs = life.assistant(), life.client.beta.threads.runs
    thread = life.thread("polls")
    for text in ("goes on", "ends"):
        run = runs.create(thread_id=thread, assistant_id=assistant)
        life.tell("run", run.id)
        runs.poll(run.id, thread_id=thread)
        life.say(thread, text)


def streamed(life: Life) -> None:
    assistant, runs = life.assistant(), life.client.beta.threads.runs
    thread = life.thread("streams")
    more: Any = [{"role": "user", "content": f"{life.name} adds"}]
    life.read(runs.create(thread_id=thread, assistant_id=assistant, additional_messages=more, stream=True))
    life.say(thread, "ends")


def function_polled(life: Life) -> None:
    assistant, runs = life.assistant(WEATHER), life.client.beta.threads.runs
    thread = life.thread("asks for the weather")
    run = runs.create(thread_id=thread, assistant_id=assistant)
    life.tell("run", run.id)
    run = runs.poll(run.id, thread_id=thread)
    runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=thread, tool_outputs=outputs(run))
    life.say(thread, "ends")


def function_streamed(life: Life) -> None:
    assistant, runs = life.assistant(WEATHER), life.client.beta.threads.runs
    thread = life.thread("streams for the weather")
    run = life.read(runs.create(thread_id=thread, assistant_id=assistant, stream=True))
    life.read(runs.submit_tool_outputs(run_id=run.id, thread_id=thread, tool_outputs=outputs(run), stream=True))
    life.say(thread, "ends")


def code(life: Life) -> None:
    assistant, runs = life.assistant(CODE), life.client.beta.threads.runs
    thread = life.thread("wants code")
    run = runs.create(thread_id=thread, assistant_id=assistant)
    life.tell("run", run.id)
    runs.poll(run.id, thread_id=thread)
    for file in life.client.files.list(purpose="assistants_output"):
        life.client.files.content(file.id).read()


def cancelled(life: Life) -> None:
    assistant, runs = life.assistant(), life.client.beta.threads.runs
    thread = life.thread("listens slowly")
    stream = iter(runs.create(thread_id=thread, assistant_id=assistant, stream=True))
    run = next(stream).data
    life.tell("run", run.id)  # type: ignore[union-attr]
    with suppress(openai.BadRequestError):  # on a busy machine the model may have been faster
        runs.cancel(run.id, thread_id=thread)  # type: ignore[union-attr,arg-type]
    life.read(stream)
    life.say(thread, "ends")


def at_once(life: Life) -> None:
    """Thread and run in one request."""
    assistant, threads = life.assistant(), life.client.beta.threads
    messages: Any = [{"role": "user", "content": f"{life.name} asks at once"}]
    for event in threads.create_and_run(assistant_id=assistant, thread={"messages": messages}, stream=True):
        if event.event == "thread.created":
            life.tell("thread", event.data.id)
        elif event.event == "thread.run.created":
            life.tell("run", event.data.id)


LIVES: dict[str, Callable[[Life], None]] = {
    "polled": polled,
    "streamed": streamed,
    "function, polled": function_polled,
    "function, streamed": function_streamed,
    "code and its file": code,
    "cancelled": cancelled,
    "thread and run at once": at_once,
}


def outputs(run: Any) -> Any:
    calls = run.required_action.submit_tool_outputs.tool_calls
    return [{"tool_call_id": call.id, "output": "Sunny"} for call in calls]
