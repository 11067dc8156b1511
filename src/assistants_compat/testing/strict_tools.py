"""The tools of a request and the choice among them."""

from __future__ import annotations

import re
from typing import Any

from assistants_compat.testing.rejection import (
    Rejected,
    invalid_type,
    invalid_value,
    missing,
    one_of,
    only_keys,
    out_of_range,
    pattern_mismatch,
    required,
    text,
)
from assistants_compat.testing.schemas import strict_schema_fault

_TYPES = (
    "apply_patch",
    "code_interpreter",
    "computer",
    "computer_use_preview",
    "custom",
    "file_search",
    "function",
    "image_generation",
    "local_shell",
    "mcp",
    "namespace",
    "programmatic_tool_calling",
    "shell",
    "tool_search",
    "web_search",
    "web_search_2025_08_26",
    "web_search_preview",
    "web_search_preview_2025_03_11",
)
_FUNCTION_KEYS = ("type", "name", "description", "parameters", "strict", "defer_loading", "output_schema", "allowed_callers")
_MOST_TOOLS = 128


def check(body: dict[str, Any]) -> None:
    tools = body.get("tools") or []
    if len(tools) > _MOST_TOOLS:
        sentence = (
            f"Invalid 'tools': array too long. Expected an array with maximum length {_MOST_TOOLS}, "
            f"but got an array with length {len(tools)} instead."
        )
        raise Rejected(sentence, code="array_above_max_length", param="tools")
    for index, tool in enumerate(tools):
        _check_tool(f"tools[{index}]", tool)
    if body.get("tool_choice") is not None:
        _check_choice(body["tool_choice"], tools)


def _check_tool(path: str, tool: Any) -> None:
    if not isinstance(tool, dict):
        raise invalid_type(path, "an object", tool)
    required(path, tool, "type")
    one_of(f"{path}.type", tool["type"], _TYPES)
    if tool["type"] == "function":
        _check_function(path, tool)
    elif tool["type"] == "file_search":
        _check_file_search(path, tool)
    elif tool["type"] == "code_interpreter":
        _check_code_interpreter(path, tool)


def _check_function(path: str, tool: dict[str, Any]) -> None:
    required(path, tool, "name")
    only_keys(path, tool, _FUNCTION_KEYS)
    name = text(f"{path}.name", tool["name"], 64)
    if not re.fullmatch(r"[a-zA-Z0-9_-]+", name):
        raise pattern_mismatch(f"{path}.name", "^[a-zA-Z0-9_-]+$")
    if tool.get("description") is not None:
        text(f"{path}.description", tool["description"])
    parameters, strict = tool.get("parameters"), tool.get("strict")
    if strict is not None and not isinstance(strict, bool):
        raise invalid_type(f"{path}.strict", "a boolean", strict)
    if parameters is None:
        return
    if not isinstance(parameters, dict):
        raise invalid_type(f"{path}.parameters", "an object", parameters)
    fault: str | None = None
    if strict:
        fault = strict_schema_fault(parameters)
    elif parameters and parameters.get("type") != "object":
        kind = parameters.get("type")
        fault = f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
    if fault is not None:
        sentence = f"Invalid schema for function '{name}': {fault}"
        raise Rejected(sentence, code="invalid_function_parameters", param=f"{path}.parameters")


def _check_file_search(path: str, tool: dict[str, Any]) -> None:
    required(path, tool, "vector_store_ids")
    only_keys(path, tool, ("type", "vector_store_ids", "filters", "max_num_results", "ranking_options"))
    if not isinstance(tool["vector_store_ids"], list):
        raise invalid_type(f"{path}.vector_store_ids", "an array of strings", tool["vector_store_ids"])
    if not tool["vector_store_ids"]:
        sentence = (
            f"Invalid '{path}.vector_store_ids': empty array. Expected an array with minimum length 1, but got an empty array instead."
        )
        raise Rejected(sentence, code="empty_array", param=f"{path}.vector_store_ids")
    most = tool.get("max_num_results")
    if most is not None and not 1 <= most <= 50:
        raise out_of_range(f"{path}.max_num_results", most, 1 if most < 1 else 50, below=most < 1)
    options = tool.get("ranking_options") or {}
    only_keys(f"{path}.ranking_options", options, ("ranker", "score_threshold", "hybrid_search"))
    if options.get("ranker") is not None:
        one_of(f"{path}.ranking_options.ranker", options["ranker"], ("auto", "default-2024-11-15"))
    threshold = options.get("score_threshold")
    if threshold is not None and not 0 <= threshold <= 1:
        raise out_of_range(f"{path}.ranking_options.score_threshold", threshold, int(threshold > 1), below=threshold < 0)


def _check_code_interpreter(path: str, tool: dict[str, Any]) -> None:
    required(path, tool, "container")
    only_keys(path, tool, ("type", "container", "allowed_callers"))
    container = tool["container"]
    if isinstance(container, str):
        if not container.startswith("cntr"):
            sentence = f"Invalid '{path}.container': '{container}'. Expected an ID that begins with 'cntr'."
            raise Rejected(sentence, code="invalid_value", param=f"{path}.container")
        return
    if not isinstance(container, dict):
        raise invalid_type(f"{path}.container", "one of a string or object", container)
    required(f"{path}.container", container, "type")
    one_of(f"{path}.container.type", container["type"], ("auto",))
    only_keys(f"{path}.container", container, ("type", "file_ids", "memory_limit", "network_policy", "skills"))
    if container.get("memory_limit") is not None:
        one_of(f"{path}.container.memory_limit", container["memory_limit"], ("1g", "4g", "16g", "64g"))
    for index, file_id in enumerate(container.get("file_ids") or ()):
        text(f"{path}.container.file_ids[{index}]", file_id)


def _check_choice(choice: str | dict[str, Any], tools: list[dict[str, Any]]) -> None:
    """That a named tool has to be there is inferred from the API's behaviour; its sentence has not been recorded."""
    if isinstance(choice, str):
        one_of("tool_choice", choice, ("none", "auto", "required"))
        if choice == "required" and not tools:
            raise Rejected("Tool choice 'required' must be specified with 'tools' parameter.", code=None, param="tool_choice")
        return
    required("tool_choice", choice, "type")
    kind = choice["type"]
    if kind == "function":
        if "name" not in choice:
            raise missing("tool_choice.name")
        if not any(tool["type"] == "function" and tool["name"] == choice["name"] for tool in tools):
            raise Rejected("Tool choice 'function' not found in 'tools' parameter.", code=None, param="tool_choice")
    elif kind == "allowed_tools":
        required("tool_choice", choice, "mode", "tools")
    elif kind not in _TYPES:
        raise invalid_value("tool_choice.type", kind, ("allowed_tools", *_TYPES))
    elif not any(tool["type"].split("_preview")[0] == kind.split("_preview")[0] for tool in tools):
        raise Rejected(f"Tool choice '{kind}' not found in 'tools' parameter.", code=None, param="tool_choice")
