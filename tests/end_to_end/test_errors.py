"""Refusals: status, sentence, type, param and code, and a store in which nothing has changed."""

# ruff: noqa: E501 - sentences are easier to read, and to search for, in one piece

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.settings import Settings
from assistants_compat.testing import FunctionCall, Gate, OfflineUpstream, Turn

from .support import Json, function

LONG = 256_000
UNREADABLE = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. "
    "The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix "
    "this, please contact us through our help center at help.openai.com.)"
)
BETA = (
    "You must provide the 'OpenAI-Beta' header to access the Assistants API. Please try again by setting the header "
    "'OpenAI-Beta: assistants=v2'."
)
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


@pytest.fixture
def fill(assistant: Any, thread: Any) -> Callable[[Any], Any]:
    """Put this test's ids in the place of their names."""
    return lambda value: json.loads(json.dumps(value).replace("{thread}", thread.id).replace("{assistant}", assistant.id))


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


UNKNOWN: list[tuple[str, str, Any, str]] = [
    ("GET", "/assistants/asst_x", None, "No assistant found with id 'asst_x'."),
    ("POST", "/assistants/asst_x", {}, "No assistant found with id 'asst_x'."),
    ("DELETE", "/assistants/asst_x", None, "No assistant found with id 'asst_x'."),
    ("GET", "/threads/thread_x", None, "No thread found with id 'thread_x'."),
    ("POST", "/threads/thread_x", {}, "No thread found with id 'thread_x'."),
    ("DELETE", "/threads/thread_x", None, "No thread found with id 'thread_x'."),
    ("GET", "/threads/thread_x/messages", None, "No thread found with id 'thread_x'."),
    ("POST", "/threads/thread_x/messages", {"role": "user", "content": "Hi"}, "No thread found with id 'thread_x'."),
    ("GET", "/threads/thread_x/messages/msg_x", None, "No thread found with id 'thread_x'."),
    ("GET", "/threads/{thread}/messages/msg_x", None, "No message found with id 'msg_x'."),
    ("POST", "/threads/{thread}/messages/msg_x", {}, "No message found with id 'msg_x'."),
    ("DELETE", "/threads/{thread}/messages/msg_x", None, "No message found with id 'msg_x'."),
    ("GET", "/threads/thread_x/runs", None, "No thread found with id 'thread_x'."),
    ("POST", "/threads/thread_x/runs", {"assistant_id": "{assistant}"}, "No thread found with id 'thread_x'."),
    ("GET", "/threads/thread_x/runs/run_x", None, "No thread found with id 'thread_x'."),
    ("GET", "/threads/{thread}/runs/run_x", None, "No run found with id 'run_x'."),
    ("POST", "/threads/{thread}/runs/run_x", {}, "No run found with id 'run_x'."),
    ("POST", "/threads/{thread}/runs/run_x/cancel", None, "No run found with id 'run_x'."),
    ("POST", "/threads/{thread}/runs/run_x/submit_tool_outputs", {"tool_outputs": []}, "No run found with id 'run_x'."),
    ("GET", "/threads/{thread}/runs/run_x/steps", None, "No run found with id 'run_x'."),
    ("GET", "/threads/{thread}/runs/run_x/steps/step_x", None, "No run found with id 'run_x'."),
]


@pytest.mark.parametrize(("method", "path", "body", "message"), UNKNOWN, ids=[f"{m} {p}" for m, p, *_ in UNKNOWN])
def test_an_unknown_id_is_not_found(
    refused: Callable[..., Any], fill: Callable[..., Any], method: str, path: str, body: Any, message: str
) -> None:
    status, error = refused(method, fill(path), fill(body))
    assert (status, error) == (404, {"message": message, "type": "invalid_request_error", "param": None, "code": None})


@pytest.mark.parametrize(
    ("path", "param", "id", "prefix"),
    [
        ("/assistants/{thread}", "assistant_id", "{thread}", "asst"),
        ("/threads/undefined", "thread_id", "undefined", "thread"),
        ("/threads/None/messages", "thread_id", "None", "thread"),
        ("/threads/{assistant}/runs", "thread_id", "{assistant}", "thread"),
        ("/threads/{thread}/messages/{thread}", "message_id", "{thread}", "msg"),
        ("/threads/{thread}/runs/{assistant}", "run_id", "{assistant}", "run"),
        ("/threads/{thread}/runs/null/steps", "run_id", "null", "run"),
    ],
)
def test_an_id_of_another_kind_is_told_from_an_unknown_one(
    refused: Callable[..., Any], fill: Callable[..., Any], path: str, param: str, id: str, prefix: str
) -> None:
    status, error = refused("GET", fill(path))
    message = f"Invalid '{param}': '{fill(id)}'. Expected an ID that begins with '{prefix}'."
    assert (status, error) == (400, {"message": message, "type": "invalid_request_error", "param": param, "code": "invalid_value"})


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/threads", 405, "Not allowed to GET on /threads."),
        ("PUT", "/assistants", 405, "Not allowed to PUT on /assistants."),
        ("POST", "/threads/{thread}/files", 404, "Invalid URL (POST /threads/{thread}/files)"),
        ("GET", "/assistants/{assistant}/files", 404, "Invalid URL (GET /assistants/{assistant}/files)"),
    ],
)
def test_what_the_api_never_had_is_refused(
    refused: Callable[..., Any], fill: Callable[..., Any], method: str, path: str, status: int, message: str
) -> None:
    assert (refused(method, fill(path))[0], refused(method, fill(path))[1]["message"]) == (status, fill(message))


@pytest.mark.parametrize("beta", ["", "responses=v1"])
def test_the_beta_header_is_asked_for(refused: Callable[..., Any], beta: str) -> None:
    status, error = refused("POST", "/threads", {}, headers={"OpenAI-Beta": beta})
    assert (status, error) == (400, {"message": BETA, "type": "invalid_request_error", "param": None, "code": "invalid_beta"})


def test_a_thread_is_locked_while_its_run_works_and_while_it_waits_for_outputs(
    client: openai.OpenAI, assistant: Any, thread: Any, http: Callable[..., Any], upstream: OfflineUpstream
) -> None:
    gate = Gate("request")
    upstream.script(Turn(FunctionCall("f", call_id="call_1"), hold=gate))
    tools: Any = [function("f")]
    run = client.beta.threads.runs.create(thread.id, assistant_id=assistant.id, tools=tools)
    gate.wait_reached()

    def check_locked() -> None:
        for path, body, message in (
            ("messages", {"role": "user", "content": "Hi"}, f"Can't add messages to {thread.id} while a run {run.id} is active."),
            ("runs", {"assistant_id": assistant.id}, f"Thread {thread.id} already has an active run {run.id}."),
        ):
            response = http("POST", f"/threads/{thread.id}/{path}", body)
            error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
            assert (response.status_code, response.json()) == (400, {"error": error})

    check_locked()
    gate.open()
    assert client.beta.threads.runs.poll(run_id=run.id, thread_id=thread.id).status == "requires_action"
    check_locked()
    assert [message.role for message in client.beta.threads.messages.list(thread.id)] == ["user"]
    client.beta.threads.runs.cancel(run.id, thread_id=thread.id)
    assert client.beta.threads.messages.create(thread.id, role="user", content="Hi").role == "user"


@pytest.mark.parametrize("ended", ["completed", "cancelled", "failed"])
def test_a_run_that_has_ended_cannot_be_cancelled(
    client: openai.OpenAI, assistant: Any, thread: Any, refused: Callable[..., Any], upstream: OfflineUpstream, ended: str
) -> None:
    upstream.script({"completed": "Hi", "cancelled": FunctionCall("f"), "failed": Turn(FunctionCall("no_such_function"))}[ended])
    tools: Any = [function("f")]
    model = "gpt-0" if ended == "failed" else "gpt-4o"
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, tools=tools, model=model)
    if ended == "cancelled":
        client.beta.threads.runs.cancel(run.id, thread_id=thread.id)
    status, error = refused("POST", f"/threads/{thread.id}/runs/{run.id}/cancel")
    assert (status, error["message"]) == (400, f"Cannot cancel run with status '{ended}'.")


NOT_YET: list[tuple[str, Json, str]] = [
    (MESSAGES, {"role": "user", "content": "Hi", "attachments": [{"file_id": "file-1", "tools": []}]}, "attachments"),
    (
        THREADS,
        {"messages": [{"role": "user", "content": "Hi", "attachments": [{"file_id": "file-1", "tools": []}]}]},
        "messages[0].attachments",
    ),
    (
        RUNS,
        {"additional_messages": [{"role": "user", "content": "Hi", "attachments": [{"file_id": "file-1", "tools": []}]}]},
        "additional_messages[0].attachments",
    ),
    (THREADS, {"tool_resources": {"file_search": {"vector_stores": [{}]}}}, "tool_resources.file_search.vector_stores"),
    (ASSISTANT, {"model": "m", "tool_resources": {"file_search": {"vector_stores": [{}]}}}, "tool_resources.file_search.vector_stores"),
    ("/threads/runs", {"thread": {"tool_resources": {"file_search": {"vector_stores": [{}]}}}}, "thread.tool_resources.file_search.vector_stores"),
    (RUNS, {"tools": [{"type": "code_interpreter"}, {"type": "file_search"}]}, "tools[1].type"),
    (RUNS, {"max_prompt_tokens": 500}, "max_prompt_tokens"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "param"), NOT_YET, ids=[f"{path} {param}" for path, _, param in NOT_YET])
def test_what_this_version_cannot_do_yet_is_refused_in_words_before_anything_is_written(
    refused: Callable[..., Any], fill: Callable[..., Any], path: str, body: Json, param: str
) -> None:
    if path.endswith("runs"):
        body = {"assistant_id": "{assistant}", **body}
    status, error = refused("POST", fill(path), fill(body))
    assert (status, error["param"], error["code"]) == (400, param, "unsupported_parameter")
    assert error["message"].startswith("assistants-compat does not support ")
