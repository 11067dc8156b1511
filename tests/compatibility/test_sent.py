"""What is really sent, in a conversation that has everything in it, is what the table lists, and the other way round."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import openai
import pytest

from assistants_compat.runs.runtime import Runtime
from assistants_compat.testing import (
    Cite,
    CodeInterpreter,
    Failed,
    FileSearch,
    FunctionCall,
    Gate,
    OfflineUpstream,
    Refusal,
    Text,
    Turn,
    png,
)
from compatibility.entry import Kind, names_of
from compatibility.names import of_json
from compatibility.table import rows
from runs.helpers import Conversation, Reader

FIELDS = list(rows(Kind.FIELD, Kind.PART))
CONTENT: Any = ["step_details.tool_calls[*].file_search.results[*].content"]
WORDS = Text("One two three", chunks=("One", " two", " three"))
FUNCTION: Any = {
    "type": "function",
    "function": {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}}, "strict": False},
}
SEARCH: Any = {"type": "file_search", "file_search": {"max_num_results": 5}}
CODE: Any = {"type": "code_interpreter"}
FORMAT: Any = {"type": "json_schema", "json_schema": {"name": "s", "description": "d", "schema": {"type": "object"}, "strict": False}}

# Listed, because the SDK's types have them, and never sent.
UNSENT = {
    "thread.run.step": {"metadata"},
    "thread.message.delta": {
        "delta.role",
        *(f"delta.content[].{name}" for name in ("image_url", "image_url.url", "image_url.detail", "image_file.detail")),
    },
    "thread.run.step.delta": {"delta.step_details.message_creation", "delta.step_details.message_creation.message_id"},
}


class Heard:
    """The names of all objects that came, and of all events."""

    def __init__(self) -> None:
        self.names: dict[str, set[str]] = defaultdict(set)
        self.events: set[str] = set()

    def object(self, value: Any) -> Any:
        """An object of the SDK's, or a list of them, as it came."""
        self._json(value.to_dict(mode="json"))
        return value

    def stream(self, reader: Reader) -> Reader:
        reader.finish()
        for event in reader.events:
            self.events.add(event.event)
            self._json(event.data.to_dict(mode="json"))
        return reader

    def _json(self, value: Any) -> None:
        if value["object"] == "list":
            self.names["list"] |= set(value)
            for item in value["data"]:
                self._json(item)
        else:
            self.names[value["object"]] |= set(of_json(value))


def everything(talk: Conversation, upstream: OfflineUpstream, clock: Any, heard: Heard) -> None:
    beta = talk.client.beta
    file = upstream.put_file("food.txt", b"Filip likes cake.")
    resources: Any = {"code_interpreter": {"file_ids": [file]}, "file_search": {"vector_stores": [{"file_ids": [file]}]}}
    assistant = heard.object(
        beta.assistants.create(model="gpt-4o", tools=[FUNCTION, SEARCH, CODE], tool_resources=resources, response_format=FORMAT)
    )
    heard.object(beta.assistants.list())
    content: Any = [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "https://example.test/a.png"}},
        {"type": "image_file", "image_file": {"file_id": file}},
    ]
    attachments: Any = [{"file_id": file, "tools": [CODE, {"type": "file_search"}]}]
    message = heard.object(beta.threads.messages.create(talk.thread.id, role="user", content=content, attachments=attachments))
    heard.object(beta.threads.messages.update(message.id, thread_id=talk.thread.id, metadata={"a": "b"}))
    heard.object(beta.threads.retrieve(talk.thread.id))

    def run(*answers: Any, **more: Any) -> Reader:
        upstream.script(*answers)
        given = {"assistant_id": assistant.id, "include": CONTENT, **more}
        return heard.stream(Reader(beta.threads.runs.create(talk.thread.id, stream=True, **given)))

    run(Turn(FileSearch("Filip"), Text("Filip likes cake.", annotations=(Cite("food.txt"),))), tool_choice={"type": "file_search"})
    run(Turn(CodeInterpreter("print(3)", logs="3"), WORDS), truncation_strategy={"type": "last_messages", "last_messages": 3})
    drawn = CodeInterpreter("draw()", images=[png()], files={"a.csv": b"1"})
    run(Turn(drawn, "Here: sandbox:/mnt/data/a.csv"))
    made = heard.object(talk.client.files.list(purpose="assistants_output")).data
    heard.object(talk.client.files.delete(made[0].id))
    run(Refusal("I would rather not."))
    run(Text("So much and", incomplete=True))
    run(Failed("server_error", "Oops.", (WORDS,)))
    waiting = run(FunctionCall("f"), tool_choice={"type": "function", "function": {"name": "f"}})
    asked = waiting.last("thread.run.requires_action")
    calls = asked.required_action.submit_tool_outputs.tool_calls
    upstream.script("Done.")
    outputs: Any = [{"tool_call_id": call.id, "output": "ok"} for call in calls]
    where = {"run_id": asked.id, "thread_id": talk.thread.id}
    heard.stream(Reader(beta.threads.runs.submit_tool_outputs(**where, tool_outputs=outputs, stream=True)))
    heard.stream(
        Reader(
            beta.threads.create_and_run(assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Hi"}]}, stream=True)
        )
    )
    for end in (lambda run_id: heard.object(talk.cancel(run_id)), lambda run_id: clock.advance(600) or talk.get(run_id)):
        upstream.script(Turn(WORDS, hold=(gate := Gate(6))))
        reader = Reader(talk.start(stream=True))
        gate.wait_reached()
        reader.wait_for("thread.message.delta")
        end(reader.run_id)
        heard.stream(reader)
        gate.open()
    for listed in heard.object(beta.threads.runs.list(talk.thread.id, limit=100)).data:
        for include in ([], CONTENT):
            heard.object(beta.threads.runs.steps.list(listed.id, thread_id=talk.thread.id, include=include))
    for listed_message in heard.object(beta.threads.messages.list(talk.thread.id)).data[:1]:
        heard.object(beta.threads.messages.delete(listed_message.id, thread_id=talk.thread.id))
    heard.object(beta.threads.delete(talk.thread.id))
    heard.object(beta.assistants.delete(assistant.id))


@pytest.fixture
def heard(client: openai.OpenAI, upstream: OfflineUpstream, runtime: Runtime, clock: Any) -> Heard:
    found = Heard()
    everything(Conversation(client, upstream, runtime), upstream, clock, found)
    return found


def test_every_field_that_is_sent_is_listed_and_every_one_listed_is_sent(heard: Heard) -> None:
    listed = {of for row in rows(Kind.FIELD) for of in row.of} - {"error"}
    assert set(heard.names) == listed
    for of in sorted(listed):
        assert heard.names[of] - set(names_of(FIELDS, of)) == set(), of
        assert set(names_of(FIELDS, of)) - heard.names[of] == UNSENT.get(of, set()), of


def test_every_event_that_is_listed_is_sent(heard: Heard) -> None:
    """`done` the SDK keeps for itself, and `error` is never sent."""
    assert heard.events == {row.name for row in rows(Kind.EVENT)} - {"done", "error"}


def test_an_error_has_the_fields_that_are_listed(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        client.beta.threads.retrieve("thread_unknown")
    assert set(of_json(raised.value.response.json())) == set(names_of(FIELDS, "error"))
