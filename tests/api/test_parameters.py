"""Every endpoint's parameters: each limit's edge, the echo forms, and that nothing but an ApiError ever comes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistants_compat.api import parameters
from assistants_compat.api.errors import ApiError
from assistants_compat.api.parameters import (
    CREATE_ASSISTANT,
    CREATE_MESSAGE,
    CREATE_RUN,
    CREATE_RUN_QUERY,
    CREATE_THREAD,
    CREATE_THREAD_AND_RUN,
    LIST_ASSISTANTS,
    LIST_MESSAGES,
    LIST_RUNS,
    LIST_STEPS,
    MODIFY_ASSISTANT,
    MODIFY_MESSAGE,
    MODIFY_RUN,
    MODIFY_THREAD,
    RETRIEVE_STEP,
    SUBMIT_TOOL_OUTPUTS,
)
from assistants_compat.api.parameters.queries import Query
from assistants_compat.api.schema import Object

TABLES = {name: table for name, table in vars(parameters).items() if isinstance(table, Object)}
FILE_SEARCH_CONTENT = "step_details.tool_calls[*].file_search.results[*].content"


def refusal(table: Object, body: Any) -> tuple[str, str | None, str | None]:
    with pytest.raises(ApiError) as caught:
        table.check(body)
    error = caught.value
    assert (error.status, error.type) == (400, "invalid_request_error")
    return error.message, error.param, error.code


def assistant(**settings: Any) -> dict[str, Any]:
    return CREATE_ASSISTANT.check({"model": "gpt-4o", **settings})


def run(**settings: Any) -> dict[str, Any]:
    return CREATE_RUN.check({"assistant_id": "asst_1", **settings})


def function(**fields: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", **fields}}


def part(text: Any) -> dict[str, Any]:
    return {"type": "text", "text": text}


def static(size: int, overlap: int) -> dict[str, Any]:
    return {"type": "static", "static": {"max_chunk_size_tokens": size, "chunk_overlap_tokens": overlap}}


def stores(**fields: Any) -> dict[str, Any]:
    return {"file_search": {"vector_stores": [fields]}}


def ids(count: int) -> list[str]:
    return [f"file-{index}" for index in range(count)]


# What is given comes back, in the form the API echoes it in.


@pytest.mark.parametrize("name", sorted(TABLES))
def test_only_what_was_given_is_answered(name: str) -> None:
    needed = {"model": "m", "role": "user", "content": "hi", "assistant_id": "asst_1", "tool_outputs": []}
    body = {key: needed[key] for key in TABLES[name].required}
    assert set(TABLES[name].check(body)) == set(body)


@pytest.mark.parametrize(
    ("tool", "echo"),
    [
        ({"type": "code_interpreter"}, '{"type": "code_interpreter"}'),
        (
            {"type": "file_search"},
            '{"type": "file_search", "file_search": {"ranking_options": '
            '{"ranker": "default_2024_08_21", "score_threshold": 0.0, "hybrid_search": null}}}',
        ),
        (
            {"type": "file_search", "file_search": {}},
            '{"type": "file_search", "file_search": {"ranking_options": '
            '{"ranker": "default_2024_08_21", "score_threshold": 0.0, "hybrid_search": null}}}',
        ),
        (
            {"file_search": {"ranking_options": {"score_threshold": 1, "ranker": "auto"}, "max_num_results": 2}, "type": "file_search"},
            '{"type": "file_search", "file_search": {"max_num_results": 2, "ranking_options": '
            '{"ranker": "auto", "score_threshold": 1.0, "hybrid_search": null}}}',
        ),
        (
            {"type": "function", "function": {"name": "f"}},
            '{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}, "strict": false}}',
        ),
        (
            {"function": {"strict": None, "parameters": None, "description": None, "name": "f"}, "type": "function"},
            '{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}, "strict": false}}',
        ),
        (
            {
                "type": "function",
                "function": {"strict": True, "parameters": {"z": 1, "a": [None, 1.0]}, "description": "d", "name": "f"},
            },
            '{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"z": 1, "a": [null, 1.0]}, "strict": true}}',
        ),
    ],
)
def test_a_tool_is_echoed_with_its_defaults_and_stays_so_when_given_back(tool: dict[str, Any], echo: str) -> None:
    tools = assistant(tools=[tool])["tools"]
    assert json.dumps(tools) == f"[{echo}]"
    assert json.dumps(run(tools=tools)["tools"]) == f"[{echo}]"


@pytest.mark.parametrize(
    ("content", "echo"),
    [
        ("hi", [{"type": "text", "text": {"value": "hi", "annotations": []}}]),
        ([part(" hi ")], [{"type": "text", "text": {"value": " hi ", "annotations": []}}]),
        (
            [{"type": "image_url", "image_url": {"url": "https://a/b.png"}}],
            [{"type": "image_url", "image_url": {"url": "https://a/b.png", "detail": "auto"}}],
        ),
        (
            [{"type": "image_url", "image_url": {"detail": None, "url": "https://a/b.png"}}],
            [{"type": "image_url", "image_url": {"url": "https://a/b.png", "detail": "auto"}}],
        ),
        (
            [{"type": "image_file", "image_file": {"detail": "low", "file_id": "file-1"}}],
            [{"type": "image_file", "image_file": {"file_id": "file-1", "detail": "low"}}],
        ),
    ],
)
def test_message_content_is_echoed_as_a_list_of_parts(content: Any, echo: Any) -> None:
    checked = CREATE_MESSAGE.check({"role": "user", "content": content})
    assert json.dumps(checked["content"]) == json.dumps(echo)


@pytest.mark.parametrize("kind", [{"image_url": {"url": "https://a/b.png"}}, {"image_file": {"file_id": "file-1"}}])
@pytest.mark.parametrize("detail", ["auto", "low", "high"])
def test_every_detail_of_an_image_is_known(kind: dict[str, Any], detail: str) -> None:
    ((name, image),) = kind.items()
    (echo,) = CREATE_MESSAGE.check({"role": "user", "content": [{"type": name, name: {**image, "detail": detail}}]})["content"]
    assert echo == {"type": name, name: {**image, "detail": detail}}


def test_one_file_may_be_attached_twice_with_different_tools() -> None:
    attachments = [
        {"file_id": "file-1", "tools": [{"type": "file_search"}]},
        {"tools": [{"type": "code_interpreter"}], "file_id": "file-1"},
    ]
    checked = CREATE_MESSAGE.check({"role": "assistant", "content": "x", "attachments": attachments})
    assert json.dumps(checked["attachments"]) == (
        '[{"file_id": "file-1", "tools": [{"type": "file_search"}]}, {"file_id": "file-1", "tools": [{"type": "code_interpreter"}]}]'
    )


def test_null_attachments_and_metadata_are_empty_ones() -> None:
    checked = CREATE_MESSAGE.check({"role": "user", "content": "x", "attachments": None, "metadata": None})
    assert (checked["attachments"], checked["metadata"]) == ([], {})


@pytest.mark.parametrize("table", [MODIFY_ASSISTANT, MODIFY_THREAD, MODIFY_MESSAGE, MODIFY_RUN])
def test_null_metadata_empties_it(table: Object) -> None:
    assert table.check({"metadata": None}) == {"metadata": {}}


def test_null_on_an_assistant_is_kept_to_be_told_from_a_value() -> None:
    names = [
        "name",
        "description",
        "instructions",
        "tools",
        "tool_resources",
        "temperature",
        "top_p",
        "response_format",
        "reasoning_effort",
    ]
    assert MODIFY_ASSISTANT.check(dict.fromkeys(names)) == dict.fromkeys(names)


def test_null_on_a_run_is_kept_to_be_told_from_a_value() -> None:
    names = sorted(set(CREATE_RUN.fields) - {"assistant_id", "metadata"})
    checked = run(**dict.fromkeys(names))
    assert {name: checked[name] for name in names} == dict.fromkeys(names)


def test_whole_temperatures_are_echoed_as_decimals() -> None:
    assert json.dumps([assistant(temperature=1, top_p=1)[name] for name in ("temperature", "top_p")]) == "[1.0, 1.0]"


@pytest.mark.parametrize(
    "value",
    [
        "auto",
        {"type": "text"},
        {"type": "json_object"},
        {"type": "json_schema", "json_schema": {"name": "a-Z_9", "schema": {"type": "object"}, "strict": True}},
        {"type": "json_schema", "json_schema": {"name": "n", "description": None, "schema": None, "strict": None}},
    ],
)
def test_response_formats_come_back_as_given(value: Any) -> None:
    assert assistant(response_format=value)["response_format"] == value


@pytest.mark.parametrize(
    "value",
    [
        "none",
        "auto",
        "required",
        {"type": "code_interpreter"},
        {"type": "file_search"},
        {"type": "function", "function": {"name": "f"}},
    ],
)
def test_tool_choices_come_back_as_given(value: Any) -> None:
    assert run(tool_choice=value)["tool_choice"] == value


def test_a_truncation_strategy_always_says_how_many_messages() -> None:
    assert run(truncation_strategy={"type": "auto"})["truncation_strategy"] == {"type": "auto", "last_messages": None}
    kept = run(truncation_strategy={"last_messages": 1, "type": "last_messages"})["truncation_strategy"]
    assert json.dumps(kept) == '{"type": "last_messages", "last_messages": 1}'


@pytest.mark.parametrize("effort", ["none", "minimal", "low", "medium", "high", "xhigh", "max"])
def test_every_reasoning_effort_is_known(effort: str) -> None:
    assert assistant(reasoning_effort=effort)["reasoning_effort"] == effort


def test_sixteen_completion_tokens_are_taken_as_they_were() -> None:
    assert run(max_completion_tokens=16, max_prompt_tokens=1)["max_completion_tokens"] == 16


def test_tool_resources_lose_their_nulls() -> None:
    given = {"code_interpreter": None, "file_search": {"vector_store_ids": ["vs_1"], "vector_stores": None}}
    assert assistant(tool_resources=given)["tool_resources"] == {"file_search": {"vector_store_ids": ["vs_1"]}}


@pytest.mark.parametrize("strategy", [{"type": "auto"}, static(100, 50), static(4096, 2048), static(101, 0)])
def test_vector_stores_can_be_made_on_the_way(strategy: dict[str, Any]) -> None:
    given = stores(file_ids=ids(10_000), chunking_strategy=strategy, metadata={"a": "b"})
    assert assistant(tool_resources=given)["tool_resources"] == given
    assert CREATE_THREAD.check({"tool_resources": given})["tool_resources"] == given
    both = CREATE_THREAD_AND_RUN.check({"assistant_id": "asst_1", "thread": {"tool_resources": given}})
    assert both["thread"]["tool_resources"] == given


def test_a_run_brings_messages_and_a_thread_too() -> None:
    message = {"role": "user", "content": "hi"}
    echo = {"role": "user", "content": [{"type": "text", "text": {"value": "hi", "annotations": []}}]}
    assert run(additional_messages=[message])["additional_messages"] == [echo]
    both = CREATE_THREAD_AND_RUN.check({"assistant_id": "asst_1", "thread": {"messages": [message]}, "stream": True})
    assert both["thread"] == {"messages": [echo]}


def test_the_limits_themselves_are_within() -> None:
    text = "x" * 256_000
    assistant(name="x" * 256, description="x" * 512, instructions=text, temperature=2, top_p=0, tools=[function(name="x" * 64)] * 128)
    assistant(metadata={f"{index:064}": "x" * 512 for index in range(16)}, tool_resources={"code_interpreter": {"file_ids": ids(20)}})
    run(instructions=text, additional_instructions=text, tools=[{"type": "code_interpreter"}] * 128)
    CREATE_MESSAGE.check({"role": "user", "content": text})
    CREATE_MESSAGE.check({"role": "user", "content": [part(text)]})
    assistant(tools=[{"type": "file_search", "file_search": {"max_num_results": 50, "ranking_options": {"score_threshold": 0}}}])
    CREATE_THREAD.check({"messages": [{"role": "user", "content": "x"}] * 100_000})
    SUBMIT_TOOL_OUTPUTS.check({"tool_outputs": [{"tool_call_id": "call_1", "output": ""}], "stream": None})


# One past a limit, and everything else that is refused.

TOO_LONG = "string too long. Expected a string with maximum length {}, but got a string with length {} instead."
TOO_MANY = "array too long. Expected an array with maximum length {}, but got an array with length {} instead."
ABOVE = "{} above maximum value. Expected a value <= {}, but got {} instead."
BELOW = "{} below minimum value. Expected a value >= {}, but got {} instead."

ONE_PAST_ON_AN_ASSISTANT: list[tuple[dict[str, Any], str, str, str]] = [
    ({"name": "x" * 257}, "name", TOO_LONG.format(256, 257), "string_above_max_length"),
    ({"description": "x" * 513}, "description", TOO_LONG.format(512, 513), "string_above_max_length"),
    ({"instructions": "x" * 256_001}, "instructions", TOO_LONG.format(256_000, 256_001), "string_above_max_length"),
    ({"tools": [function()] * 129}, "tools", TOO_MANY.format(128, 129), "array_above_max_length"),
    ({"tools": [function(name="x" * 65)]}, "tools[0].function.name", TOO_LONG.format(64, 65), "string_above_max_length"),
    ({"temperature": 3}, "temperature", ABOVE.format("decimal", 2, 3), "decimal_above_max_value"),
    ({"temperature": 2.1}, "temperature", ABOVE.format("decimal", 2, 2.1), "decimal_above_max_value"),
    ({"temperature": -1}, "temperature", BELOW.format("decimal", 0, -1), "decimal_below_min_value"),
    ({"top_p": 1.5}, "top_p", ABOVE.format("decimal", 1, 1.5), "decimal_above_max_value"),
    ({"metadata": {"k": "x" * 513}}, "metadata.k", TOO_LONG.format(512, 513), "string_above_max_length"),
    (
        {"metadata": {str(index): "" for index in range(17)}},
        "metadata",
        "too many properties. Expected an object with at most 16 properties, but got an object with 17 properties instead.",
        "object_above_max_properties",
    ),
    (
        {"tool_resources": {"code_interpreter": {"file_ids": ids(21)}}},
        "tool_resources.code_interpreter.file_ids",
        TOO_MANY.format(20, 21),
        "array_above_max_length",
    ),
    (
        {"tool_resources": {"file_search": {"vector_store_ids": ["vs_1", "vs_2"]}}},
        "tool_resources.file_search.vector_store_ids",
        TOO_MANY.format(1, 2),
        "array_above_max_length",
    ),
    (
        {"tool_resources": stores(file_ids=ids(10_001))},
        "tool_resources.file_search.vector_stores[0].file_ids",
        TOO_MANY.format(10_000, 10_001),
        "array_above_max_length",
    ),
    (
        {"tool_resources": stores(chunking_strategy=static(4097, 0))},
        "tool_resources.file_search.vector_stores[0].chunking_strategy.static.max_chunk_size_tokens",
        ABOVE.format("integer", 4096, 4097),
        "integer_above_max_value",
    ),
    (
        {"tool_resources": stores(chunking_strategy=static(101, 51))},
        "tool_resources.file_search.vector_stores[0].chunking_strategy.static.chunk_overlap_tokens",
        ABOVE.format("integer", 50, 51),
        "integer_above_max_value",
    ),
    (
        {"tools": [{"type": "file_search", "file_search": {"max_num_results": 51}}]},
        "tools[0].file_search.max_num_results",
        ABOVE.format("integer", 50, 51),
        "integer_above_max_value",
    ),
    (
        {"tools": [{"type": "file_search", "file_search": {"ranking_options": {"score_threshold": 1.1}}}]},
        "tools[0].file_search.ranking_options.score_threshold",
        ABOVE.format("decimal", 1, 1.1),
        "decimal_above_max_value",
    ),
]


@pytest.mark.parametrize(("settings", "param", "rest", "code"), ONE_PAST_ON_AN_ASSISTANT)
def test_one_past_a_limit_of_an_assistant_is_refused(settings: dict[str, Any], param: str, rest: str, code: str) -> None:
    assert refusal(CREATE_ASSISTANT, {"model": "gpt-4o", **settings}) == (f"Invalid '{param}': {rest}", param, code)


def test_a_long_metadata_key_is_named_by_its_ends() -> None:
    key = "abc" + "k" * 59 + "xyz"
    assert refusal(MODIFY_THREAD, {"metadata": {key: "v"}}) == (
        "Invalid property name in 'metadata': 'abc...xyz' is too long. "
        "Expected a string with maximum length 64, but got a string with length 65 instead.",
        f"metadata.{key}",
        "property_name_above_max_length",
    )


REFUSED: list[tuple[Object, Any, str, str | None, str]] = [
    (CREATE_ASSISTANT, [], "Invalid type for 'body': expected an object, but got an array instead.", None, "invalid_type"),
    (CREATE_ASSISTANT, {}, "Missing required parameter: 'model'.", "model", "missing_required_parameter"),
    (CREATE_ASSISTANT, {"model": None}, "Invalid type for 'model': expected a string, but got null instead.", "model", "invalid_type"),
    (
        CREATE_ASSISTANT,
        {"model": ""},
        "Invalid 'model': string too short. Expected a string with minimum length 1, but got an empty string instead.",
        "model",
        "empty_string",
    ),
    (CREATE_ASSISTANT, {"model": "m", "file_ids": []}, "Unknown parameter: 'file_ids'.", "file_ids", "unknown_parameter"),
    (
        MODIFY_ASSISTANT,
        {"tools": [{"type": "retrieval"}]},
        "Invalid value: 'retrieval'. Supported values are: 'code_interpreter', 'file_search', and 'function'.",
        "tools[0].type",
        "invalid_value",
    ),
    (
        MODIFY_ASSISTANT,
        {"tools": [{"type": "function", "name": "f"}]},
        "Missing required parameter: 'tools[0].function'.",
        "tools[0].function",
        "missing_required_parameter",
    ),
    (
        MODIFY_ASSISTANT,
        {"tools": {"type": "function"}},
        "Invalid type for 'tools': expected an array of objects, but got an object instead.",
        "tools",
        "invalid_type",
    ),
    (
        MODIFY_ASSISTANT,
        {"tools": [function(name="get weather")]},
        "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
        "tools[0].function.name",
        "invalid_value",
    ),
    (
        MODIFY_ASSISTANT,
        {"tools": [function(parameters="{}")]},
        "Invalid type for 'tools[0].function.parameters': expected an object, but got a string instead.",
        "tools[0].function.parameters",
        "invalid_type",
    ),
    (
        MODIFY_ASSISTANT,
        {"response_format": "json_object"},
        "Invalid value: 'json_object'. Supported values are: 'auto'.",
        "response_format",
        "invalid_value",
    ),
    (
        MODIFY_ASSISTANT,
        {"response_format": 1},
        "Invalid type for 'response_format': expected one of an object or 'auto', but got an integer instead.",
        "response_format",
        "invalid_type",
    ),
    (
        MODIFY_ASSISTANT,
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}},
        "Missing required parameter: 'response_format.json_schema.name'.",
        "response_format.json_schema.name",
        "missing_required_parameter",
    ),
    (
        MODIFY_ASSISTANT,
        {"tool_resources": stores()},
        "Unknown parameter: 'tool_resources.file_search.vector_stores'.",
        "tool_resources.file_search.vector_stores",
        "unknown_parameter",
    ),
    (
        MODIFY_THREAD,
        {"tool_resources": stores()},
        "Unknown parameter: 'tool_resources.file_search.vector_stores'.",
        "tool_resources.file_search.vector_stores",
        "unknown_parameter",
    ),
    (
        CREATE_THREAD,
        {"tool_resources": {"file_search": {"vector_store_ids": ["vs_1"], "vector_stores": [{}]}}},
        "Mutually exclusive parameters: 'tool_resources.file_search.vector_store_ids' and 'tool_resources.file_search.vector_stores'. "
        "Ensure you are only providing one of: 'vector_store_ids' or 'vector_stores'.",
        "tool_resources.file_search",
        "mutually_exclusive_parameters",
    ),
    (
        MODIFY_THREAD,
        {"tool_resources": {"file_search": {"vector_store_ids": ["x"]}}},
        "Invalid 'tool_resources.file_search.vector_store_ids[0]': 'x'. Expected an ID that begins with 'vs'.",
        "tool_resources.file_search.vector_store_ids[0]",
        "invalid_value",
    ),
    (
        CREATE_THREAD,
        {"messages": [{"role": "user", "content": "a"}] * 100_001},
        "Invalid 'messages': " + TOO_MANY.format(100_000, 100_001),
        "messages",
        "array_above_max_length",
    ),
    (
        CREATE_THREAD,
        {"messages": [{"role": "user", "content": "x" * 256_001}]},
        "Invalid 'messages[0].content': " + TOO_LONG.format(256_000, 256_001),
        "messages[0].content",
        "string_above_max_length",
    ),
    (
        CREATE_THREAD,
        {"messages": [{"role": "user", "content": [part("a"), part("")]}]},
        "Message content must be non-empty.",
        "messages[0].content[1].text",
        "invalid_value",
    ),
    (CREATE_MESSAGE, {"role": "user", "content": " \n"}, "Message content must be non-empty.", "content", "invalid_value"),
    (
        CREATE_MESSAGE,
        {"role": "user", "content": [{"type": "text", "text": {"value": "a", "annotations": []}}]},
        "Invalid type for 'content[0].text': expected a string, but got an object instead.",
        "content[0].text",
        "invalid_type",
    ),
    (
        CREATE_MESSAGE,
        {"role": "user", "content": []},
        "Invalid 'content': array too short. Expected an array with minimum length 1, but got an empty array instead.",
        "content",
        "empty_array",
    ),
    (
        CREATE_MESSAGE,
        {"role": "user", "content": 1},
        "Invalid type for 'content': expected one of an array of objects or string, but got an integer instead.",
        "content",
        "invalid_type",
    ),
    (CREATE_MESSAGE, {"role": "user"}, "Missing required parameter: 'content'.", "content", "missing_required_parameter"),
    (
        CREATE_MESSAGE,
        {"role": "system", "content": "x"},
        "Invalid value: 'system'. Supported values are: 'user' and 'assistant'.",
        "role",
        "invalid_value",
    ),
    (
        CREATE_MESSAGE,
        {"role": "user", "content": "x", "file_ids": ["file-1"]},
        "Unknown parameter: 'file_ids'.",
        "file_ids",
        "unknown_parameter",
    ),
    (
        CREATE_MESSAGE,
        {"role": "user", "content": "x", "attachments": [{"file_id": "file-1"}]},
        "Missing required parameter: 'attachments[0].tools'.",
        "attachments[0].tools",
        "missing_required_parameter",
    ),
    (
        CREATE_MESSAGE,
        {"role": "user", "content": "x", "attachments": [{"file_id": "file-1", "tools": [{"type": "function"}]}]},
        "Invalid value: 'function'. Supported values are: 'code_interpreter' and 'file_search'.",
        "attachments[0].tools[0].type",
        "invalid_value",
    ),
    (
        CREATE_MESSAGE,
        {"role": "user", "content": [{"type": "image_file", "image_file": {"file_id": "x" * 65}}]},
        "Invalid 'content[0].image_file.file_id': " + TOO_LONG.format(64, 65),
        "content[0].image_file.file_id",
        "string_above_max_length",
    ),
    (MODIFY_MESSAGE, {"content": "x"}, "Unknown parameter: 'content'.", "content", "unknown_parameter"),
    (
        MODIFY_MESSAGE,
        {"metadata": {"modified": True}},
        "Invalid type for 'metadata.modified': expected a string, but got a boolean instead.",
        "metadata.modified",
        "invalid_type",
    ),
    (CREATE_RUN, {}, "Missing required parameter: 'assistant_id'.", "assistant_id", "missing_required_parameter"),
    (
        CREATE_RUN,
        {"assistant_id": "wf_x"},
        "Invalid 'assistant_id': 'wf_x'. Expected an ID that begins with 'asst'.",
        "assistant_id",
        "invalid_value",
    ),
    (
        CREATE_RUN,
        {"assistant_id": "asst_1", "tool_resources": {}},
        "Unknown parameter: 'tool_resources'.",
        "tool_resources",
        "unknown_parameter",
    ),
    (
        CREATE_RUN,
        {"assistant_id": "asst_1", "tool_choice": "any"},
        "Invalid value: 'any'. Supported values are: 'none', 'auto', and 'required'.",
        "tool_choice",
        "invalid_value",
    ),
    (
        CREATE_RUN,
        {"assistant_id": "asst_1", "tool_choice": 7},
        "Invalid type for 'tool_choice': expected one of an object or 'none', 'auto', or 'required', but got an integer instead.",
        "tool_choice",
        "invalid_type",
    ),
    (
        CREATE_RUN,
        {"assistant_id": "asst_1", "truncation_strategy": {"type": "last_messages"}},
        "Missing required parameter: 'truncation_strategy.last_messages'.",
        "truncation_strategy.last_messages",
        "missing_required_parameter",
    ),
    (
        CREATE_RUN,
        {"assistant_id": "asst_1", "truncation_strategy": {"type": "last_messages", "last_messages": 0}},
        "Invalid 'truncation_strategy.last_messages': " + BELOW.format("integer", 1, 0),
        "truncation_strategy.last_messages",
        "integer_below_min_value",
    ),
    (
        CREATE_RUN,
        {"assistant_id": "asst_1", "max_prompt_tokens": 0},
        "Invalid 'max_prompt_tokens': " + BELOW.format("integer", 1, 0),
        "max_prompt_tokens",
        "integer_below_min_value",
    ),
    (
        CREATE_RUN,
        {"assistant_id": "asst_1", "max_completion_tokens": 256.0},
        "Invalid type for 'max_completion_tokens': expected an integer, but got a decimal number instead.",
        "max_completion_tokens",
        "invalid_type",
    ),
    (
        CREATE_RUN,
        {"assistant_id": "asst_1", "stream": "true"},
        "Invalid type for 'stream': expected a boolean, but got a string instead.",
        "stream",
        "invalid_type",
    ),
    (
        CREATE_RUN,
        {"assistant_id": "asst_1", "additional_instructions": "x" * 256_001},
        "Invalid 'additional_instructions': " + TOO_LONG.format(256_000, 256_001),
        "additional_instructions",
        "string_above_max_length",
    ),
    (
        CREATE_RUN,
        {"assistant_id": "asst_1", "additional_messages": [{"role": "user"}]},
        "Missing required parameter: 'additional_messages[0].content'.",
        "additional_messages[0].content",
        "missing_required_parameter",
    ),
    (
        CREATE_THREAD_AND_RUN,
        {"assistant_id": "asst_1", "additional_messages": []},
        "Unknown parameter: 'additional_messages'.",
        "additional_messages",
        "unknown_parameter",
    ),
    (
        CREATE_THREAD_AND_RUN,
        {"assistant_id": "asst_1", "thread": {"messages": [{"role": "user", "content": None}]}},
        "Invalid type for 'thread.messages[0].content': expected one of an array of objects or string, but got null instead.",
        "thread.messages[0].content",
        "invalid_type",
    ),
    (MODIFY_RUN, {"model": "m"}, "Unknown parameter: 'model'.", "model", "unknown_parameter"),
    (SUBMIT_TOOL_OUTPUTS, {}, "Missing required parameter: 'tool_outputs'.", "tool_outputs", "missing_required_parameter"),
    (
        SUBMIT_TOOL_OUTPUTS,
        {"tool_outputs": [{"tool_call_id": "call_1", "output": {"a": 1}}]},
        "Invalid type for 'tool_outputs[0].output': expected a string, but got an object instead.",
        "tool_outputs[0].output",
        "invalid_type",
    ),
    (
        SUBMIT_TOOL_OUTPUTS,
        {"tool_outputs": [{"output": "x"}]},
        "Missing required parameter: 'tool_outputs[0].tool_call_id'.",
        "tool_outputs[0].tool_call_id",
        "missing_required_parameter",
    ),
]


@pytest.mark.parametrize(("table", "body", "message", "param", "code"), REFUSED)
def test_a_wrong_body_is_refused_in_the_words_of_the_api(table: Object, body: Any, message: str, param: str | None, code: str) -> None:
    assert refusal(table, body) == (message, param, code)


@pytest.mark.parametrize("prefix", ["asst", "thread", "msg", "run", "step", "vs"])
def test_every_kind_of_id_is_known_by_its_prefix(prefix: str) -> None:
    names = {"asst": "ASSISTANT", "msg": "MESSAGE", "vs": "VECTOR_STORE"}
    check = getattr(parameters, f"{names.get(prefix, prefix.upper())}_ID")
    assert check.check(f"{prefix}_1", "id") == f"{prefix}_1"
    with pytest.raises(ApiError, match=rf"^Invalid 'id': 'undefined'\. Expected an ID that begins with '{prefix}'\.$"):
        check.check("undefined", "id")


# Query strings.


def test_a_list_has_its_defaults() -> None:
    page = {"limit": 20, "order": "desc", "after": None, "before": None}
    assert LIST_ASSISTANTS.check({}) == LIST_RUNS.check([]) == page
    assert LIST_MESSAGES.check([]) == {**page, "run_id": None}
    assert LIST_STEPS.check([]) == {**page, "include": []}
    assert RETRIEVE_STEP.check([]) == CREATE_RUN_QUERY.check({}) == {"include": []}


def test_a_query_is_taken_as_pairs_or_as_a_mapping() -> None:
    page = {"limit": 1, "order": "asc", "after": "msg_1", "before": "msg_2", "run_id": "run_1"}
    given = {name: str(value) for name, value in page.items()}
    assert LIST_MESSAGES.check(given) == LIST_MESSAGES.check(list(given.items())) == page


def test_unknown_and_empty_query_parameters_are_ignored() -> None:
    assert LIST_RUNS.check([("foo", "bar"), ("limit", ""), ("include", "x")]) == LIST_RUNS.check([])


@pytest.mark.parametrize("name", ["include", "include[]"])
def test_include_is_collected_in_either_spelling(name: str) -> None:
    assert CREATE_RUN_QUERY.check([(name, FILE_SEARCH_CONTENT), (name, FILE_SEARCH_CONTENT)])["include"] == [FILE_SEARCH_CONTENT] * 2


@pytest.mark.parametrize("limit", [1, 100])
def test_the_limits_of_a_page_are_within(limit: int) -> None:
    assert LIST_ASSISTANTS.check({"limit": str(limit)})["limit"] == limit


@pytest.mark.parametrize(
    ("query", "message", "param", "code"),
    [
        ({"limit": "101"}, "Invalid 'limit': " + ABOVE.format("integer", 100, 101), "limit", "integer_above_max_value"),
        ({"limit": "0"}, "Invalid 'limit': " + BELOW.format("integer", 1, 0), "limit", "integer_below_min_value"),
        ({"limit": "-1"}, "Invalid 'limit': " + BELOW.format("integer", 1, -1), "limit", "integer_below_min_value"),
        ({"limit": "ten"}, "Invalid type for 'limit': expected an integer, but got a string instead.", "limit", "invalid_type"),
        ({"limit": "1.0"}, "Invalid type for 'limit': expected an integer, but got a string instead.", "limit", "invalid_type"),
        ({"limit": "1_0"}, "Invalid type for 'limit': expected an integer, but got a string instead.", "limit", "invalid_type"),
        ({"limit": "٣"}, "Invalid type for 'limit': expected an integer, but got a string instead.", "limit", "invalid_type"),
        ({"limit": "9" * 5000}, "Invalid type for 'limit': expected an integer, but got a string instead.", "limit", "invalid_type"),
        ({"order": "up"}, "Invalid value: 'up'. Supported values are: 'asc' and 'desc'.", "order", "invalid_value"),
        ({"run_id": "x"}, "Invalid 'run_id': 'x'. Expected an ID that begins with 'run'.", "run_id", "invalid_value"),
        (
            {"after": "msg_\0"},
            "Invalid 'after': string contains a NUL character. Expected a string of valid Unicode text.",
            "after",
            "invalid_value",
        ),
    ],
)
def test_a_wrong_query_is_refused_in_the_words_of_the_api(query: dict[str, str], message: str, param: str, code: str) -> None:
    with pytest.raises(ApiError) as caught:
        LIST_MESSAGES.check(query)
    assert (caught.value.message, caught.value.param, caught.value.code) == (message, param, code)


def test_only_the_one_thing_can_be_included() -> None:
    with pytest.raises(ApiError) as caught:
        LIST_STEPS.check([("include[]", FILE_SEARCH_CONTENT), ("include[]", "everything")])
    assert caught.value.message == f"Invalid value: 'everything'. Supported values are: '{FILE_SEARCH_CONTENT}'."
    assert (caught.value.param, caught.value.code) == ("include[1]", "invalid_value")


# Whatever comes.

WORDS = st.sampled_from(
    [
        "auto",
        "text",
        "type",
        "function",
        "file_search",
        "code_interpreter",
        "asst_1",
        "vs_1",
        "user",
        "json_schema",
        "last_messages",
        "static",
    ]
)
KEYS = st.sampled_from(
    sorted(
        {name for table in TABLES.values() for name in table.fields}
        | {
            "type",
            "text",
            "function",
            "file_search",
            "code_interpreter",
            "json_schema",
            "name",
            "file_ids",
            "last_messages",
            "image_url",
            "url",
        }
    )
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


MESSAGE: dict[str, Any] = {
    "role": "user",
    "content": [
        part("hi"),
        {"type": "image_url", "image_url": {"url": "https://a/b.png", "detail": "low"}},
        {"type": "image_file", "image_file": {"file_id": "file-1"}},
    ],
    "attachments": [{"file_id": "file-1", "tools": [{"type": "file_search"}]}],
    "metadata": {"a": "b"},
}
MODEL: dict[str, Any] = {
    "model": "gpt-4o",
    "instructions": "i",
    "tools": [
        {"type": "file_search", "file_search": {"ranking_options": {"score_threshold": 0.5}}},
        function(parameters={"type": "object"}),
    ],
    "temperature": 0.5,
    "top_p": 1,
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}},
    "reasoning_effort": "low",
    "metadata": {},
}
RUN: dict[str, Any] = {
    **MODEL,
    "assistant_id": "asst_1",
    "stream": True,
    "max_prompt_tokens": 300,
    "truncation_strategy": {"type": "last_messages", "last_messages": 3},
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "parallel_tool_calls": False,
}
RESOURCES: dict[str, Any] = {"code_interpreter": {"file_ids": ["file-1"]}, "file_search": {"vector_store_ids": ["vs_1"]}}
THREAD: dict[str, Any] = {"messages": [MESSAGE], "tool_resources": stores(chunking_strategy=static(200, 20), file_ids=["file-1"])}
FULL: dict[str, dict[str, Any]] = {
    "CREATE_ASSISTANT": {**MODEL, "name": "n", "description": "d", "tool_resources": THREAD["tool_resources"]},
    "MODIFY_ASSISTANT": {**MODEL, "tool_resources": RESOURCES},
    "CREATE_THREAD": THREAD,
    "MODIFY_THREAD": {"tool_resources": RESOURCES, "metadata": {"a": "b"}},
    "CREATE_MESSAGE": MESSAGE,
    "MODIFY_MESSAGE": {"metadata": {"a": "b"}},
    "CREATE_RUN": {**RUN, "additional_messages": [MESSAGE]},
    "MODIFY_RUN": {"metadata": {"a": "b"}},
    "CREATE_THREAD_AND_RUN": {**RUN, "thread": THREAD, "tool_resources": RESOURCES},
    "SUBMIT_TOOL_OUTPUTS": {"tool_outputs": [{"tool_call_id": "call_1", "output": "x"}], "stream": False},
}


def changed(value: Any, data: st.DataObject) -> Any:
    """`value` with something, somewhere inside, put in another's place."""
    if not isinstance(value, (dict, list)) or not value or data.draw(st.integers(0, 4)) == 0:
        return data.draw(JSON)
    if isinstance(value, list):
        place = data.draw(st.integers(0, len(value) - 1))
        return [changed(item, data) if index == place else item for index, item in enumerate(value)]
    key = data.draw(st.sampled_from(sorted(value)))
    if data.draw(st.integers(0, 9)) == 0:
        return {name: item for name, item in value.items() if name != key}
    return {**value, key: changed(value[key], data)}


def refused_or_echoed(name: str, body: Any) -> None:
    before = json.dumps(body)
    try:
        checked = TABLES[name].check(body)
    except ApiError as error:
        json.dumps(error.body())
    else:
        assert set(checked) == set(body)
        json.dumps(checked, allow_nan=False)
    assert json.dumps(body) == before


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_full_body_is_taken(name: str) -> None:
    assert set(TABLES[name].check(FULL[name])) == set(FULL[name])


@given(name=st.sampled_from(sorted(TABLES)), body=JSON)
def test_any_json_at_any_table_is_refused_or_echoed(name: str, body: Any) -> None:
    refused_or_echoed(name, body)


@pytest.mark.parametrize("name", sorted(TABLES))
@given(data=st.data())
def test_a_full_body_with_one_thing_changed_is_refused_or_echoed(name: str, data: st.DataObject) -> None:
    refused_or_echoed(name, changed(FULL[name], data))


@pytest.mark.parametrize("field", sorted(set(CREATE_RUN.fields) - {"additional_messages", "assistant_id"}))
@given(data=st.data())
def test_an_echoed_setting_given_back_stays_the_same(field: str, data: st.DataObject) -> None:
    value = data.draw(JSON)
    try:
        echo = run(**{field: value})
    except ApiError:
        return
    assert json.dumps(CREATE_RUN.check(echo)) == json.dumps(echo)


TOOLS = st.lists(
    st.fixed_dictionaries({"type": st.just("code_interpreter")})
    | st.fixed_dictionaries(
        {"type": st.just("file_search")},
        optional={
            "file_search": st.fixed_dictionaries(
                {},
                optional={
                    "max_num_results": st.integers(1, 50),
                    "ranking_options": st.fixed_dictionaries({"score_threshold": st.floats(0, 1) | st.integers(0, 1)}),
                },
            )
        },
    )
    | st.fixed_dictionaries(
        {
            "type": st.just("function"),
            "function": st.fixed_dictionaries(
                {"name": st.from_regex(r"\A[a-zA-Z0-9_-]{1,64}\Z")},
                optional={
                    "description": st.text() | st.none(),
                    "parameters": st.dictionaries(st.text(), JSON),
                    "strict": st.none() | st.booleans(),
                },
            ),
        }
    ),
    max_size=5,
)


@given(TOOLS)
def test_echoed_tools_given_to_another_assistant_stay_the_same(tools: list[dict[str, Any]]) -> None:
    echo = assistant(tools=tools)
    assert json.dumps(CREATE_ASSISTANT.check(echo)) == json.dumps(echo)


NAMES = st.sampled_from(["limit", "order", "after", "before", "run_id", "include[]"]) | st.text(max_size=3)


@given(
    table=st.sampled_from([LIST_MESSAGES, LIST_STEPS]), query=st.lists(st.tuples(NAMES, st.text(st.characters()) | st.integers().map(str)))
)
def test_any_query_is_refused_or_answered(table: Query, query: list[tuple[str, str]]) -> None:
    try:
        checked = table.check(query)
    except ApiError as error:
        json.dumps(error.body(), ensure_ascii=False).encode()
    else:
        json.dumps(checked, ensure_ascii=False).encode()
