"""From a thread's items to the items of a conversation: what is kept, what is kept in another form, and what has no place there. Pure.

What another program adds to the conversation later must not be refused for what is in it: nothing goes there that only one model can
read, or that is bound to a container which is gone by then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from assistants_compat.runs.citations import as_told
from assistants_compat.runs.context import answered, as_input
from assistants_compat.store.items import Item
from assistants_compat.wire import dumps

Json = dict[str, Any]

CODE = "code_interpreter"
"""The name of the function that stands for the code interpreter's calls of old."""

MOST_METADATA = 16
THREAD_KEY = "assistants_compat_thread"
"""The key in a conversation's metadata that says which thread it was."""

KINDS: Mapping[str, str] = {
    "tool_resources": "Tool resources are the response's: vector stores and files go into its tools.",
    "attachments": "Messages have no attachments: the files go into the response's tools, or the message as input_file.",
    "message_metadata": "Messages have no metadata.",
    "thread_key": f"The thread has {MOST_METADATA} pairs of metadata, which leaves no room for {THREAD_KEY}.",
    "images_by_code": "An assistant's message has no images: those that code drew are left out.",
    "images_of_assistant": "An assistant's message has no images: their places are kept by words.",
    "images_gone": "Images that are not among the upstream's files any more: their places are kept by words.",
    "file_links": "Files that code made: the links to them stay in the text, and lead nowhere.",
    "code_calls": f"Calls of the code interpreter, whose containers are gone: told as calls of a function {CODE!r}.",
    "reasoning": "Reasoning, which only the model that did it can read: left out.",
    "unanswered_calls": "Function calls without an output, which no model takes: left out.",
    "other_items": "Items of other kinds: left out.",
    "empty_messages": "Messages with nothing in them: left out.",
}
"""What does not come over as it was, by kind: what becomes of it."""


class Entry(NamedTuple):
    """An item of a conversation, and what of the thread it was made of."""

    source_id: str
    source_type: str
    body: Json
    digest: str


class Loss(NamedTuple):
    """Something that does not come over as it was: its kind, and its name."""

    kind: str
    name: str


def metadata_of(thread: Json) -> Json:
    """The metadata of its conversation."""
    given = thread.get("metadata") or {}
    return given if len(given) >= MOST_METADATA else {**given, THREAD_KEY: thread["id"]}


def entries_of(history: Sequence[Item]) -> list[Entry]:
    """What goes into the conversation, in order."""
    complete = answered(history)
    return [
        Entry(item.id, item.type, body, hashlib.sha256(dumps(body)).hexdigest()[:32])
        for place, item in enumerate(history)
        for body in _bodies(item, complete.get(place))
    ]


def losses_of(thread: Json, history: Sequence[Item]) -> Iterator[Loss]:
    """What does not come over as it was, in the order of the thread."""
    resources = thread.get("tool_resources") or {}
    for kind, ids in (("file_search", "vector_store_ids"), ("code_interpreter", "file_ids")):
        yield from (Loss("tool_resources", id) for id in (resources.get(kind) or {}).get(ids) or ())
    if len(thread.get("metadata") or {}) >= MOST_METADATA:
        yield Loss("thread_key", str(thread["id"]))
    complete = answered(history)
    for place, item in enumerate(history):
        if item.type == "message":
            yield from _lost_of_message(item)
        elif item.type == "reasoning":
            yield Loss("reasoning", item.id)
        elif item.type == "code_interpreter_call":
            yield Loss("code_calls", item.id)
        elif item.type not in ("function_call", "function_call_output"):
            yield Loss("other_items", f"{item.id} ({item.type})")
        elif place not in complete:
            yield Loss("unanswered_calls", f"{item.body['call_id']} ({item.id})")


def _bodies(item: Item, call_id: str | None) -> Iterable[Json]:
    if item.type == "message":
        message = as_input(item)
        return () if message is None else (_with_citations(message, _parts(item)),)
    if item.type == "code_interpreter_call":
        return _as_function(item.body)
    if item.type in ("function_call", "function_call_output") and call_id is not None:
        return ({**{key: value for key, value in item.body.items() if key not in ("id", "status")}, "call_id": call_id},)
    return ()


def _parts(message: Item) -> list[Json]:
    """Those that `as_input` sends: what code drew is not."""
    parts: list[Json] = message.body["content"]
    return [part for part in parts if not (_is_by_model(message) and part["type"] == "image_file")]


def _is_by_model(message: Item) -> bool:
    return message.run_id is not None and message.role == "assistant"


def _with_citations(message: Json, parts: Sequence[Json]) -> Json:
    if message["role"] != "assistant":
        return message
    content = [
        {**told, "annotations": citations} if given["type"] == "text" and (citations := as_told(given["text"])[1]) else told
        for told, given in zip(message["content"], parts, strict=True)
    ]
    return {**message, "content": content}


def _as_function(call: Json) -> tuple[Json, Json]:
    """A call of the code interpreter as one of a function: no message, which programs would show to people."""
    printed = "\n".join(output["logs"] for output in call.get("outputs") or () if output.get("type") == "logs")
    arguments = dumps({"code": call.get("code") or ""}).decode()
    return (
        {"type": "function_call", "call_id": call["id"][:64], "name": CODE, "arguments": arguments},
        {"type": "function_call_output", "call_id": call["id"][:64], "output": printed},
    )


def _lost_of_message(item: Item) -> Iterator[Loss]:
    message = item.body
    for attachment in message.get("attachments") or ():
        yield Loss("attachments", f"{attachment.get('file_id')} of {item.id}")
    if message.get("metadata"):
        yield Loss("message_metadata", item.id)
    if as_input(item) is None:
        yield Loss("empty_messages", item.id)
    for part in message["content"]:
        if item.role == "assistant" and part["type"] == "image_file":
            kind = "images_by_code" if _is_by_model(item) else "images_of_assistant"
            yield Loss(kind, f"{part['image_file']['file_id']} of {item.id}")
        elif item.role == "assistant" and part["type"] == "image_url":
            yield Loss("images_of_assistant", f"{part['image_url']['url'].partition(',')[0][:200]} of {item.id}")
        for annotation in part["text"]["annotations"] if part["type"] == "text" else ():
            if annotation["type"] == "file_path":
                yield Loss("file_links", f"{annotation['file_path']['file_id']} of {item.id}")


def image_ids(body: Json) -> list[str]:
    """Ids of the images among an item's parts that are files."""
    return [part["file_id"] for part in _content(body) if part["type"] == "input_image" and part.get("file_id")]


def without_images(body: Json, gone: Iterable[str]) -> Json:
    """The item with words in the places of these images."""
    missing = set(gone)
    if not missing.intersection(image_ids(body)):
        return body
    content = [
        {"type": "input_text", "text": f"[image file: {part['file_id']}]"} if part.get("file_id") in missing else part
        for part in _content(body)
    ]
    return {**body, "content": content}


def _content(body: Json) -> list[Json]:
    return body["content"] if body["type"] == "message" else []


def likeness(item: Json) -> tuple[Any, ...]:
    """What an item that was sent and the same item as the upstream shows it have in common."""
    texts = [part.get("text") or part.get("refusal") or "" for part in item.get("content") or () if isinstance(part, dict)]
    return (item.get("type"), item.get("role"), "".join(texts), item.get("call_id"))
