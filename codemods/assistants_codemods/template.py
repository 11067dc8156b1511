"""The parts of the generated module: each is copied into the user's tree when code there needs it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import AsyncIterable, Iterable, Mapping
from itertools import islice
from typing import Any


def settings_of(response: Any) -> dict[str, Any]:
    """The settings that a response was made with, for the one that goes on with the outputs of its calls."""
    names = ("model", "instructions", "tools", "parallel_tool_calls", "text", "reasoning", "temperature", "top_p", "truncation", "metadata")
    return {name: value for name in names if (value := getattr(response, name)) is not None}


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


def images_in(part: Any) -> list[Any]:
    """The images that the code interpreter made for a part of a message, which its text cites."""
    return [annotation for annotation in getattr(part, "annotations", ()) if _is_image(annotation)]


def _is_image(annotation: Any) -> bool:
    return bool(annotation.type == "container_file_citation" and annotation.end_index <= annotation.start_index)


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


def function_calls(response: Any) -> list[Any]:
    """The function calls that a response waits for: none where it waits for nothing."""
    return [item for item in response.output if item.type == "function_call"]


def as_tool_calls(calls: Iterable[Any]) -> list[dict[str, Any]]:
    """Function calls as dicts of the shape `{"id": …, "type": "function", "function": {"name": …, "arguments": …}}`."""
    return [{"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}} for call in calls]


def as_outputs(outputs: Iterable[Any]) -> list[Any]:
    """The outputs of function calls as input, from `{"tool_call_id": …, "output": …}`."""
    return [{"type": "function_call_output", "call_id": output["tool_call_id"], "output": output["output"]} for output in outputs]


def wait_for(responses: Any, response_id: str) -> Any:
    """The response, once it is done."""
    while (response := responses.retrieve(response_id)).status in ("queued", "in_progress"):
        time.sleep(1)
    return response


async def await_response(responses: Any, response_id: str) -> Any:
    """The response, once it is done."""
    while (response := await responses.retrieve(response_id)).status in ("queued", "in_progress"):
        await asyncio.sleep(1)
    return response


def run_status(response: Any) -> str:
    """The status of a response, "requires_action" where it waits for the outputs of function calls."""
    if response.status == "completed" and any(item.type == "function_call" for item in response.output):
        return "requires_action"
    return str(response.status)


class Assistant(dict[str, Any]):
    """The settings of an assistant as responses.create takes them, with `**`. What it is called and kept for are attributes."""

    def __init__(self, id: str, *, name: str | None = None, description: str | None = None, metadata: Any = None, **settings: Any) -> None:
        super().__init__(settings)
        self.id = id
        self.name = name
        self.description = description
        self.metadata = metadata or {}

    @property
    def model(self) -> str:
        return str(self["model"])

    @property
    def instructions(self) -> str | None:
        return self.get("instructions")

    @property
    def tools(self) -> list[dict[str, Any]]:
        return list(self.get("tools", ()))

    def change(self, **changes: Any) -> Assistant:
        """Give it other settings, or another name, description or metadata; None changes nothing."""
        for name, value in changes.items():
            if value is not None and name in ("name", "description", "metadata"):
                setattr(self, name, value)
            elif value is not None:
                self[name] = value
        return self


class Assistants(dict[str, Assistant]):
    """Assistants by their ids."""

    def __missing__(self, id: str) -> Assistant:
        raise KeyError(f"There is no assistant {id!r}. Write its settings into assistants_config.py, as ASSISTANTS[{id!r}] = Assistant(…).")


ASSISTANTS = Assistants()
"""The assistants of this program: `client.responses.create(conversation=…, **ASSISTANTS[id])`."""


def define_assistant(*, name: str | None = None, **settings: Any) -> Assistant:
    """Put an assistant into ASSISTANTS. Its id is made of its name and settings, so it is the same in every process."""
    digest = hashlib.sha256(json.dumps([name, settings], sort_keys=True, default=str).encode()).hexdigest()[:8]
    slug = re.sub(r"[^a-z0-9]+", "-", (name or "assistant").lower()).strip("-")
    assistant = Assistant(f"{slug}-{digest}", name=name, **{key: value for key, value in settings.items() if value is not None})
    ASSISTANTS[assistant.id] = assistant
    return assistant


def with_overrides(settings: Mapping[str, Any], **overrides: Any) -> dict[str, Any]:
    """The settings of an assistant with those of one run. None overrides nothing."""
    return {**settings, **{name: value for name, value in overrides.items() if value is not None}}


def with_additional_instructions(settings: Mapping[str, Any], text: str | None) -> dict[str, Any]:
    """The settings of an assistant with `text` after its instructions."""
    return {**settings, "instructions": "\n".join(part for part in (settings.get("instructions"), text) if part)}


def as_tools(tools: Iterable[Mapping[str, Any]] | None, resources: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Tools as responses.create takes them, of tools and tool resources as the Assistants API took them.

    A file search without a vector store, which finds nothing, is left out: responses.create does not take it.
    """
    stores = ((resources or {}).get("file_search") or {}).get("vector_store_ids")
    files = ((resources or {}).get("code_interpreter") or {}).get("file_ids")
    flat = []
    for given in tools or ():
        tool = dict(given)
        tool |= tool.pop(tool["type"], None) or {}
        if tool["type"] == "function":
            tool["parameters"] = tool.get("parameters") or {"type": "object", "properties": {}}
            tool["strict"] = tool.get("strict") or False
        elif tool["type"] == "code_interpreter":
            tool.setdefault("container", {"type": "auto", "file_ids": files} if files else {"type": "auto"})
        elif tool["type"] == "file_search":
            tool.setdefault("vector_store_ids", stores or [])
            if not tool["vector_store_ids"]:
                continue
            if tool.get("ranking_options"):
                tool["ranking_options"] = {**tool["ranking_options"], "ranker": "auto"}
        flat.append(tool)
    return flat
