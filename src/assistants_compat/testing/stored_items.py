"""Input items as the API keeps them and shows them again: with an id, a status and their content in parts.

Recorded: the messages, calls and outputs with their keys in this order; that an image's address is null unless it is asked
for, and that a file shows its name and id only. Documented: what else `include` brings. Inferred: that plain text of an
assistant's message becomes an `output_text` (the API asks for that part where content comes in parts), and that sealed
reasoning is not shown to who has not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from assistants_compat.testing.strict_input import ITEM_PREFIXES, item_type

Json = dict[str, Any]

# What an item shows only on request: the item's type, the field, and what `include` has to say.
_HIDDEN = (
    ("file_search_call", "results", "file_search_call.results"),
    ("code_interpreter_call", "outputs", "code_interpreter_call.outputs"),
)


def stored(item: Mapping[str, Any], new_id: Callable[[str], str]) -> Json:
    """The item as it is kept; one that has an id keeps it. `new_id` makes one with a prefix."""
    kind = item_type(item)
    id = item.get("id") or new_id(ITEM_PREFIXES.get(kind) or "item")
    rest = {key: value for key, value in item.items() if key not in ("id", "type", "status")}
    head = {"id": id, "type": kind}
    status = {"status": item.get("status") or "completed"}
    if kind == "message":
        phase = {"phase": item["phase"]} if item.get("phase") else {}
        return {**head, **status, "content": _parts(item), **phase, "role": item["role"]}
    if kind == "function_call":
        first = {"arguments": rest.pop("arguments"), "call_id": rest.pop("call_id"), "name": rest.pop("name")}
        return {**head, **status, **first, **rest}
    if kind == "function_call_output":
        return {**head, **status, "call_id": rest.pop("call_id"), "output": _output(rest.pop("output")), **rest}
    if kind == "reasoning":
        return {**head, **({"status": item["status"]} if item.get("status") else {}), **rest}
    return {**head, **status, **rest}


def shown(item: Json, include: Collection[str]) -> Json:
    """The item as a list or a retrieval shows it: what was not asked for is null."""
    for kind, field, wanted in _HIDDEN:
        if item["type"] == kind and wanted not in include:
            item = {**item, field: None}
    if item["type"] == "reasoning" and "reasoning.encrypted_content" not in include:
        item = {key: value for key, value in item.items() if key != "encrypted_content"}
    for field in ("content", "output"):
        if isinstance(item.get(field), list):
            item = {**item, field: [_shown_part(part, include) for part in item[field]]}
    return item


def revealed(item: Json, kept: Json, include: Collection[str]) -> Json:
    """An item of a response with what was not asked for when it was made, but is now; `kept` has it."""
    for kind, field, wanted in _HIDDEN:
        if item["type"] == kind and wanted in include:
            item = {**item, field: kept[field]}
    return item


def _shown_part(part: Json, include: Collection[str]) -> Json:
    if part.get("type") == "input_image":
        hidden = "message.input_image.image_url" not in include
        return {**part, "image_url": None} if hidden else part
    if part.get("type") == "input_file":
        return {"type": "input_file", "file_id": part.get("file_id"), "filename": part.get("filename")}
    return part


def _parts(message: Mapping[str, Any]) -> list[Json]:
    content = message["content"]
    kind = "output_text" if message["role"] == "assistant" else "input_text"
    return [_part(part) for part in ([{"type": kind, "text": content}] if isinstance(content, str) else content)]


def _part(part: Json) -> Json:
    if part["type"] == "output_text":
        return {"type": "output_text", "annotations": part.get("annotations") or [], "logprobs": [], "text": part["text"]}
    if part["type"] == "input_image":
        place = {"file_id": part.get("file_id"), "image_url": part.get("image_url")}
        return {"type": "input_image", "detail": part.get("detail") or "auto", **place}
    return dict(part)


def _output(output: str | list[Json]) -> str | list[Json]:
    return output if isinstance(output, str) else [_part(part) for part in output]
