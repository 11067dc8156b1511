"""Scenarios of runs that end otherwise than by an answer, and of threads that are cut."""

from __future__ import annotations

import openai

from assistants_compat.testing import FunctionCall, Text

from ..models import GONE, TEXT
from ..stage import Stage
from .functions import WEATHER, begin, finish, outputs
from .scenario import offline


@offline(Text("Once upon a time there was a", incomplete=True))
def incomplete(stage: Stage) -> None:
    """The budget for the answer is spent in the middle of it."""
    with stage.client() as client:
        assistant = client.beta.assistants.create(model=TEXT)
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Tell me a long story."}])
        stage.show_events(client.beta.threads.runs.create(thread.id, assistant_id=assistant.id, max_completion_tokens=16, stream=True))
        stage.show("message", *client.beta.threads.messages.list(thread.id, order="asc"))


@offline("I am here.")
def failed(stage: Stage) -> None:
    """A model that is gone; the thread is free for another."""
    with stage.client() as client:
        assistant = client.beta.assistants.create(model=GONE)
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Are you there? Yes or no."}])
        stage.show("run", client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id))
        stage.show_events(client.beta.threads.runs.create(thread.id, assistant_id=assistant.id, stream=True))
        stage.show("run", client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, model=TEXT))
        stage.show("message", *client.beta.threads.messages.list(thread.id, order="asc"))


@offline(FunctionCall("get_weather", {"town": "Oslo"}), "All right, no weather.")
def cancelled(stage: Stage) -> None:
    """While it waits for its outputs, which is where a recording and its replay both stop. The next run must not send the open call."""
    with stage.client() as client:
        talk = begin(client, TEXT, "How is the weather in Oslo?", WEATHER)
        run = client.beta.threads.runs.create_and_poll(**talk, tool_choice="required")
        stage.show("run", run)
        stage.show("run", client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id))
        stage.show("run", client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id))
        stage.show("step", *client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id))
        client.beta.threads.messages.create(run.thread_id, role="user", content="Never mind. Just say all right.")
        finish(stage, client, client.beta.threads.runs.create_and_poll(**talk, tool_choice="none"))


@offline(FunctionCall("get_weather", {"town": "Oslo"}), "Hello.")
def expired(stage: Stage) -> None:
    """Nobody submits outputs for ten minutes; when somebody does, it is too late."""
    with stage.client() as client:
        talk = begin(client, TEXT, "How is the weather in Oslo?", WEATHER)
        run = client.beta.threads.runs.create_and_poll(**talk, tool_choice="required")
        stage.show("run", run)
        stage.clock.advance(600)
        try:
            client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, tool_outputs=outputs(run))
        except openai.BadRequestError as error:
            stage.show_error("too late", error)
        stage.show("run", client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id))
        client.beta.threads.messages.create(run.thread_id, role="user", content="Still there? Just say hello.")
        finish(stage, client, client.beta.threads.runs.create_and_poll(**talk, tool_choice="none"))


@offline("Three.", "Four.", "Five.")
def truncation(stage: Stage) -> None:
    """The newest messages only; then as much as a budget has room for, dropped from the middle; then everything."""
    with stage.client() as client:
        assistant = client.beta.assistants.create(model=TEXT, instructions="Count on by one, in words.")
        padding = " (I am counting slowly, and with a great many words around every number.)" * 8
        thread = client.beta.threads.create(
            messages=[
                {"role": "user", "content": "Let us count."},
                {"role": "assistant", "content": "One." + padding},
                {"role": "user", "content": "Go on." + padding},
                {"role": "assistant", "content": "Two."},
                {"role": "user", "content": "And on."},
            ]
        )
        for settings in ({"truncation_strategy": {"type": "last_messages", "last_messages": 2}}, {"max_prompt_tokens": 256}, {}):
            run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, **settings)  # type: ignore[arg-type]
            stage.show("run", run)
            client.beta.threads.messages.create(thread.id, role="user", content="And on.")
        stage.show("message", *client.beta.threads.messages.list(thread.id, order="asc"))
