"""From a run to the parameters of a Responses call. Pure: one row of the table in docs/compatibility.md after the other.

What an upstream does not take is taken out of them by `profiles`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assistants_compat.upstream_profiles import ENCRYPTED_REASONING

Json = dict[str, Any]

LEAST_OUTPUT_TOKENS = 16
"""The Responses API takes no smaller `max_output_tokens`."""


def responses_request(
    run: Json,
    input_items: list[Json],
    *,
    model: str,
    first_call: bool,
    tokens_left: int | None = None,
    reasons: bool = True,
    resources: Json | None = None,
) -> Json:
    """The body of the call.

    Args:
        model: the name to send; `run["model"]` keeps the one the program asked for.
        first_call: a forced tool is forced only once, or the run would never end.
        tokens_left: what is left of `max_completion_tokens`.
        reasons: whether to ask for reasoning items, encrypted, to send back on the next call.
        resources: what the run's tools may use; a file search without a store is left out.
    """
    request: Json = {"model": model}
    resources = resources or {"vector_store_ids": [], "file_ids": []}
    if run["instructions"] and _belong_in_input(run["instructions"], input_items, run["response_format"]):
        input_items = [
            {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": run["instructions"]}]},
            *input_items,
        ]
    elif run["instructions"]:
        request["instructions"] = run["instructions"]
    request["input"] = input_items
    tools = [tool for tool in run["tools"] if tool["type"] != "file_search" or resources["vector_store_ids"]]
    kinds = {tool["type"] for tool in tools}
    if tools:
        request["tools"] = [_TOOLS[tool["type"]](tool, resources) for tool in tools]
        choice = _tool_choice(run["tool_choice"], first_call)
        if choice != "auto" and not (isinstance(choice, dict) and choice["type"] not in kinds):
            request["tool_choice"] = choice
        if not run["parallel_tool_calls"]:
            request["parallel_tool_calls"] = False
    for name in ("temperature", "top_p"):
        if run[name] is not None and run[name] != 1:
            request[name] = run[name]
    if tokens_left is not None:
        request["max_output_tokens"] = max(LEAST_OUTPUT_TOKENS, tokens_left)
    if run["reasoning_effort"] is not None:
        request["reasoning"] = {"effort": run["reasoning_effort"]}
    text_format = _text_format(run["response_format"])
    if text_format is not None:
        request["text"] = {"format": text_format}
    include = [what for kind, what in _INCLUDED.items() if kind in kinds]
    if reasons:
        include.append(ENCRYPTED_REASONING)
    if include:
        request["include"] = include
    request["store"] = False
    request["stream"] = True
    request["prompt_cache_key"] = run["thread_id"]
    return request


def _belong_in_input(instructions: str, input_items: list[Json], response_format: Any) -> bool:
    """Whether instructions have to be sent as a message, which is the same to the model: the API takes no request without input,
    and for a JSON object it wants the word in a message, where the Assistants API was content with instructions."""
    wants_json = isinstance(response_format, dict) and response_format["type"] == "json_object"
    return not input_items or (wants_json and "json" in instructions.lower())


def _function(tool: Json, _resources: Json) -> Json:
    function = tool["function"]
    flat: Json = {"type": "function", "name": function["name"]}
    if function.get("description") is not None:
        flat["description"] = function["description"]
    # Left out, the API would make the schema strict and every optional argument required.
    return {**flat, "parameters": function["parameters"], "strict": function["strict"]}


def _file_search(tool: Json, resources: Json) -> Json:
    """The Assistants API's ranker is gone: `auto`, the default, stands for it."""
    asked = tool["file_search"]
    flat: Json = {"type": "file_search", "vector_store_ids": resources["vector_store_ids"]}
    if asked.get("max_num_results") is not None:
        flat["max_num_results"] = asked["max_num_results"]
    options = {name: (asked.get("ranking_options") or {}).get(name) for name in ("score_threshold", "hybrid_search")}
    if any(options.values()):
        flat["ranking_options"] = {"ranker": "auto", **{name: value for name, value in options.items() if value}}
    return flat


def _code_interpreter(_tool: Json, resources: Json) -> Json:
    files = {"file_ids": resources["file_ids"]} if resources["file_ids"] else {}
    return {"type": "code_interpreter", "container": {"type": "auto", **files}}


_TOOLS: dict[str, Callable[[Json, Json], Json]] = {
    "function": _function,
    "file_search": _file_search,
    "code_interpreter": _code_interpreter,
}

# What a tool did is told only to who asks.
_INCLUDED = {"file_search": "file_search_call.results", "code_interpreter": "code_interpreter_call.outputs"}


def _tool_choice(choice: Any, first_call: bool) -> Any:
    if choice in (None, "auto", "none"):
        return choice or "auto"
    if not first_call:
        return "auto"
    if isinstance(choice, dict) and choice["type"] == "function":
        return {"type": "function", "name": choice["function"]["name"]}
    return choice


def _text_format(response_format: Any) -> Json | None:
    if response_format in (None, "auto"):
        return None
    if response_format["type"] != "json_schema":
        return {"type": response_format["type"]}
    return {"type": "json_schema", **{key: value for key, value in response_format["json_schema"].items() if value is not None}}
