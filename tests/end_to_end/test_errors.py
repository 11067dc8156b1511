"""Refusals: status, sentence, type, param and code, and a store in which nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.settings import Settings
from assistants_compat.testing import FunctionCall, Gate, OfflineUpstream, Turn

from .support import function

BETA = (
    "You must provide the 'OpenAI-Beta' header to access the Assistants API. Please try again by setting the header "
    "'OpenAI-Beta: assistants=v2'."
)

ASSISTANT, THREADS, MESSAGES, RUNS = "/assistants", "/threads", "/threads/{thread}/messages", "/threads/{thread}/runs"


@pytest.fixture(scope="module")
def settings(one_store: Settings) -> Settings:
    return one_store


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


def test_the_first_version_is_treated_as_the_second(http: Callable[..., Any], refused: Callable[..., Any]) -> None:
    first = {"OpenAI-Beta": "assistants=v1"}
    assert http("POST", "/threads", {}, headers=first).json()["tool_resources"] == {}
    status, error = refused("POST", "/assistants", {"model": "gpt-4o", "file_ids": []}, headers=first)
    assert (status, error["message"]) == (400, "Unknown parameter: 'file_ids'.")


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


def test_an_encoded_slash_in_an_id_leads_nowhere_else(client: openai.OpenAI, http: Callable[..., Any]) -> None:
    """The SDK encodes what a program puts into an id; what is behind the slash must not be reached."""
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
    (message,) = client.beta.threads.messages.list(thread.id).data
    reply = http("DELETE", f"/threads/{thread.id}%2Fmessages%2F{message.id}")
    assert (reply.status_code, reply.json()["error"]["message"]) == (404, f"No thread found with id '{thread.id}/messages/{message.id}'.")
    assert client.beta.threads.messages.list(thread.id).data == [message]
