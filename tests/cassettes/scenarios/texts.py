"""Scenarios that are about words: polled, streamed, in a schema, seen in pictures, in one call, from an async program."""

from __future__ import annotations

import json
from typing import Any

import anyio

from assistants_compat.testing import Text, Turn, png

from ..models import REASONING, TEXT
from ..stage import Stage
from .scenario import offline

TUTOR = "You are a maths tutor. Answer in one short sentence."
EQUATION = "I need to solve the equation `3x + 11 = 14`. Can you help me?"


@offline("Subtract 11 from both sides and divide by 3: x = 1.", "Put it in: 3 · 1 + 11 = 14, so it is right.")
def text_by_polling(stage: Stage) -> None:
    """Two runs of one thread, so that the second sends the first one's answer."""
    with stage.client() as client:
        assistant = client.beta.assistants.create(name="Tutor", instructions=TUTOR, model=TEXT)
        thread = client.beta.threads.create()
        for question in (EQUATION, "How do I check that?"):
            client.beta.threads.messages.create(thread.id, role="user", content=question)
            run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
            stage.show("run", run)
            stage.show("step", *client.beta.threads.runs.steps.list(run.id, thread_id=thread.id, order="asc"))
        stage.show("message", *client.beta.threads.messages.list(thread.id, order="asc"))


@offline("x = 1: “11” goes to the other side – then divide by 3 ✓.")
def text_by_streaming(stage: Stage) -> None:
    with stage.client() as client:
        assistant = client.beta.assistants.create(instructions=TUTOR, model=TEXT)
        thread = client.beta.threads.create(messages=[{"role": "user", "content": EQUATION}])
        with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
            stage.show_events(stream)
            stage.show("final message", *stream.get_final_messages())


CITY: Any = {
    "type": "json_schema",
    "json_schema": {
        "name": "city",
        "description": "A city of the world",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "country": {"type": "string"}, "population": {"type": "integer"}},
            "required": ["name", "country", "population"],
            "additionalProperties": False,
        },
    },
}


@offline(Text('{"name":"Oslo","country":"Norway","population":717710}'))
def json_schema(stage: Stage) -> None:
    with stage.client() as client:
        assistant = client.beta.assistants.create(model=TEXT, response_format=CITY)
        run = client.beta.threads.create_and_run_poll(
            assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "The capital of Norway."}]}
        )
        stage.show("run", run)
        (answer,) = client.beta.threads.messages.list(run.thread_id, limit=1).data
        stage.show("message", answer)
        assert list(json.loads(answer.content[0].text.value)) == ["name", "country", "population"]  # type: ignore[union-attr]


PICTURE = "https://www.python.org/static/img/python-logo.png"


@offline("The first picture is plain grey; the second is a logo.", "Grey.")
def images_in(stage: Stage) -> None:
    """A picture that was uploaded and one on the web; the next run sends both again."""
    with stage.client() as client:
        grey = client.files.create(file=("grey.png", png(64, 64)), purpose="vision")
        content: Any = [
            {"type": "text", "text": "What do these two pictures show? Answer in one short sentence."},
            {"type": "image_file", "image_file": {"file_id": grey.id, "detail": "low"}},
            {"type": "image_url", "image_url": {"url": PICTURE}},
        ]
        assistant = client.beta.assistants.create(model=TEXT)
        thread = client.beta.threads.create(messages=[{"role": "user", "content": content}])
        stage.show("run", client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id))
        client.beta.threads.messages.create(thread.id, role="user", content="Which colour has the first one? One word.")
        stage.show("run", client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id))
        stage.show("message", *client.beta.threads.messages.list(thread.id, order="asc"))


@offline("Hello! How can I help?", "Bonjour !")
def create_thread_and_run(stage: Stage) -> None:
    """In one call, polled and streamed, with instructions for this run only."""
    with stage.client() as client:
        assistant = client.beta.assistants.create(model=TEXT, instructions="Greet back, in two or three words.")
        greeting: Any = {"messages": [{"role": "user", "content": "Hello", "metadata": {"page": "1"}}], "metadata": {"topic": "greetings"}}
        run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=greeting)
        stage.show("run", run)
        stage.show("thread", client.beta.threads.retrieve(run.thread_id))
        stage.show("message", *client.beta.threads.messages.list(run.thread_id, order="asc"))
        stage.show_events(
            client.beta.threads.create_and_run(
                assistant_id=assistant.id, thread=greeting, instructions="Greet back in French.", temperature=1, stream=True
            )
        )


@offline("One, two, three.", Turn("Four, five, six."), Turn("Seven, eight, nine."))
def async_program(stage: Stage) -> None:
    """The async client: a run that is polled, then two that are streamed."""

    async def main() -> None:
        async with stage.async_client() as client:
            assistant = await client.beta.assistants.create(model=REASONING, instructions="Count on by three, in words.")
            run = await client.beta.threads.create_and_run_poll(
                assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Begin with one."}]}
            )
            stage.show("run", run)
            for question in ("Go on.", "And on."):
                await client.beta.threads.messages.create(run.thread_id, role="user", content=question)
                stream = await client.beta.threads.runs.create(run.thread_id, assistant_id=assistant.id, stream=True)
                await stage.show_async_events(stream)
            stage.show("message", *[message async for message in client.beta.threads.messages.list(run.thread_id, order="asc")])

    anyio.run(main)
