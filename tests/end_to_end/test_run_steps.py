"""Run steps: one for every message and for every round of tools, and their tokens add up to the run's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.testing import FunctionCall, Gate, OfflineUpstream, Turn

from .support import STEP, USAGE, function, is_id

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def steps(call: Callable[..., Any]) -> Callable[..., Any]:
    def oldest_first(run: Any) -> Any:
        return call("GET", f"/threads/{run['thread_id']}/runs/{run['id']}/steps?order=asc")["data"]

    return oldest_first


def test_a_message_is_a_step(
    call: Callable[..., Any], finish: Callable[..., Any], steps: Callable[..., Any], assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    upstream.script("Hi")
    run = finish(call("POST", f"/threads/{thread.id}/runs", {"assistant_id": assistant.id}))
    (step,) = steps(run)
    message = call("GET", f"/threads/{thread.id}/messages")["data"][0]
    assert list(step) == STEP
    assert is_id("step", step["id"])
    assert {key: step[key] for key in STEP[1:]} == {
        "object": "thread.run.step",
        "created_at": 1_790_000_000,
        "run_id": run["id"],
        "assistant_id": assistant.id,
        "thread_id": thread.id,
        "type": "message_creation",
        "status": "completed",
        "cancelled_at": None,
        "completed_at": 1_790_000_000,
        "expires_at": None,
        "failed_at": None,
        "last_error": None,
        "step_details": {"type": "message_creation", "message_creation": {"message_id": message["id"]}},
        "usage": run["usage"],
    }
    assert call("GET", f"/threads/{thread.id}/runs/{run['id']}/steps/{step['id']}") == step


def test_a_step_of_function_calls_is_open_until_their_outputs_are_there(
    call: Callable[..., Any], finish: Callable[..., Any], steps: Callable[..., Any], assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    upstream.script(Turn(FunctionCall("f", {"a": 1}, "call_1"), FunctionCall("g", {}, "call_2"), usage={"input_tokens": 50}), "Done")
    tools = [function("f"), function("g")]
    run = finish(call("POST", f"/threads/{thread.id}/runs", {"assistant_id": assistant.id, "tools": tools}))
    (step,) = steps(run)
    assert list(step) == STEP
    assert (step["type"], step["status"], step["usage"], step["completed_at"]) == ("tool_calls", "in_progress", None, None)
    assert step["expires_at"] == run["expires_at"]
    asked = [
        {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}', "output": None}},
        {"id": "call_2", "type": "function", "function": {"name": "g", "arguments": "{}", "output": None}},
    ]
    assert step["step_details"] == {"type": "tool_calls", "tool_calls": asked}
    assert call("GET", f"/threads/{thread.id}/runs/{run['id']}/steps/{step['id']}") == step
    outputs = [{"tool_call_id": "call_2", "output": "two"}, {"tool_call_id": "call_1", "output": "one"}]
    run = finish(call("POST", f"/threads/{thread.id}/runs/{run['id']}/submit_tool_outputs", {"tool_outputs": outputs}))
    done, message = steps(run)
    assert (done["status"], done["completed_at"], done["expires_at"]) == ("completed", 1_790_000_000, None)
    assert [c["function"]["output"] for c in done["step_details"]["tool_calls"]] == ["one", "two"]
    assert list(done["usage"]) == USAGE
    assert done["usage"]["prompt_tokens"] == 50
    assert message["type"] == "message_creation"


def test_a_step_that_is_done_says_until_when_its_run_may_last_while_that_goes_on(
    call: Callable[..., Any], finish: Callable[..., Any], steps: Callable[..., Any], assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    """Recorded in October 2024: a finished search of a run in progress."""
    gate = Gate("response.output_item.done")
    upstream.script(FunctionCall("f", {}, "call_1"), Turn("Done", hold=gate))
    run = finish(call("POST", f"/threads/{thread.id}/runs", {"assistant_id": assistant.id, "tools": [function("f")]}))
    path = f"/threads/{thread.id}/runs/{run['id']}"
    call("POST", f"{path}/submit_tool_outputs", {"tool_outputs": [{"tool_call_id": "call_1", "output": "1"}]})
    gate.wait_reached()
    assert [(step["status"], step["expires_at"]) for step in steps(run)] == [
        ("completed", run["expires_at"]),
        ("in_progress", run["expires_at"]),
    ]
    gate.open()
    run = finish(run)
    assert [(step["status"], step["expires_at"]) for step in steps(run)] == [("completed", None), ("completed", None)]


@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5.5"])
def test_the_tokens_of_the_steps_add_up_to_the_runs(
    call: Callable[..., Any],
    finish: Callable[..., Any],
    steps: Callable[..., Any],
    assistant: Any,
    thread: Any,
    upstream: OfflineUpstream,
    rounds: int,
    model: str,
) -> None:
    from assistants_compat.testing import Reasoning

    for n in range(rounds):
        upstream.script(
            Turn(Reasoning("Hm."), "Let me see.", FunctionCall("f", call_id=f"call_{n}"), FunctionCall("f", call_id=f"call_{n}b"))
        )
    upstream.script(Turn(Reasoning("Ah."), "One moment.", "There you are."))
    body = {"assistant_id": assistant.id, "model": model, "tools": [function("f")]}
    run = finish(call("POST", f"/threads/{thread.id}/runs", body))
    for n in range(rounds):
        outputs = [{"tool_call_id": f"call_{n}{b}", "output": "ok"} for b in ("", "b")]
        run = finish(call("POST", f"/threads/{thread.id}/runs/{run['id']}/submit_tool_outputs", {"tool_outputs": outputs}))
    made = steps(run)
    assert [step["type"] for step in made] == ["message_creation", "tool_calls"] * rounds + ["message_creation"] * 2
    for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
        assert sum(step["usage"][name] for step in made) == run["usage"][name] > 0
    reasoned = sum(step["usage"]["completion_tokens_details"]["reasoning_tokens"] for step in made)
    assert reasoned == run["usage"]["completion_tokens_details"]["reasoning_tokens"] == (0 if model == "gpt-4o" else 8 * (rounds + 1))


def test_steps_are_found_only_in_their_run(
    call: Callable[..., Any],
    finish: Callable[..., Any],
    steps: Callable[..., Any],
    refused: Callable[..., Any],
    assistant: Any,
    thread: Any,
) -> None:
    one, other = (finish(call("POST", f"/threads/{thread.id}/runs", {"assistant_id": assistant.id})) for _ in range(2))
    (step,) = steps(one)
    for id in (step["id"], "123", "step_123"):
        status, error = refused("GET", f"/threads/{thread.id}/runs/{other['id']}/steps/{id}")
        assert (status, error["message"]) == (404, f"No run step found with id '{id}'.")


def test_the_sdk_lists_and_retrieves_steps_with_what_can_be_included(client: openai.OpenAI, assistant: Any, thread: Any) -> None:
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    include: Any = ["step_details.tool_calls[*].file_search.results[*].content"]
    (step,) = client.beta.threads.runs.steps.list(run.id, thread_id=thread.id, include=include)
    assert client.beta.threads.runs.steps.retrieve(step.id, thread_id=thread.id, run_id=run.id, include=include) == step


def test_what_recorded_steps_lack_is_not_sent(
    call: Callable[..., Any], finish: Callable[..., Any], steps: Callable[..., Any], assistant: Any, thread: Any
) -> None:
    """The API's description has both; `expired_at` is sent of a step that has expired, `metadata` never."""
    (step,) = steps(finish(call("POST", f"/threads/{thread.id}/runs", {"assistant_id": assistant.id})))
    assert {"expired_at", "metadata"}.isdisjoint(step)
