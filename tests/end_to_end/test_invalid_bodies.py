"""Bodies that break a rule: each limit's sentence, with its param and code, and a store in which nothing has changed."""

# ruff: noqa: E501 - sentences are easier to read, and to search for, in one piece

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assistants_compat.settings import Settings

from .support import function

LONG = 256_000
UNREADABLE = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. "
    "The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix "
    "this, please contact us through our help center at help.openai.com.)"
)
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.test/a.png"}}
NO_MESSAGE = "Run creation requires a Thread with a user message or an assistant with instructions."


def long_string(path: str, maximum: int) -> str:
    return f"Invalid '{path}': string too long. Expected a string with maximum length {maximum}, but got a string with length {maximum + 1} instead."


def long_array(path: str, maximum: int) -> str:
    return f"Invalid '{path}': array too long. Expected an array with maximum length {maximum}, but got an array with length {maximum + 1} instead."


def wrong_type(path: str, expected: str, got: str) -> str:
    return f"Invalid type for '{path}': expected {expected}, but got {got} instead."


def too_big(path: str, kind: str, maximum: Any, value: Any) -> str:
    return f"Invalid '{path}': {kind} above maximum value. Expected a value <= {maximum}, but got {value} instead."


def too_small(path: str, kind: str, minimum: Any, value: Any) -> str:
    return f"Invalid '{path}': {kind} below minimum value. Expected a value >= {minimum}, but got {value} instead."


@pytest.fixture(scope="module")
def settings(one_store: Settings) -> Settings:
    return one_store


# The start of a path, a body, and the error: message, param, code. {thread}, {assistant} and {run} are those of the test.
ASSISTANT, THREADS, MESSAGES, RUNS = "/assistants", "/threads", "/threads/{thread}/messages", "/threads/{thread}/runs"
BODIES: list[tuple[str, Any, str, str | None, str | None]] = [
    (ASSISTANT, {}, "Missing required parameter: 'model'.", "model", "missing_required_parameter"),
    (ASSISTANT, {"model": None}, wrong_type("model", "a string", "null"), "model", "invalid_type"),
    (ASSISTANT, {"model": "m", "name": "n" * 257}, long_string("name", 256), "name", "string_above_max_length"),
    (ASSISTANT, {"model": "m", "description": "d" * 513}, long_string("description", 512), "description", "string_above_max_length"),
    (ASSISTANT, {"model": "m", "instructions": "i" * (LONG + 1)}, long_string("instructions", LONG), "instructions", "string_above_max_length"),
    (ASSISTANT, {"model": "m", "file_ids": []}, "Unknown parameter: 'file_ids'.", "file_ids", "unknown_parameter"),
    (ASSISTANT, {"model": "m", "tools": [function("f")] * 129}, long_array("tools", 128), "tools", "array_above_max_length"),
    (ASSISTANT, {"model": "m", "tools": {}}, wrong_type("tools", "an array of objects", "an object"), "tools", "invalid_type"),
    (ASSISTANT, {"model": "m", "tools": [{}]}, "Missing required parameter: 'tools[0].type'.", "tools[0].type", "missing_required_parameter"),
    (
        ASSISTANT,
        {"model": "m", "tools": [{"type": "retrieval"}]},
        "Invalid value: 'retrieval'. Supported values are: 'code_interpreter', 'file_search', and 'function'.",
        "tools[0].type",
        "invalid_value",
    ),
    (
        ASSISTANT,
        {"model": "m", "tools": [function("f f")]},
        "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
        "tools[0].function.name",
        "invalid_value",
    ),
    (ASSISTANT, {"model": "m", "temperature": 2.1}, too_big("temperature", "decimal", 2, 2.1), "temperature", "decimal_above_max_value"),
    (ASSISTANT, {"model": "m", "temperature": -1}, too_small("temperature", "decimal", 0, -1), "temperature", "decimal_below_min_value"),
    (ASSISTANT, {"model": "m", "temperature": "hot"}, wrong_type("temperature", "a decimal", "a string"), "temperature", "invalid_type"),
    (ASSISTANT, {"model": "m", "top_p": 1.5}, too_big("top_p", "decimal", 1, 1.5), "top_p", "decimal_above_max_value"),
    (
        ASSISTANT,
        {"model": "m", "tool_resources": {"code_interpreter": {"file_ids": ["file"] * 21}}},
        long_array("tool_resources.code_interpreter.file_ids", 20),
        "tool_resources.code_interpreter.file_ids",
        "array_above_max_length",
    ),
    (
        ASSISTANT,
        {"model": "m", "tool_resources": {"file_search": {"vector_store_ids": ["vs_1", "vs_2"]}}},
        long_array("tool_resources.file_search.vector_store_ids", 1),
        "tool_resources.file_search.vector_store_ids",
        "array_above_max_length",
    ),
    (
        ASSISTANT,
        {"model": "m", "reasoning_effort": "huge"},
        "Invalid value: 'huge'. Supported values are: 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'.",
        "reasoning_effort",
        "invalid_value",
    ),
    (THREADS, {"metadata": {"a": True}}, wrong_type("metadata.a", "a string", "a boolean"), "metadata.a", "invalid_type"),
    (
        THREADS,
        {"metadata": {f"k{n}": "v" for n in range(17)}},
        "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with 17 properties instead.",
        "metadata",
        "object_above_max_properties",
    ),
    (
        THREADS,
        {"metadata": {"k" * 65: "v"}},
        "Invalid property name in 'metadata': 'kkk...kkk' is too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
        "metadata." + "k" * 65,
        "property_name_above_max_length",
    ),
    (THREADS, {"metadata": {"k": "v" * 513}}, long_string("metadata.k", 512), "metadata.k", "string_above_max_length"),
    (THREADS, {"messages": [{"role": "user"}]}, "Missing required parameter: 'messages[0].content'.", "messages[0].content", "missing_required_parameter"),
    (
        THREADS,
        {"messages": [{"role": "user", "content": "x" * (LONG + 1)}]},
        long_string("messages[0].content", LONG),
        "messages[0].content",
        "string_above_max_length",
    ),
    (
        MESSAGES,
        {"role": "system", "content": "Hi"},
        "Invalid value: 'system'. Supported values are: 'user' and 'assistant'.",
        "role",
        "invalid_value",
    ),
    (MESSAGES, {"content": "Hi"}, "Missing required parameter: 'role'.", "role", "missing_required_parameter"),
    (MESSAGES, {"role": "user", "content": ""}, "Message content must be non-empty.", "content", "invalid_value"),
    (MESSAGES, {"role": "user", "content": " \n"}, "Message content must be non-empty.", "content", "invalid_value"),
    (
        MESSAGES,
        {"role": "user", "content": []},
        "Invalid 'content': array too short. Expected an array with minimum length 1, but got an empty array instead.",
        "content",
        "empty_array",
    ),
    (MESSAGES, {"role": "user", "content": 3}, wrong_type("content", "one of an array of objects or string", "an integer"), "content", "invalid_type"),
    (
        MESSAGES,
        {"role": "user", "content": "Hi", "attachments": [{"file_id": "file-1"}]},
        "Missing required parameter: 'attachments[0].tools'.",
        "attachments[0].tools",
        "missing_required_parameter",
    ),
    (
        MESSAGES,
        {"role": "user", "content": "Hi", "attachments": [{"tools": [{"type": "file_search"}]}]},
        "Missing required parameter: 'attachments[0].file_id'.",
        "attachments[0].file_id",
        "missing_required_parameter",
    ),
    (
        MESSAGES,
        {"role": "user", "content": "Hi", "attachments": [{"file_id": "file-1", "tools": [{"type": "function"}]}]},
        "Invalid value: 'function'. Supported values are: 'code_interpreter' and 'file_search'.",
        "attachments[0].tools[0].type",
        "invalid_value",
    ),
    (
        MESSAGES,
        {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "x" * (LONG + 1)}]},
        long_string("content[1].text", LONG),
        "content[1].text",
        "string_above_max_length",
    ),
    (
        MESSAGES,
        {"role": "assistant", "content": [IMAGE, {"type": "text", "text": " "}]},
        "Message content must be non-empty.",
        "content[1].text",
        "invalid_value",
    ),
    (MESSAGES, {"role": "user", "content": [{"type": "text", "text": {"value": "Hi"}}]}, wrong_type("content[0].text", "a string", "an object"), "content[0].text", "invalid_type"),
    (MESSAGES, {"role": "user", "content": [{**IMAGE, "image_url": "https://example.test/a.png"}]}, wrong_type("content[0].image_url", "an object", "a string"), "content[0].image_url", "invalid_type"),
    (
        MESSAGES,
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.test/a.png", "detail": "original"}}]},
        "Invalid value: 'original'. Supported values are: 'auto', 'low', and 'high'.",
        "content[0].image_url.detail",
        "invalid_value",
    ),
    (MESSAGES, {"role": "user", "content": [{"type": "image_file", "image_file": {}}]}, "Missing required parameter: 'content[0].image_file.file_id'.", "content[0].image_file.file_id", "missing_required_parameter"),
    (
        MESSAGES,
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        "Invalid value: 'refusal'. Supported values are: 'text', 'image_url', and 'image_file'.",
        "content[0].type",
        "invalid_value",
    ),
    (RUNS, {}, "Missing required parameter: 'assistant_id'.", "assistant_id", "missing_required_parameter"),
    (RUNS, {"assistant_id": "wf_1"}, "Invalid 'assistant_id': 'wf_1'. Expected an ID that begins with 'asst'.", "assistant_id", "invalid_value"),
    (RUNS, {"assistant_id": "asst_1"}, "No assistant found with id 'asst_1'.", None, None),
    (
        RUNS,
        {"assistant_id": "{assistant}", "max_completion_tokens": 0},
        too_small("max_completion_tokens", "integer", 1, 0),
        "max_completion_tokens",
        "integer_below_min_value",
    ),
    (
        RUNS,
        {"assistant_id": "{assistant}", "truncation_strategy": {"type": "last_messages"}},
        "Missing required parameter: 'truncation_strategy.last_messages'.",
        "truncation_strategy.last_messages",
        "missing_required_parameter",
    ),
    (
        RUNS,
        {"assistant_id": "{assistant}", "tool_choice": "any"},
        "Invalid value: 'any'. Supported values are: 'none', 'auto', and 'required'.",
        "tool_choice",
        "invalid_value",
    ),
    (RUNS, {"assistant_id": "{assistant}", "thread": {}}, "Unknown parameter: 'thread'.", "thread", "unknown_parameter"),
    (
        RUNS,
        {"assistant_id": "{assistant}", "additional_messages": [{"role": "user", "content": ""}]},
        "Message content must be non-empty.",
        "additional_messages[0].content",
        "invalid_value",
    ),
    (
        "/threads/runs",
        {"assistant_id": "{assistant}", "additional_instructions": "x"},
        "Unknown parameter: 'additional_instructions'.",
        "additional_instructions",
        "unknown_parameter",
    ),
    ("/threads/runs", {"assistant_id": "{assistant}"}, NO_MESSAGE, None, "invalid_thread"),
    ("/threads/runs", {"assistant_id": "{assistant}", "thread": {"messages": []}}, NO_MESSAGE, None, "invalid_thread"),
    (
        "/threads/runs",
        {"assistant_id": "{assistant}", "thread": {"messages": [{"role": "assistant", "content": "Hi"}]}},
        NO_MESSAGE,
        None,
        "invalid_thread",
    ),
    *((path, [], "Invalid type for 'body': expected an object, but got an array instead.", None, "invalid_type") for path in (ASSISTANT, MESSAGES)),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "message", "param", "code"), BODIES, ids=[f"{n} {b[2][:50]}" for n, b in enumerate(BODIES)])
def test_a_body_that_breaks_a_rule_is_refused_in_the_apis_words(
    refused: Callable[..., Any], fill: Callable[..., Any], path: str, body: Any, message: str, param: str | None, code: str | None
) -> None:
    status, error = refused("POST", fill(path), fill(body))
    assert error == {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    assert status == (404 if message.startswith("No assistant") else 400)


@pytest.mark.parametrize("raw", [b"{", b"not json", b'{"model": NaN}', b'{"model": 1e999}', b"\xff\xfe{}", b"{}{}"])
def test_a_body_that_is_not_json_is_refused(refused: Callable[..., Any], raw: bytes) -> None:
    status, error = refused("POST", "/assistants", raw=raw)
    assert (status, error) == (400, {"message": UNREADABLE, "type": "invalid_request_error", "param": None, "code": None})
