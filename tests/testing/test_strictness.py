"""Every refusal, in the API's words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assistants_compat.testing import FunctionCall, HttpError, OfflineUpstream, Reasoning, Text, Turn
from assistants_compat.testing.models import find_model
from assistants_compat.testing.strictness import check

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
TOOL = {"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": True}
CALL = {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "rain"}
USER = {"role": "user", "content": "Hello"}


def refusal(model: str = "gpt-4o", **body: Any) -> HttpError | None:
    return check({"model": model, "input": "Hello", **body}, find_model(model))


def tool(**changes: Any) -> list[dict[str, Any]]:
    return [{**TOOL, **changes}]


def message(role: str, *parts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": role, "content": list(parts)}]


REFUSED: list[tuple[str, dict[str, Any], str, str | None, str | None]] = [
    # name, body, message, code, param
    (
        "an unknown model",
        {"model": "gpt-5.2-proo"},
        "The requested model 'gpt-5.2-proo' does not exist.",
        "model_not_found",
        "model",
    ),
    ("a dead model", {"model": "gpt-4-turbo"}, "The requested model 'gpt-4-turbo' does not exist.", "model_not_found", "model"),
    ("no input", {"input": None}, "Missing required parameter: 'input'.", "missing_required_parameter", "input"),
    ("a parameter of another API", {"messages": []}, "Unknown parameter: 'messages'.", "unknown_parameter", "messages"),
    (
        "a wrong type",
        {"store": "yes"},
        "Invalid type for 'store': expected a boolean, but got a string instead.",
        "invalid_type",
        "store",
    ),
    (
        "a boolean for a number",
        {"temperature": True},
        "Invalid type for 'temperature': expected a decimal, but got a boolean instead.",
        "invalid_type",
        "temperature",
    ),
    (
        "a negative temperature",
        {"temperature": -1},
        "Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -1 instead.",
        "decimal_below_min_value",
        "temperature",
    ),
    (
        "a top_p above one",
        {"top_p": 1.5},
        "Invalid 'top_p': decimal above maximum value. Expected a value <= 1, but got 1.5 instead.",
        "decimal_above_max_value",
        "top_p",
    ),
    (
        "too few output tokens",
        {"max_output_tokens": 5},
        "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 5 instead.",
        "integer_below_min_value",
        "max_output_tokens",
    ),
    (
        "a temperature for a reasoning model",
        {"model": "gpt-5", "temperature": 0.8},
        "Unsupported value: 'temperature' does not support 0.8 with this model. Only the default (1) value is supported.",
        "unsupported_value",
        "temperature",
    ),
    (
        "a top_p for a reasoning model",
        {"model": "gpt-6-luna", "top_p": 0.5},
        "Unsupported value: 'top_p' does not support 0.5 with this model. Only the default (1) value is supported.",
        "unsupported_value",
        "top_p",
    ),
    (
        "effort for a model that does not reason",
        {"reasoning": {"effort": "low"}},
        "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
        "unsupported_parameter",
        "reasoning.effort",
    ),
    (
        "encrypted reasoning of a model that does not reason",
        {"include": ["reasoning.encrypted_content"]},
        "Encrypted content is not supported with this model.",
        None,
        "include",
    ),
    (
        "metadata that is no string",
        {"metadata": {"modified": True}},
        "Invalid type for 'metadata.modified': expected a string, but got a boolean instead.",
        "invalid_type",
        "metadata.modified",
    ),
    (
        "a long metadata value",
        {"metadata": {"a": "x" * 513}},
        "Invalid 'metadata.a': string too long. Expected a string with maximum length 512, but got a string with length 513 instead.",
        "string_above_max_length",
        "metadata.a",
    ),
    (
        "stream options without a stream",
        {"stream_options": {"include_obfuscation": False}},
        "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        None,
        "stream_options",
    ),
    (
        "an unknown previous response",
        {"previous_response_id": "resp_1"},
        "Previous response with id 'resp_1' not found.",
        "previous_response_not_found",
        "previous_response_id",
    ),
    # tools
    (
        "a function in the form of chat completions",
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        "Missing required parameter: 'tools[0].name'.",
        "missing_required_parameter",
        "tools[0].name",
    ),
    (
        "a strict schema that is open",
        {"tools": tool(parameters={"type": "object", "properties": {}})},
        "Invalid schema for function 'get_weather': In context=(), 'additionalProperties' is required to be supplied and to be false.",
        "invalid_function_parameters",
        "tools[0].parameters",
    ),
    (
        "a strict schema with an optional argument",
        {"tools": tool(parameters={**SCHEMA, "required": []})},
        "Invalid schema for function 'get_weather': In context=(), 'required' is required to be supplied and to be an array "
        "including every key in properties. Missing 'city'.",
        "invalid_function_parameters",
        "tools[0].parameters",
    ),
    (
        "a file search without stores",
        {"tools": [{"type": "file_search"}]},
        "Missing required parameter: 'tools[0].vector_store_ids'.",
        "missing_required_parameter",
        "tools[0].vector_store_ids",
    ),
    (
        "a code interpreter without a container",
        {"tools": [{"type": "code_interpreter"}]},
        "Missing required parameter: 'tools[0].container'.",
        "missing_required_parameter",
        "tools[0].container",
    ),
    (
        "a ranker of the Assistants API",
        {"tools": [{"type": "file_search", "vector_store_ids": ["vs_1"], "ranking_options": {"ranker": "default_2024_08_21"}}]},
        "Invalid value: 'default_2024_08_21'. Supported values are: 'auto' and 'default-2024-11-15'.",
        "invalid_value",
        "tools[0].ranking_options.ranker",
    ),
    (
        "too many tools",
        {"tools": [{**TOOL, "name": f"f{n}"} for n in range(129)]},
        "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 129 instead.",
        "array_above_max_length",
        "tools",
    ),
    (
        "a choice of an absent function",
        {"tools": [TOOL], "tool_choice": {"type": "function", "name": "other"}},
        "Tool choice 'function' not found in 'tools' parameter.",
        None,
        "tool_choice",
    ),
    # text.format
    (
        "json mode without the word",
        {"text": {"format": {"type": "json_object"}}, "instructions": "Answer in JSON."},
        "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
        None,
        "input",
    ),
    (
        "a schema without a name",
        {"text": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        "Missing required parameter: 'text.format.name'.",
        "missing_required_parameter",
        "text.format.name",
    ),
    (
        "a schema in the form of chat completions",
        {"text": {"format": {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}}},
        "Missing required parameter: 'text.format.name'.",
        "missing_required_parameter",
        "text.format.name",
    ),
    (
        "a schema name with a space",
        {"text": {"format": {"type": "json_schema", "name": "a b", "schema": SCHEMA}}},
        "Invalid 'text.format.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
        "invalid_value",
        "text.format.name",
    ),
    # input
    (
        "an item with a call's id for its own",
        {"input": [USER, {**CALL, "id": "call_1"}, OUTPUT]},
        "Invalid 'input[1].id': 'call_1'. Expected an ID that begins with 'fc'.",
        "invalid_value",
        "input[1].id",
    ),
    (
        "an item that is not stored, without a store",
        {"input": [{"type": "item_reference", "id": "msg_1"}], "store": False},
        "Item with id 'msg_1' not found. Items are not persisted when `store` is set to false. "
        "Try again with `store` set to true, or remove this item from your input.",
        None,
        "input",
    ),
    (
        "a call without its output",
        {"input": [USER, CALL, USER]},
        "No tool output found for function call call_1.",
        None,
        "input",
    ),
    (
        "an output without its call",
        {"input": [USER, OUTPUT]},
        "No tool call found for function call output with call_id call_1.",
        None,
        "input",
    ),
    (
        "an output before its call",
        {"input": [OUTPUT, CALL]},
        "No tool call found for function call output with call_id call_1.",
        None,
        "input",
    ),
    (
        "a long call_id",
        {"input": [{**CALL, "call_id": "c" * 65}]},
        "Invalid 'input[0].call_id': string too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
        "string_above_max_length",
        "input[0].call_id",
    ),
    (
        "an output that is no text",
        {"input": [CALL, {**OUTPUT, "output": {"a": 1}}]},
        "Invalid type for 'input[1].output': expected one of a string or array of objects, but got an object instead.",
        "invalid_type",
        "input[1].output",
    ),
    (
        "a user's part in an assistant's message",
        {"input": message("assistant", {"type": "input_text", "text": "a"})},
        "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.",
        "invalid_value",
        "input[0].content[0]",
    ),
    (
        "an assistant's part in a user's message",
        {"input": message("user", {"type": "output_text", "text": "a"})},
        "Invalid value: 'output_text'. Supported values are: 'input_text', 'input_image', and 'input_file'.",
        "invalid_value",
        "input[0].content[0]",
    ),
    (
        "empty content",
        {"input": message("user")},
        "Invalid 'input[0].content': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        "empty_array",
        "input[0].content",
    ),
    (
        "a key of an Assistants message",
        {"input": [{**USER, "attachments": []}]},
        "Unknown parameter: 'input[0].attachments'.",
        "unknown_parameter",
        "input[0].attachments",
    ),
    (
        "reasoning sealed elsewhere",
        {"model": "gpt-5", "input": [{"type": "reasoning", "summary": [], "encrypted_content": "gAAAAABabcdwxyz"}, CALL, OUTPUT]},
        "The encrypted content gAAA...wxyz could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
        "invalid_encrypted_content",
        None,
    ),
    (
        "a history longer than the window",
        {"input": "x" * 4 * 128_001},
        "Your input exceeds the context window of this model. Please adjust your input and try again.",
        "context_length_exceeded",
        "input",
    ),
]


@pytest.mark.parametrize(("body", "message", "code", "param"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_the_api_refuses(body: dict[str, Any], message: str, code: str | None, param: str | None) -> None:
    assert refusal(**body) == HttpError(refusal(**body).status, message, code, param=param)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"truncation": "auto", "input": "x" * 4 * 128_001}, id="a long history that may be truncated"),
        pytest.param({"model": "gpt-5.6-sol", "temperature": 0.5, "reasoning": {"effort": "none"}}, id="a temperature without effort"),
        pytest.param({"model": "gpt-5", "temperature": 1}, id="the default temperature"),
        pytest.param({"tools": [{**TOOL, "strict": False, "parameters": {}}]}, id="a function without a schema"),
        pytest.param({"input": [USER, CALL, OUTPUT]}, id="a call and its output"),
        pytest.param({"input": [USER, {"role": "assistant", "content": ""}]}, id="an empty text"),
        pytest.param({"instructions": None, "metadata": None, "tools": None, "text": None}, id="nulls"),
        pytest.param({"input": "as json", "text": {"format": {"type": "json_object"}}}, id="json mode with the word"),
    ],
)
def test_the_api_accepts(body: dict[str, Any]) -> None:
    assert refusal(**body) is None


def test_an_unstored_item_is_a_404() -> None:
    error = refusal(input=[{"type": "item_reference", "id": "rs_1"}], store=False)
    assert error is not None
    assert error.status == 404


HEADERS = {"authorization": "Bearer sk-test"}


def post(upstream: OfflineUpstream, **body: Any) -> Any:
    data = json.dumps({"model": "gpt-5", "input": "Hello", **body}).encode()
    return upstream.handle("POST", "/v1/responses", HEADERS, data).json


def without_ids(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in item.items() if key != "id"} for item in items]


@pytest.fixture
def spoken(upstream: OfflineUpstream) -> list[dict[str, Any]]:
    """Reasoning and a call of it, not stored."""
    upstream.script(Turn(Reasoning(), FunctionCall("f", call_id="call_1")))
    output: list[dict[str, Any]] = post(upstream, store=False)["output"]
    return output


def test_sealed_reasoning_is_taken_back(upstream: OfflineUpstream, spoken: list[dict[str, Any]]) -> None:
    assert post(upstream, input=[USER, *without_ids(spoken), OUTPUT], store=False)["status"] == "completed"


def test_sealed_reasoning_is_not_taken_by_another_model(upstream: OfflineUpstream, spoken: list[dict[str, Any]]) -> None:
    answer = post(upstream, model="gpt-5-mini", input=[USER, *without_ids(spoken), OUTPUT], store=False)
    assert answer["error"]["code"] == "invalid_encrypted_content"


def test_sealed_reasoning_is_not_taken_by_another_upstream_without_the_key(spoken: list[dict[str, Any]]) -> None:
    answer = post(OfflineUpstream(), input=[USER, *without_ids(spoken), OUTPUT], store=False)
    assert answer["error"]["code"] == "invalid_encrypted_content"


def test_two_upstreams_with_one_key_share_their_reasoning() -> None:
    first = OfflineUpstream([Turn(Reasoning(), Text("Hi"))], key=b"key")
    output = post(first, store=False)["output"]
    assert post(OfflineUpstream(key=b"key"), input=[USER, *without_ids(output), USER])["status"] == "completed"


def test_an_item_with_the_id_of_an_unstored_response_is_not_found(upstream: OfflineUpstream, spoken: list[dict[str, Any]]) -> None:
    answer = post(upstream, input=[USER, spoken[1], OUTPUT], store=False)
    assert answer["error"]["message"].startswith(f"Item with id '{spoken[1]['id']}' not found. Items are not persisted")


def test_reasoning_wants_its_follower(upstream: OfflineUpstream, spoken: list[dict[str, Any]]) -> None:
    answer = post(upstream, input=[USER, spoken[0], USER], store=False)
    assert answer["error"]["message"] == f"Item '{spoken[0]['id']}' of type 'reasoning' was provided without its required following item."
    answer = post(upstream, input=[USER, *without_ids(spoken[:1]), USER], store=False)
    assert answer["error"]["message"] == "Item 'input[1]' of type 'reasoning' was provided without its required following item."


def test_reasoning_with_an_id_wants_the_item_it_was_made_with(upstream: OfflineUpstream, spoken: list[dict[str, Any]]) -> None:
    answer = post(upstream, input=[USER, spoken[0], {"role": "assistant", "content": "Hi"}], store=False)
    assert "required following item" in answer["error"]["message"]


def test_a_stored_item_wants_its_reasoning(upstream: OfflineUpstream) -> None:
    upstream.script(Turn(Reasoning(), Text("Hi")))
    reasoning, said = post(upstream)["output"]
    answer = post(upstream, input=[USER, said, USER])
    assert answer["error"]["message"] == (
        f"Item '{said['id']}' of type 'message' was provided without its required 'reasoning' item: '{reasoning['id']}'."
    )
    assert post(upstream, input=[USER, reasoning, said, USER])["status"] == "completed"


def test_what_is_refused_uses_up_nothing_of_the_script(upstream: OfflineUpstream) -> None:
    upstream.script("Hello")
    assert "error" in post(upstream, max_output_tokens=1)
    assert upstream.unused == 1
    assert post(upstream)["output"][0]["content"][0]["text"] == "Hello"


def test_a_function_without_strict_is_made_strict(upstream: OfflineUpstream) -> None:
    loose = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {"a": {"type": "string"}}}}
    (echoed,) = post(upstream, tools=[loose])["tools"]
    assert echoed["strict"] is True
    assert echoed["parameters"]["required"] == ["a"]
    (echoed,) = post(upstream, tools=[{**loose, "strict": False}])["tools"]
    assert echoed["parameters"] == loose["parameters"]
