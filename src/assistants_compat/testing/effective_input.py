"""What a model was asked, in one form: the same for a history sent whole, a conversation and a previous response.

Left out is what the model does not see or what names a place in a store: ids of items, statuses, seals, and the parts of a
text that are not text. `call_id`s stay, since they tie a call to its output.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from assistants_compat.testing.strict_input import item_type

Json = dict[str, Any]

_UNSEEN = ("id", "status", "container_id", "encrypted_content", "annotations", "logprobs", "prompt_cache_breakpoint")


def as_asked(items: Iterable[Mapping[str, Any]]) -> list[Json]:
    """The items without what the model does not see; messages have a type, and their content in parts."""
    return [_item(item) for item in items]


def said_in(asked: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The words in items as they were asked: texts of messages, and what functions said."""
    for item in asked:
        if item["type"] == "message":
            yield from (str(part.get("text") or part.get("refusal")) for part in item["content"] if "text" in part or "refusal" in part)
        elif item["type"] == "function_call_output":
            output = item["output"]
            yield from [output] if isinstance(output, str) else (str(part["text"]) for part in output if "text" in part)


def _item(item: Mapping[str, Any]) -> Json:
    kind = item_type(item)
    if kind == "item_reference":
        return dict(item)
    rest = {key: _part(value) for key, value in item.items() if key not in ("type", "role") and _seen(key, value)}
    if kind == "reasoning":
        rest = {"summary": rest.get("summary", [])}
    if kind != "message":
        return {"type": kind, **dict(sorted(rest.items()))}
    if isinstance(item["content"], str):
        part = "output_text" if item["role"] == "assistant" else "input_text"
        rest["content"] = [{"type": part, "text": item["content"]}]
    return {"type": kind, "role": item["role"], **dict(sorted(rest.items()))}


def _part(value: Any) -> Any:
    if isinstance(value, list):
        return [_part(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if value.get("type") == "input_image":
        value = {**value, "detail": value.get("detail") or "auto"}
    kept = {key: _part(inner) for key, inner in value.items() if _seen(key, inner)}
    return dict(sorted(kept.items(), key=lambda entry: (entry[0] != "type", entry[0])))


def _seen(key: str, value: Any) -> bool:
    return key not in _UNSEEN and value is not None
