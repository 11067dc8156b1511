"""Programs that write and read messages print the same, and ask the model the same, before and after they are made native."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openai
import pytest
from tests.codemods.alike import before_and_after

from assistants_compat.testing import CodeInterpreter, Refusal, Text, Turn, png

pytestmark = pytest.mark.skipif(not hasattr(openai.OpenAI, "conversations"), reason="this SDK has no conversations")

_ASK = """
from openai import OpenAI

client = OpenAI()


def ask(thread_id, assistant_id):
    with client.beta.threads.runs.stream(thread_id=thread_id, assistant_id=assistant_id) as stream:
        stream.until_done()

"""

WRITTEN = (
    _ASK
    + """
def main(thread_id, assistant_id):
    made = client.beta.threads.messages.create(thread_id, role="user", content="One")
    print(made.role, made.content[0].text.value, made.id.split("_")[0])
    client.beta.threads.messages.create(
        thread_id=thread_id,
        role="user",
        content=[
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
        ],
    )
    parts = [{"type": "text", "text": "And this?"}]
    parts.append({"type": "image_url", "image_url": {"url": "https://example.com/b.png"}})
    client.beta.threads.messages.create(thread_id=thread_id, role="user", content=parts)
    computed = [{"type": kind, kind: value} for kind, value in {"text": "Well?"}.items()]
    client.beta.threads.messages.create(thread_id=thread_id, role="user", content=computed, metadata={}, attachments=[])
    client.beta.threads.messages.create(thread_id=thread_id, role="assistant", content="Wait")
    again = client.beta.threads.messages.retrieve(message_id=made.id, thread_id=thread_id)
    print(again.content[0].text.value)
    ask(thread_id, assistant_id)
    for message in client.beta.threads.messages.list(thread_id, order="asc"):
        for part in message.content:
            if part.type == "text":
                print(message.role, part.text.value)
    client.beta.threads.messages.delete(made.id, thread_id=thread_id)
    print(len(client.beta.threads.messages.list(thread_id).data))
"""
)

LISTED = (
    _ASK
    + """
from openai.types.beta.threads import Message
def newest(thread_id):
    messages = client.beta.threads.messages.list(thread_id=thread_id)
    return messages.data[0]


def text_of(message: Message) -> str:
    return "".join(part.text.value for part in message.content if part.type == "text")


def main(thread_id, assistant_id):
    for number in range(25):
        client.beta.threads.messages.create(thread_id=thread_id, role="user", content=f"Number {number}")
    ask(thread_id, assistant_id)
    print(newest(thread_id).role, text_of(newest(thread_id)))
    messages = client.beta.threads.messages.list(thread_id=thread_id)
    print(len(messages.data), [text_of(message) for message in reversed(messages.data)])
    print([text_of(message) for message in client.beta.threads.messages.list(thread_id=thread_id, limit="3").data])
    print([text_of(message) for message in client.beta.threads.messages.list(thread_id=thread_id, limit=3)])
    first = next(iter(client.beta.threads.messages.list(thread_id=thread_id, order="asc")))
    print(text_of(first))
    print(text_of(client.beta.threads.messages.list(thread_id=thread_id, order="asc").data[-1]))
    print([text_of(message) for message in client.beta.threads.messages.list(thread_id=thread_id, limit=5).data[1:3]])
    pages = client.beta.threads.messages.list(thread_id=thread_id, order="asc")
    print(len(list(pages)), text_of(pages.data[0]), len(pages.data))
    for index, message in enumerate(list(client.beta.threads.messages.list(thread_id=thread_id))[:2]):
        print(index, message.role, message.id[:4])
"""
)

PAGED = (
    _ASK
    + """
def main(thread_id, assistant_id):
    for number in range(7):
        client.beta.threads.messages.create(thread_id=thread_id, role="user", content=f"Number {number}")
    ask(thread_id, assistant_id)
    found, after = [], None
    while True:
        if after:
            page = client.beta.threads.messages.list(thread_id=thread_id, order="asc", limit=3, after=after)
        else:
            page = client.beta.threads.messages.list(thread_id=thread_id, order="asc", limit=3)
        found.extend(page.data)
        if not page.has_more:
            break
        after = page.last_id
    for message in found:
        print(message.role, message.content[0].text.value)
"""
)

ASYNC = """
import asyncio
from openai import AsyncOpenAI

client = AsyncOpenAI()


async def main(thread_id, assistant_id):
    made = await client.beta.threads.messages.create(thread_id=thread_id, role="user", content="One")
    print(made.role)
    async with client.beta.threads.runs.stream(thread_id=thread_id, assistant_id=assistant_id) as stream:
        await stream.until_done()
    messages = await client.beta.threads.messages.list(thread_id=thread_id)
    print(messages.data[0].content[0].text.value)
    async for message in client.beta.threads.messages.list(thread_id=thread_id, order="asc"):
        print(message.role, [part.text.value for part in message.content])
    pages = await client.beta.threads.messages.list(thread_id=thread_id)
    print([message.role async for message in pages])
    print([message.role for message in (await client.beta.threads.messages.list(thread_id=thread_id)).data])
"""

IMAGES = (
    _ASK
    + """
from openai.types.beta.threads import ImageFileContentBlock, Message, TextContentBlock
def show(messages: list[Message]) -> None:
    for message in messages:
        for part in message.content:
            if isinstance(part, TextContentBlock):
                print(message.role, part.text.value)
            elif isinstance(part, ImageFileContentBlock):
                image_id = part.image_file.file_id
                print("an image of", len(client.files.content(image_id).read()), "bytes")


def main(thread_id, assistant_id):
    ask(thread_id, assistant_id)
    show(client.beta.threads.messages.list(thread_id=thread_id).data)
    for part in client.beta.threads.messages.list(thread_id=thread_id).data[0].content:
        match part.type:
            case "image_file":
                with open("/dev/null", "wb") as file:
                    file.write(client.files.content(part.image_file.file_id).read())
                print("image")
            case "text":
                print("text")
"""
)

CITED = (
    _ASK
    + """
def main(thread_id, assistant_id):
    ask(thread_id, assistant_id)
    messages = client.beta.threads.messages.list(thread_id=thread_id)
    message_content = messages.data[0].content[0].text
    annotations = message_content.annotations
    citations = []
    for index, annotation in enumerate(annotations):
        message_content.value = message_content.value.replace(annotation.text, f"[{index}]")
        if file_citation := getattr(annotation, "file_citation", None):
            citations.append(f"[{index}] {file_citation.file_id[:4]}")
        elif file_path := getattr(annotation, "file_path", None):
            print(client.files.content(file_path.file_id).read())
            citations.append(f"[{index}] a file")
    print(message_content.value)
    print("; ".join(citations))
    for message in client.beta.threads.messages.list(thread_id=thread_id):
        for annotation in message.content[-1].text.annotations:
            if annotation.type == "file_path":
                name = annotation.text.split("/")[-1]
                print(name, annotation.end_index - annotation.start_index, client.files.content(annotation.file_path.file_id).text)
"""
)

REFUSED = (
    _ASK
    + """
def main(thread_id, assistant_id):
    ask(thread_id, assistant_id)
    for message in client.beta.threads.messages.list(thread_id=thread_id):
        for part in message.content:
            if part.type == "refusal":
                print("refused:", part.refusal)
            elif hasattr(part, "text"):
                print(part.text.value)
"""
)

_CODE: dict[str, Any] = {"type": "code_interpreter"}


@pytest.mark.parametrize(
    ("source", "script", "tools"),
    [
        pytest.param(WRITTEN, [Text("Fine.")], [], id="messages that are written"),
        pytest.param(LISTED, [Text("Fine.")], [], id="messages that are listed"),
        pytest.param(PAGED, [Text("Fine.")], [], id="pages"),
        pytest.param(ASYNC, [Text("Fine.")], [], id="async"),
        pytest.param(
            IMAGES,
            [Turn(CodeInterpreter("plot()", images=[png()]), Text("Here it is."))],
            [_CODE],
            id="images that code made",
        ),
        pytest.param(
            CITED,
            [
                Turn(
                    CodeInterpreter("write()", files={"a.csv": b"1,2"}),
                    Text("See [a.csv](sandbox:/mnt/data/a.csv), or sandbox:/mnt/data/a.csv"),
                )
            ],
            [_CODE],
            id="files that code made",
        ),
        pytest.param(REFUSED, [Refusal("I cannot.")], [], id="a refusal"),
    ],
)
def test_a_program_that_reads_messages_does_the_same_natively(source: str, script: list[Any], tools: list[Any], tmp_path: Path) -> None:
    before, after = before_and_after(source, script, tools, tmp_path)
    assert before.printed
    assert after.printed == before.printed
    assert after.asked == before.asked
