"""The parts of the generated module: each is copied into the user's tree when code there needs it. Nothing here runs in the codemods."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from itertools import islice
from typing import Any


def messages_in(items: Iterable[Any], limit: int | None = None) -> list[Any]:
    """The messages among the items of a conversation, at most `limit`; further pages are fetched as they are needed."""
    return list(islice((item for item in items if item.type == "message"), limit))


async def amessages_in(items: AsyncIterable[Any], limit: int | None = None) -> list[Any]:
    """The messages among the items of a conversation, at most `limit`; further pages are fetched as they are needed."""
    found: list[Any] = []
    async for item in items:
        if item.type == "message":
            found.append(item)
            if len(found) == limit:
                break
    return found


def as_content(content: Any, role: str = "user") -> Any:
    """The content of an item, from a text or from parts such as `{"type": "image_file", "image_file": {"file_id": …}}`."""
    return content if isinstance(content, str) else [_as_part(part, role) for part in content]


def _as_part(part: dict[str, Any], role: str) -> dict[str, Any]:
    if part["type"] == "text":
        return {"type": "output_text" if role == "assistant" else "input_text", "text": part["text"]}
    if part["type"] == "image_file":
        return {"type": "input_image", **part["image_file"]}
    if part["type"] == "image_url":
        image = dict(part["image_url"])
        return {"type": "input_image", "image_url": image.pop("url"), **image}
    return part


def as_items(messages: Iterable[dict[str, Any]]) -> list[Any]:
    """The items of a conversation, from messages such as `{"role": "user", "content": "Hello"}`."""
    return [_as_item(message) for message in messages]


def _as_item(message: dict[str, Any]) -> dict[str, Any]:
    lost = [name for name in message if name not in ("type", "role", "content") and message[name]]
    if lost:
        raise ValueError(f"A message of a conversation has no {' or '.join(lost)}")
    return {"type": "message", "role": message["role"], "content": as_content(message["content"], message["role"])}


def parts_in(message: Any) -> list[Any]:
    """The parts of a message, after the images that the code interpreter made for it, which its text cites."""
    cited = [annotation for part in message.content for annotation in getattr(part, "annotations", ()) if _is_image(annotation)]
    return [*cited, *message.content]


def annotations_in(part: Any) -> list[Any]:
    """The annotations of a part of a message that have a place in its text: images have none, and neither have texts of users."""
    return [annotation for annotation in getattr(part, "annotations", ()) if not _is_image(annotation)]


def _is_image(annotation: Any) -> bool:
    return annotation.type == "container_file_citation" and annotation.end_index <= annotation.start_index


def marked(part: Any) -> Any:
    """The part, with a mark such as `【0†faq.pdf】` in its text where a file is cited, and with the place and text of each annotation."""
    annotations = annotations_in(part)
    if not annotations or hasattr(annotations[0], "text"):
        return part
    text, done = "", 0
    for number, annotation in sorted(enumerate(annotations), key=lambda pair: _place_of(pair[1])[0]):
        start, end = _place_of(annotation)
        start, end = max(start, done), max(end, done)
        text += part.text[done:start]
        annotation.text = f"【{number}†{annotation.filename}】" if annotation.type == "file_citation" else part.text[start:end]
        annotation.start_index = len(text)
        text += annotation.text
        annotation.end_index = len(text)
        done = end
    part.text = text + part.text[done:]
    return part


def _place_of(annotation: Any) -> tuple[int, int]:
    return (annotation.index, annotation.index) if annotation.type == "file_citation" else (annotation.start_index, annotation.end_index)


def file_content(client: Any, file: Any) -> Any:
    """The content of a file that a part of a message has: what the code interpreter made is in its container, all else among the files."""
    if file.type == "container_file_citation":
        return client.containers.files.content.retrieve(file.file_id, container_id=file.container_id)
    return client.files.content(file.file_id)


def run_status(response: Any) -> str:
    """The status of a response, "requires_action" where it waits for the outputs of function calls."""
    if response.status == "completed" and any(item.type == "function_call" for item in response.output):
        return "requires_action"
    return str(response.status)


ASSISTANTS: dict[str, dict[str, Any]] = {}
"""The settings of each assistant, by its id: what responses.create takes."""
