"""What a refusal is about, whatever form it has. Forms and wordings are those met in sources, bug trackers and answers of servers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistants_compat.runs.error_bodies import error_of
from assistants_compat.runs.profiles import has, without
from assistants_compat.runs.recovery import GiveUp, LeaveOut, LeaveOutContainer, Tighten, Wait, decide
from assistants_compat.runs.refusals import refused
from assistants_compat.upstream_profiles import LEARNT, NAMES

FUNCTION: Any = {"type": "function", "name": "f", "parameters": {}, "strict": False}
REQUEST: Any = {
    "model": "m",
    "input": [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "JSON"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_image", "file_id": "file-1", "detail": "auto"}]},
        {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm."}]},
        {"type": "message", "role": "assistant", "phase": "commentary", "content": [{"type": "output_text", "text": "Hi"}]},
    ],
    "tools": [
        FUNCTION,
        {"type": "file_search", "vector_store_ids": ["vs_1"], "max_num_results": 3, "ranking_options": {"score_threshold": 0.5}},
        {"type": "code_interpreter", "container": {"type": "auto"}},
    ],
    "tool_choice": {"type": "function", "name": "f"},
    "parallel_tool_calls": False,
    "temperature": 0.5,
    "top_p": 0.5,
    "max_output_tokens": 300,
    "reasoning": {"effort": "low"},
    "text": {"format": {"type": "json_object"}},
    "include": ["file_search_call.results", "code_interpreter_call.outputs", "reasoning.encrypted_content"],
    "store": False,
    "stream": True,
    "prompt_cache_key": "thread_1",
}


def openai(message: str, param: str | None = None, code: Any = None) -> Any:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def fastapi(kind: str, *place: Any, message: str = "No") -> Any:
    return {"detail": [{"type": kind, "loc": ["body", *place], "msg": message}]}


@pytest.mark.parametrize(
    ("body", "thing"),
    [
        (openai("Unknown parameter: 'prompt_cache_key'.", "prompt_cache_key", "unknown_parameter"), "prompt_cache_key"),
        (openai("Unsupported parameter: 'parallel_tool_calls' is not supported with this model."), "parallel_tool_calls"),
        (
            openai("Unsupported value: 'temperature' does not support 0.5 with this model.", "temperature", "unsupported_value"),
            "temperature",
        ),
        (openai("Invalid discriminator value.", "tools.2.type", "invalid_union_discriminator"), "code_interpreter"),
        (openai("Invalid", "tools[1].type", "invalid_string"), "file_search"),
        (openai("Tool 'file_search' is not supported with m."), "file_search"),
        (openai("Hosted tools are not supported on this endpoint"), "file_search"),
        (openai("1 validation error", "body.include.1", 400), "output_parts"),  # it does not say what is wrong with it
        (openai("'type': 'literal_error', 'loc': 'body.include.1'", "body.include.1", 400), "code_interpreter_call.outputs"),
        (openai("Unknown parameter: 'include'."), "include"),
        (openai("include value 'file_search_call.results' is not supported", "include"), "file_search_call.results"),
        (openai("Unknown parameter: 'input[3].phase'.", "input[3].phase", "unknown_parameter"), "phase"),
        (openai("Unknown parameter: 'tools[0].strict'.", "tools[0].strict", "unknown_parameter"), "strict"),
        (openai("Unsupported: score threshold", "tools.1.ranking_options.score_threshold", None), "ranking_options"),
        ({"object": "error", "message": "Unrecognized request argument supplied: store", "code": 400}, "store"),
        ({"object": "error", "message": "Unrecognized request arguments supplied: metadata, prompt_cache_key"}, "prompt_cache_key"),
        ({"detail": "Unsupported parameter: prompt_cache_key"}, "prompt_cache_key"),
        ([openai("No.", "top_p", "unsupported_parameter")], "top_p"),
        ({"detail": "Unexpected fields in the request: {'prompt_cache_key', 'metadata'}"}, "prompt_cache_key"),
        (fastapi("extra_forbidden", "store"), "store"),
        (fastapi("union_tag_invalid", "tools", 2), "code_interpreter"),
        (fastapi("missing", "tools", 1, "function"), "file_search"),
        (fastapi("literal_error", "include", 2), "reasoning.encrypted_content"),
        ({"error": "Invalid tool_choice type: 'object'. Supported string values: none, auto, required"}, "named_tool_choice"),
        ({"error": "tool_choice is not supported"}, "tool_choice"),
        ({"message": "property 'top_p' is unsupported"}, "top_p"),
        ('json: unknown field "include"', "include"),
        ("`reasoning.effort` is not supported", "reasoning"),
        (openai("x doesn't support temperature=0.5 while reasoning is active. Only temperature=1 is supported", code="400"), "temperature"),
        (openai("deepinfra does not support parameters: ['reasoning_effort'], for model=tiny.", "None", "500"), "reasoning"),
        (openai("does not support parameters: {'max_tokens': 300}, for model=tiny.", "None", "500"), "max_output_tokens"),
        (openai("streaming: 'stream' is not implemented"), "stream"),
    ],
)
def test_it_names_a_part_of_the_request(body: Any, thing: str | None) -> None:
    found = refused(error_of(body), REQUEST)
    assert (None if found is None else found.thing) == thing


@pytest.mark.parametrize(
    "body",
    [
        openai(
            "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3.",
            "temperature",
            "decimal_above_max_value",
        ),
        openai("Invalid value: 'xlow'.", "reasoning.effort", "invalid_value"),
        openai("Vector store with id ['vs_1'] not found.", "tools[1].vector_store_ids"),
        openai("Unsupported file type for file_search in vs_1"),
        openai("Unknown parameter: 'metadata'.", "metadata", "unknown_parameter"),
        openai("Unsupported value: 'text.format'", "text.format", "unsupported_value"),
        openai("Invalid schema for function 'f'.", "tools[0].parameters", "invalid_function_parameters"),
        openai("The model `store` does not exist", "model", "model_not_found"),
        openai("Invalid 'input[2].id': 'x'. Expected an ID that begins with 'rs'.", "input[2].id", "invalid_value"),
        openai("No tool output found for function call call_1.", "input"),
        openai("Invalid schema for function 'f': In context=('properties', 'temperature'), 'default' is not permitted."),
        openai("Invalid schema for function 'store': 'oneOf' is not permitted.", None, "invalid_function_parameters"),
        openai("litellm.BadRequestError: OpenAIException - Invalid schema for function 'f': 'temperature' is not permitted."),
        openai("flagged: code_interpreter tools are not allowed to be used for this", None, "invalid_prompt"),
        openai("'temperature' is not allowed here", None, "invalid_prompt"),
        openai("You uploaded an unsupported image.", "input", "invalid_image_format"),
        openai("Invalid 'input[1].content[0].image_url': unsupported MIME type 'image/heic'.", "input[1].content[0].image_url"),
        openai("Vector store vs_1 used by the file_search tool is not available.", "tools"),
        openai("The 'file_search' tool is temporarily not available. Please try again later."),
        openai("An unexpected error occurred while running the `code_interpreter` tool."),
        openai("Invalid value: 'tool_choice' unknown function 'f'.", "tool_choice", "invalid_value"),
        openai("upstream unknown: `store` is unavailable"),
        {"detail": "1 validation error: input_value='please explain the `store` parameter', unknown"},
        {"error": "'response_format.type' must be 'json_schema' or 'text'"},
        {"detail": "Not Found"},
        {"detail": "Server is pinned to 'a'; requested 'b'."},
        "<html>store is not supported</html>",
        "Internal Server Error",
        {},
        [],
        None,
    ],
)
def test_it_is_about_something_that_cannot_go(body: Any) -> None:
    assert refused(error_of(body), REQUEST) is None


def test_a_sentence_alone_is_a_guess() -> None:
    for body in (openai("`top_p` is not supported"), {"detail": "Unsupported parameter: store"}, 'json: unknown field "include"'):
        found = refused(error_of(body), REQUEST)
        assert found is not None
        assert found.is_guess
    found = refused(error_of(openai("No.", "top_p", "unsupported_parameter")), REQUEST)
    assert found is not None
    assert not found.is_guess


@pytest.mark.parametrize(
    "message",
    ["Hosted tool 'code_interpreter' is not supported with gpt-5-nano.", "Tool 'code_interpreter' is not supported with gpt-5-nano."],
)
def test_of_several_tools_the_one_that_is_named_goes_and_for_that_model(message: str) -> None:
    found = refused(error_of(openai(message, "tools")), {**REQUEST, "model": "gpt-5-nano"})
    assert found is not None
    assert (found.thing, found.of_model) == ("code_interpreter", True)


def test_a_model_that_is_named_is_the_one_that_refuses() -> None:
    error = error_of(openai("Unsupported parameter: 'parallel_tool_calls' is not supported with 'o3-mini'.", "parallel_tool_calls"))
    of_model = {}
    for model in ("o3-mini", "o3", "mini"):
        found = refused(error, {**REQUEST, "model": model})
        assert found is not None
        of_model[model] = found.of_model
    assert of_model == {"o3-mini": True, "o3": False, "mini": False}


def test_a_value_that_is_refused_says_nothing_of_other_values() -> None:
    values = "Unsupported value: 'minimal' is not supported with the 'm' model. Supported values are: 'low' and 'high'."
    of_value = refused(error_of(openai(values, "reasoning.effort", "unsupported_value")), REQUEST)
    of_any = refused(error_of(openai("Unsupported parameter: 'reasoning.effort'.", "reasoning.effort", "unsupported_parameter")), REQUEST)
    assert of_value is not None
    assert of_any is not None
    assert (of_value.thing, of_value.of_value) == ("reasoning", True)
    assert (of_any.thing, of_any.of_value) == ("reasoning", False)


HISTORY: Any = {
    **REQUEST,
    "input": [{"type": "code_interpreter_call", "id": f"ci_{n}", "code": "", "container_id": f"cntr_{n}", "outputs": []} for n in (1, 2)],
}


@pytest.mark.parametrize(
    ("message", "param", "lost"),
    [
        ("Expected container_id: cntr_1", None, "cntr_1"),
        ("Container is expired.", "input", None),
        ("Container with id 'cntr_2' not found.", None, "cntr_2"),
        ("Item with id 'ci_2' not found. Items are not persisted when `store` is set to false.", "input", "cntr_2"),
    ],
)
def test_a_container_that_is_gone_is_told_by_the_sentences_that_are_known(message: str, param: str | None, lost: str | None) -> None:
    assert decide(400, {}, error_of(openai(message, param)), 1, 4, 0.0, HISTORY) == LeaveOutContainer(lost)
    assert isinstance(decide(400, {}, error_of(openai(message, param)), 1, 4, 0.0, REQUEST), GiveUp)


@pytest.mark.parametrize(
    ("message", "param", "code"),
    [
        (
            "Invalid schema for function 'run': In context=('properties', 'container'), 'oneOf' is not permitted.",
            "tools[0].parameters",
            "invalid_function_parameters",
        ),
        ("Invalid schema for function 'run': In context=('properties', 'container').", None, None),
        ("Container with id 'cntr_9' not found.", "tools[2].container", None),
        ("Invalid 'tools[2].container.file_ids[0]': file-1 not found.", "tools[2].container.file_ids", None),
        ("You have reached the maximum number of containers for your organization.", None, None),
    ],
)
def test_what_else_is_said_of_containers_changes_no_history(message: str, param: str | None, code: str | None) -> None:
    assert isinstance(decide(400, {}, error_of(openai(message, param, code)), 1, 4, 0.0, HISTORY), GiveUp)


def test_an_input_that_is_wrong_somewhere_is_simplified_step_by_step() -> None:
    error = error_of(openai("Invalid type for 'input'.", "input", "invalid_union"))
    request, guesses = REQUEST, []
    while (found := refused(error, request)) is not None:
        assert found.is_guess
        guesses.append(found.thing)
        request, had = without(request, [found.thing])
        assert had == [found.thing]
    assert guesses == ["output_parts", "phase", "reasoning_items", "developer", "detail"]
    assert request["input"] == [
        {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "JSON"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_image", "file_id": "file-1"}]},
        {"type": "message", "role": "assistant", "content": "Hi"},
    ]


def test_a_gateways_error_says_what_the_server_behind_it_said() -> None:
    inner = '{\n "error": {"message": "No.", "param": "top_p", "code": "unsupported_value"}}'
    error = error_of(
        {"error": {"message": f"litellm.BadRequestError: OpenAIException - {inner}\n\nNo fallback.", "param": None, "code": "400"}}
    )
    assert (error["param"], error["code"]) == ("top_p", "unsupported_value")
    assert error["message"].startswith("litellm.BadRequestError")


def test_the_error_of_openai_is_as_it_was() -> None:
    error = openai("No.", "input", "invalid_value")["error"]
    assert error_of({"error": error}) == error


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
        "The engine prompt length 5000 exceeds the max_model_len 4096. Please reduce prompt.",
        "litellm.ContextWindowExceededError: the prompt exceeds the context window",
    ],
)
def test_a_context_that_is_too_long_is_told_by_its_words(message: str) -> None:
    assert decide(400, {}, error_of(openai(message, code=400)), 1, 4, 0.0, REQUEST) == Tighten()


def test_a_server_error_is_waited_for_unless_it_names_a_parameter() -> None:
    unsupported = error_of(openai("deepinfra does not support parameters: ['top_p'], for model=tiny.", "None", "500"))
    assert decide(500, {}, unsupported, 1, 4, 0.0, REQUEST) == LeaveOut("top_p")
    assert isinstance(decide(500, {}, error_of(openai("validation error in the engine", "input")), 1, 4, 0.0, REQUEST), Wait)
    for passing in ("An unexpected error occurred while running the `code_interpreter` tool.", "unknown keyword argument 'top_p'"):
        assert isinstance(decide(500, {}, error_of(openai(passing)), 1, 4, 0.0, REQUEST), Wait)
    assert isinstance(decide(503, {}, unsupported, 1, 4, 0.0, REQUEST), Wait)
    assert isinstance(decide(403, {}, unsupported, 1, 4, 0.0, REQUEST), GiveUp)


_KEYS = st.sampled_from(["error", "detail", "message", "code", "param", "loc", "msg", "metadata", "raw"])
_WORDS = st.sampled_from(["input", "tools.1.type", "Unknown parameter: 'store'", "{", "", '{"path": ["tools", 1]}', "invalid_union"])
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner)
)


@given(_ANYTHING)
def test_whatever_a_server_says_can_be_read(body: Any) -> None:
    error = error_of(body)
    assert error == {} or isinstance(error["message"], str)
    found = refused(error, REQUEST)
    assert found is None or has(REQUEST, found.thing)


# -- leaving out


@pytest.mark.parametrize("thing", sorted(NAMES))
def test_every_name_stands_for_something_in_a_request(thing: str) -> None:
    assert has(REQUEST, thing)
    changed, had = without(REQUEST, [thing])
    assert had == [thing]
    assert not has(changed, thing)
    assert without(changed, [thing]) == (changed, [])


@given(st.sets(st.sampled_from(sorted(NAMES))))
def test_things_go_in_any_number(things: set[str]) -> None:
    changed, _ = without(REQUEST, things)
    assert not [thing for thing in things if has(changed, thing)]
    assert changed["model"] == "m"
    if "tools" not in changed:
        assert "tool_choice" not in changed


def test_a_request_that_has_nothing_of_it_is_the_same_object() -> None:
    request = {"model": "m", "input": [{"type": "message", "role": "user", "content": []}]}
    assert without(request, NAMES)[0] is request
    assert without(REQUEST, ())[0] is REQUEST


def test_no_tools_is_what_none_of_them_means() -> None:
    changed, _ = without({**REQUEST, "tool_choice": "none"}, ["tool_choice"])
    assert {"tools", "tool_choice", "parallel_tool_calls"} & set(changed) == set()


def test_a_tool_that_goes_takes_with_it_what_speaks_of_it() -> None:
    request = {**REQUEST, "tool_choice": {"type": "file_search"}}
    changed, _ = without(request, ["file_search"])
    assert [tool["type"] for tool in changed["tools"]] == ["function", "code_interpreter"]
    assert "tool_choice" not in changed
    assert "file_search_call.results" not in changed["include"]


def test_what_is_learnt_can_all_be_left_out() -> None:
    assert {"text.format"} == NAMES - LEARNT
