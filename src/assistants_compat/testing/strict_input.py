"""The input items of a request, one by one: their types, keys, ids and content parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assistants_compat.testing import strict_history
from assistants_compat.testing.memory import Memory
from assistants_compat.testing.models import Model
from assistants_compat.testing.rejection import (
    Rejected,
    empty_array,
    invalid_type,
    invalid_value,
    missing,
    one_of,
    only_keys,
    required,
    text,
)

MOST_OUTPUT_CHARACTERS = 10_485_760

# What an item's id begins with, and the keys an item may have; None where the stand-in does not look.
_ITEMS: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "message": ("msg", ("type", "role", "content", "id", "status", "phase")),
    "function_call": ("fc", ("type", "call_id", "name", "arguments", "id", "status", "namespace", "caller")),
    "function_call_output": ("fc", ("type", "call_id", "output", "id", "status", "caller")),
    "reasoning": ("rs", ("type", "id", "summary", "content", "encrypted_content", "status")),
    "item_reference": ("", ("type", "id")),
    "file_search_call": ("fs", ("type", "id", "queries", "status", "results")),
    "web_search_call": ("ws", None),
    "code_interpreter_call": ("ci", ("type", "id", "code", "container_id", "outputs", "status")),
    "image_generation_call": ("ig", None),
    "computer_call": ("cu", None),
    "computer_call_output": ("cu", None),
    "tool_search_call": ("tsc", None),
    "tool_search_output": ("ts", None),
    "additional_tools": ("", None),
    "configuration_update": ("", None),
    "compaction": ("cmp", None),
    "compaction_trigger": ("", None),
    "local_shell_call": ("lsh", None),
    "local_shell_call_output": ("lsh", None),
    "shell_call": ("sh", None),
    "shell_call_output": ("sh", None),
    "apply_patch_call": ("apc", None),
    "apply_patch_call_output": ("apc", None),
    "mcp_list_tools": ("mcpl", None),
    "mcp_approval_request": ("mcpr", None),
    "mcp_approval_response": ("mcpr", None),
    "mcp_call": ("mcp", None),
    "custom_tool_call": ("ctc", None),
    "custom_tool_call_output": ("ctc", None),
    "program": ("", None),
    "program_output": ("", None),
}
ITEM_PREFIXES = {kind: prefix for kind, (prefix, _) in _ITEMS.items()}
"""What the id of an item of each type begins with; empty where any id will do."""
_REQUIRED: dict[str, tuple[str, ...]] = {
    "message": ("role", "content"),
    "function_call": ("call_id", "name", "arguments"),
    "function_call_output": ("call_id", "output"),
    "reasoning": ("summary",),
    "item_reference": ("id",),
    "file_search_call": ("id", "queries", "status"),
    "code_interpreter_call": ("id", "container_id"),
}
_PARTS: dict[str, tuple[str, ...]] = {
    "input_text": ("type", "text", "prompt_cache_breakpoint"),
    "input_image": ("type", "image_url", "file_id", "detail", "prompt_cache_breakpoint"),
    "input_file": ("type", "file_id", "file_data", "file_url", "filename", "detail", "prompt_cache_breakpoint"),
    "output_text": ("type", "text", "annotations", "logprobs"),
    "refusal": ("type", "refusal"),
}
_INPUT_PARTS = ("input_text", "input_image", "input_file")
_OUTPUT_PARTS = ("output_text", "refusal")
_ROLES = ("assistant", "system", "developer", "user")


def check(body: dict[str, Any], model: Model, memory: Memory) -> None:
    given = body.get("input")
    if given in (None, []) and not body.get("previous_response_id") and not memory.before(body):
        sentence = "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' must be provided."
        raise Rejected(sentence, code="missing_required_parameter", param="input")
    if isinstance(given, list):
        for index, item in enumerate(given):
            check_item(f"input[{index}]", item)
    strict_history.check(body, model, memory)


def item_type(item: Mapping[str, Any]) -> str:
    """Only messages and references may leave their type out."""
    return str(item["type"]) if "type" in item else "message" if "role" in item else "item_reference"


def message_texts(given: str | list[Any] | None) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    for item in given if isinstance(given, list) else ():
        content = item.get("content")
        if isinstance(content, str):
            yield content
        for part in content if isinstance(content, list) else ():
            yield str(part.get("text", ""))


def check_item(path: str, item: Any) -> None:
    """One input item by itself; `path` is how the API calls it: `input[3]`, `items[0]`."""
    if not isinstance(item, dict):
        raise invalid_type(path, "an object", item)
    if "type" not in item and "role" not in item and "id" not in item:
        raise missing(f"{path}.type")
    kind = item_type(item)
    if kind not in _ITEMS:
        raise invalid_value(path, kind, tuple(_ITEMS))
    prefix, keys = _ITEMS[kind]
    required(path, item, *_REQUIRED.get(kind, ()))
    if keys is not None:
        only_keys(path, item, keys)
    if item.get("id") is not None and not text(f"{path}.id", item["id"]).startswith(prefix):
        sentence = f"Invalid '{path}.id': '{item['id']}'. Expected an ID that begins with '{prefix}'."
        raise Rejected(sentence, code="invalid_value", param=f"{path}.id")
    if kind == "message":
        _check_message(path, item)
    elif kind == "function_call":
        text(f"{path}.call_id", item["call_id"], 64)
        text(f"{path}.name", item["name"])
        text(f"{path}.arguments", item["arguments"])
    elif kind == "function_call_output":
        text(f"{path}.call_id", item["call_id"], 64)
        _check_output(f"{path}.output", item["output"])
    elif kind == "code_interpreter_call":
        text(f"{path}.container_id", item["container_id"])
        if item.get("outputs") is not None and not isinstance(item["outputs"], list):
            raise invalid_type(f"{path}.outputs", "an array of objects", item["outputs"])
    elif kind == "file_search_call" and not isinstance(item["queries"], list):
        raise invalid_type(f"{path}.queries", "an array of strings", item["queries"])
    elif kind == "reasoning" and not isinstance(item["summary"], list):
        raise invalid_type(f"{path}.summary", "an array of objects", item["summary"])


def _check_message(path: str, item: dict[str, Any]) -> None:
    one_of(f"{path}.role", item["role"], _ROLES)
    if item.get("phase") is not None:
        one_of(f"{path}.phase", item["phase"], ("commentary", "final_answer"))
    content = item["content"]
    if isinstance(content, str):
        return
    if not isinstance(content, list):
        raise invalid_type(f"{path}.content", "one of a string or array of objects", content)
    _check_parts(f"{path}.content", content, _OUTPUT_PARTS if item["role"] == "assistant" else _INPUT_PARTS)


def _check_output(path: str, output: Any) -> None:
    if isinstance(output, str):
        text(path, output, MOST_OUTPUT_CHARACTERS)
    elif isinstance(output, list):
        _check_parts(path, output, _INPUT_PARTS)
    else:
        raise invalid_type(path, "one of a string or array of objects", output)


def _check_parts(path: str, parts: list[Any], allowed: tuple[str, ...]) -> None:
    if not parts:
        raise empty_array(path)
    for index, part in enumerate(parts):
        here = f"{path}[{index}]"
        if not isinstance(part, dict):
            raise invalid_type(here, "an object", part)
        required(here, part, "type")
        kind = part["type"]
        if kind not in allowed:
            raise invalid_value(here, kind, allowed)
        only_keys(here, part, _PARTS[kind])
        if kind in ("input_text", "output_text"):
            required(here, part, "text")
            text(f"{here}.text", part["text"], MOST_OUTPUT_CHARACTERS)
        elif kind == "refusal":
            required(here, part, "refusal")
        elif kind == "input_image":
            _check_image(here, part)


def _check_image(path: str, part: dict[str, Any]) -> None:
    if part.get("detail") is not None:
        one_of(f"{path}.detail", part["detail"], ("low", "high", "auto", "original"))
    if part.get("image_url") is not None:
        text(f"{path}.image_url", part["image_url"])
    elif part.get("file_id") is None:
        raise missing(f"{path}.image_url")
