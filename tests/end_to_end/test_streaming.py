"""Streams as bytes on the wire: the order of events, the deltas, the forms of objects in them, and the stream's end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.testing import CodeInterpreter, FunctionCall, Gate, OfflineUpstream, Reasoning, Refusal, Text, Turn

from .support import BEGUN, MESSAGE_BEGUN, MESSAGE_ENDED, RUN, STEP, STEP_BEGUN, STREAMED_MESSAGE, THREAD, Json, events, folded, function

pytestmark = pytest.mark.usefixtures("clock")

SHAPES = {"thread": THREAD, "thread.run": RUN, "thread.run.step": STEP, "thread.message": STREAMED_MESSAGE}


@pytest.fixture
def stream(http: Callable[..., Any], assistant: Any, thread: Any) -> Callable[..., Any]:
    """Start a run and read its stream to the end."""

    def read(path: str = f"/threads/{thread.id}/runs", **body: Any) -> list[tuple[str, Any]]:
        response = http("POST", path, {**({} if "tool_outputs" in body else {"assistant_id": assistant.id}), "stream": True, **body})
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        return events(response.content)

    return read


def names(stream: list[tuple[str, Any]]) -> list[str]:
    return folded(name for name, _ in stream)


def of(stream: list[tuple[str, Any]], name: str) -> Any:
    """The data of the first event of that name."""
    return next(data for told, data in stream if told == name)


def text_deltas(stream: list[tuple[str, Any]]) -> list[Any]:
    return [data["delta"]["content"] for name, data in stream if name == "thread.message.delta"]


def test_a_text_comes_in_the_recorded_order(stream: Callable[..., Any], upstream: OfflineUpstream) -> None:
    upstream.script(Text("Hello, world!", chunks=("Hel", "lo, ", "world!")))
    told = stream()
    assert names(told) == [*BEGUN, *MESSAGE_BEGUN, "thread.message.delta", *MESSAGE_ENDED, "thread.run.completed", "done"]
    for name, data in told:
        if data != "[DONE]" and not name.endswith(".delta"):
            assert list(data) == SHAPES[data["object"]], name
    assert text_deltas(told) == [
        [{"index": 0, "type": "text", "text": {"value": "Hel", "annotations": []}}],
        [{"index": 0, "type": "text", "text": {"value": "lo, "}}],
        [{"index": 0, "type": "text", "text": {"value": "world!"}}],
    ]
    message = of(told, "thread.message.completed")
    delta = of(told, "thread.message.delta")
    assert list(delta.items())[:2] == [("id", message["id"]), ("object", "thread.message.delta")]
    assert message["content"] == [{"type": "text", "text": {"value": "Hello, world!", "annotations": []}}]


def test_created_and_queued_show_the_same_run_which_has_not_started(stream: Callable[..., Any]) -> None:
    told = stream()
    assert of(told, "thread.run.created") == of(told, "thread.run.queued")
    assert (of(told, "thread.run.created")["status"], of(told, "thread.run.created")["started_at"]) == ("queued", None)
    assert (of(told, "thread.run.in_progress")["status"], of(told, "thread.run.in_progress")["started_at"]) == (
        "in_progress",
        1_790_000_000,
    )
    for kind in ("step", "message"):
        prefix = "thread.run.step" if kind == "step" else "thread.message"
        assert of(told, f"{prefix}.created") == of(told, f"{prefix}.in_progress")
    assert of(told, "thread.message.created")["content"] == []


def test_runs_in_a_stream_show_a_code_interpreter_without_files_and_json_does_not(
    stream: Callable[..., Any], call: Callable[..., Any]
) -> None:
    """Recorded, for every run whatever its tools."""
    told = stream()
    runs = [data for _, data in told if data != "[DONE]" and data["object"] == "thread.run"]
    assert [run["tool_resources"] for run in runs] == [{"code_interpreter": {"file_ids": []}}] * 4
    got = call("GET", f"/threads/{runs[-1]['thread_id']}/runs/{runs[-1]['id']}")
    assert got == {**runs[-1], "tool_resources": {}}


def test_a_finished_step_still_shows_when_it_would_have_expired_only_in_the_stream(
    stream: Callable[..., Any], call: Callable[..., Any]
) -> None:
    told = stream()
    step = of(told, "thread.run.step.completed")
    assert step["expires_at"] == 1_790_000_600
    got = call("GET", f"/threads/{step['thread_id']}/runs/{step['run_id']}/steps/{step['id']}")
    assert got == {**step, "expires_at": None}


def test_what_an_event_announces_is_in_the_store_when_it_comes(
    client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    gate = Gate("response.completed")
    upstream.script(Turn("Hello", hold=gate))
    with client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id, stream=True) as told:
        for event in told:
            if event.event == "thread.run.in_progress":
                assert client.beta.threads.runs.retrieve(event.data.id, thread_id=thread.id).status == "in_progress"
            elif event.event == "thread.run.step.created":
                step = client.beta.threads.runs.steps.retrieve(event.data.id, run_id=event.data.run_id, thread_id=thread.id)
                assert step.status == "in_progress"
            elif event.event == "thread.message.created":
                message = client.beta.threads.messages.retrieve(event.data.id, thread_id=thread.id)
                assert (message.run_id, message.role) == (event.data.run_id, "assistant")
            elif event.event == "thread.message.delta":
                gate.wait_reached()
                gate.open()
            elif event.event == "thread.message.completed":
                assert client.beta.threads.messages.list(thread.id).data[0].id == event.data.id
            elif event.event == "thread.run.completed":
                assert client.beta.threads.runs.retrieve(event.data.id, thread_id=thread.id).status == "completed"
    assert gate.reached


def test_function_calls_come_in_the_recorded_order_and_their_step_stays_open(stream: Callable[..., Any], upstream: OfflineUpstream) -> None:
    upstream.script(Turn(FunctionCall("f", {"a": 1}, "call_1"), FunctionCall("g", {}, "call_2")), Text("Done."))
    told = stream(tools=[function("f"), function("g")])
    assert names(told) == [*BEGUN, *STEP_BEGUN, "thread.run.step.delta", "thread.run.requires_action", "done"]
    step = of(told, "thread.run.step.created")
    assert step["step_details"] == {"type": "tool_calls", "tool_calls": []}
    deltas = [data for name, data in told if name == "thread.run.step.delta"]
    for delta in deltas:
        assert list(delta) == ["id", "object", "delta"]
        assert (delta["id"], delta["object"]) == (step["id"], "thread.run.step.delta")
        assert list(delta["delta"]) == ["step_details"]
        assert list(delta["delta"]["step_details"]) == ["type", "tool_calls"]
    parts = [delta["delta"]["step_details"]["tool_calls"][0] for delta in deltas]
    openings = [part for part in parts if "id" in part]
    assert [list(part) for part in openings] == [["index", "id", "type", "function"]] * 2
    assert openings == [
        {"index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": "", "output": None}},
        {"index": 1, "id": "call_2", "type": "function", "function": {"name": "g", "arguments": "", "output": None}},
    ]
    for index, arguments in enumerate(('{"a":1}', "{}")):
        pieces = [part for part in parts if part["index"] == index and "id" not in part]
        assert all(list(part) == ["index", "type", "function"] and list(part["function"]) == ["arguments"] for part in pieces)
        assert "".join(part["function"]["arguments"] for part in pieces) == arguments
    run = of(told, "thread.run.requires_action")
    assert [c["id"] for c in run["required_action"]["submit_tool_outputs"]["tool_calls"]] == ["call_1", "call_2"]

    outputs = [{"tool_call_id": id, "output": "ok"} for id in ("call_1", "call_2")]
    more = stream(f"/threads/{run['thread_id']}/runs/{run['id']}/submit_tool_outputs", tool_outputs=outputs)
    assert names(more) == [
        "thread.run.step.completed",
        *BEGUN[1:],
        *MESSAGE_BEGUN,
        "thread.message.delta",
        *MESSAGE_ENDED,
        "thread.run.completed",
        "done",
    ]
    assert more[0][1]["id"] == step["id"]
    assert [c["function"]["output"] for c in more[0][1]["step_details"]["tool_calls"]] == ["ok", "ok"]
    assert (
        more[0][1]["usage"]["total_tokens"] + of(more[1:], "thread.run.step.completed")["usage"]["total_tokens"]
        == (more[-2][1]["usage"]["total_tokens"])
    )


def test_code_comes_in_the_recorded_deltas_and_then_what_it_printed(stream: Callable[..., Any], upstream: OfflineUpstream) -> None:
    upstream.script(Turn(CodeInterpreter("print(1 + 2)", logs="3\n"), Text("Three.")))
    told = stream(tools=[{"type": "code_interpreter"}])
    assert names(told)[3:7] == [*STEP_BEGUN, "thread.run.step.delta", "thread.run.step.completed"]
    parts = [data["delta"]["step_details"]["tool_calls"][0] for name, data in told if name == "thread.run.step.delta"]
    assert list(parts[0]) == ["index", "id", "type", "code_interpreter"]
    assert parts[0]["code_interpreter"] == {"input": "", "outputs": []}
    assert "".join(part["code_interpreter"]["input"] for part in parts[1:-1]) == "print(1 + 2)"
    assert parts[-1] == {
        "index": 0,
        "type": "code_interpreter",
        "code_interpreter": {"outputs": [{"index": 0, "type": "logs", "logs": "3\n"}]},
    }
    (call,) = of(told, "thread.run.step.completed")["step_details"]["tool_calls"]
    assert call["code_interpreter"] == {"input": "print(1 + 2)", "outputs": [{"type": "logs", "logs": "3\n"}]}


def test_what_recorded_deltas_lack_is_not_sent(stream: Callable[..., Any], upstream: OfflineUpstream) -> None:
    """The API's description has a message's `role` and a step's `message_creation` with its `message_id`; only tool calls ever came."""
    upstream.script(Turn("Let me see.", FunctionCall("f")))
    deltas = [data["delta"] for name, data in stream(tools=[function("f")]) if name.endswith(".delta")]
    assert {key for delta in deltas for key in delta} == {"content", "step_details"}  # no "role": "user" or "assistant"
    assert {delta["step_details"]["type"] for delta in deltas if "step_details" in delta} == {"tool_calls"}  # never "message_creation"


def test_a_thread_made_with_its_run_is_told_first(stream: Callable[..., Any], call: Callable[..., Any]) -> None:
    told = stream("/threads/runs", thread={"messages": [{"role": "user", "content": "Hi"}], "metadata": {"a": "b"}})
    assert names(told)[:5] == ["thread.created", *BEGUN, "thread.run.step.created"]
    assert told[0][1] == call("GET", f"/threads/{told[0][1]['id']}")
    assert {data["thread_id"] for _, data in told if "thread_id" in data} == {told[0][1]["id"]}


def test_text_and_a_call_are_two_steps_in_one_stream(stream: Callable[..., Any], upstream: OfflineUpstream) -> None:
    upstream.script(Turn(Reasoning("Hm."), Text("Let me look."), FunctionCall("f")))
    told = stream(tools=[function("f")], model="gpt-5.5")
    assert names(told) == [
        *BEGUN,
        *MESSAGE_BEGUN,
        "thread.message.delta",
        *MESSAGE_ENDED,
        *STEP_BEGUN,
        "thread.run.step.delta",
        "thread.run.requires_action",
        "done",
    ]


def test_several_messages_are_several_steps(stream: Callable[..., Any], upstream: OfflineUpstream) -> None:
    upstream.script(Turn(Text("One.", phase="commentary"), Text("Two.")))
    message = [*MESSAGE_BEGUN, "thread.message.delta", *MESSAGE_ENDED]
    told = stream(model="gpt-5.5")
    assert names(told) == [*BEGUN, *message, *message, "thread.run.completed", "done"]
    assert not [data for _, data in told if "phase" in str(data)]


def test_a_refusal_is_told_as_one(stream: Callable[..., Any], upstream: OfflineUpstream) -> None:
    upstream.script(Refusal("I would rather not."))
    told = stream()
    parts = [content[0] for content in text_deltas(told)]
    assert all(list(part) == ["index", "type", "refusal"] for part in parts)
    assert "".join(part["refusal"] for part in parts) == "I would rather not."
    assert of(told, "thread.message.completed")["content"] == [{"type": "refusal", "refusal": "I would rather not."}]


@pytest.mark.parametrize("text", ["Zeile\n\nzwei\r\n☃ \u2028 \x85 \U0001f600", 'data: {"a":1}\n\nevent: done\ndata: [DONE]\n\n'])
def test_no_text_can_break_the_framing(stream: Callable[..., Any], client: openai.OpenAI, upstream: OfflineUpstream, text: str) -> None:
    upstream.script(Text(text))
    told = stream()
    assert "".join(content[0]["text"]["value"] for content in text_deltas(told)) == text
    assert of(told, "thread.message.completed")["content"][0]["text"]["value"] == text


def test_a_refused_request_is_answered_in_json_not_in_a_stream(refused: Callable[..., Any], thread: Any) -> None:
    status, error = refused("POST", f"/threads/{thread.id}/runs", {"assistant_id": "asst_unknown", "stream": True})
    assert (status, error["message"]) == (404, "No assistant found with id 'asst_unknown'.")


def test_the_sdk_reads_the_raw_events(client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream) -> None:
    upstream.script("Hi")
    told = list(client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id, stream=True))
    assert folded(event.event for event in told) == [
        *BEGUN, *MESSAGE_BEGUN, "thread.message.delta", *MESSAGE_ENDED, "thread.run.completed",
    ]  # fmt: skip
    upstream.script("Hi")
    new: Any = {"messages": [{"role": "user", "content": "Hi"}]}
    told = list(client.beta.threads.create_and_run(assistant_id=assistant.id, thread=new, stream=True))
    assert [event.event for event in told][:2] == ["thread.created", "thread.run.created"]


def test_a_stream_asked_again_after_its_end_yields_nothing_and_asks_no_model(
    client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    told = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id, stream=True)
    assert list(told)
    assert list(told) == []
    assert len(upstream.requests) == 1
    assert len(client.beta.threads.runs.list(thread.id).data) == 1


def test_a_deserted_stream_leaves_its_run_running(client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream) -> None:
    gate = Gate()
    upstream.script(Turn("Hello", hold=gate))
    told = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id, stream=True)
    first: Json = next(iter(told)).data.to_dict()
    gate.wait_reached()
    told.close()
    gate.open()
    run = client.beta.threads.runs.poll(run_id=str(first["id"]), thread_id=thread.id)
    assert run.status == "completed"
