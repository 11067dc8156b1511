"""The SDK's event handlers over our streams: every callback, in order, and the patterns that programs build on them."""

from __future__ import annotations

import time
from typing import Any

import openai
import pytest

from assistants_compat.testing import FunctionCall, Gate, HttpError, OfflineUpstream, Text, Turn

from .handlers import CALLS, TEXT, Notes
from .support import folded, function, values


def test_every_callback_of_a_text_is_called_in_order(client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream) -> None:
    upstream.script(Text("Hello, world!", chunks=("Hello, ", "world!")))
    handler = Notes()
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, event_handler=handler) as stream:
        stream.until_done()
    assert handler.calls == TEXT


def test_every_callback_of_function_calls_is_called_in_order(
    client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream
) -> None:
    upstream.script(Turn(FunctionCall("f", "1", "call_1"), FunctionCall("f", "2", "call_2")))
    handler = Notes()
    tools: Any = [function("f")]
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, tools=tools, event_handler=handler) as stream:
        stream.until_done()
    assert handler.calls == CALLS


def test_a_handler_knows_what_it_has_seen(client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream) -> None:
    upstream.script("Hello")
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
        for event in stream:
            if event.event == "thread.message.delta":
                assert stream.current_run_step_snapshot is not None
                assert stream.current_message_snapshot is not None
                assert values(stream.current_message_snapshot)
        assert stream.current_run is not None
        assert stream.current_run.status == "completed"
    assert stream.get_final_run().status == "completed"
    (message,) = stream.get_final_messages()
    assert (values(message), message.status) == (["Hello"], "completed")
    (step,) = stream.get_final_run_steps()
    assert step.type == "message_creation"


def test_the_texts_deltas_are_the_text(client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream) -> None:
    upstream.script(Text("A b c", chunks=("A ", "b ", "c")))
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
        assert list(stream.text_deltas) == ["A ", "b ", "c"]


def test_final_messages_can_be_asked_for_without_reading_the_stream(
    client: openai.OpenAI, assistant: Any, upstream: OfflineUpstream
) -> None:
    upstream.script(Turn(Text("One."), Text("Two.")))
    new: Any = {"messages": [{"role": "user", "content": "Hi"}]}
    with client.beta.threads.create_and_run_stream(assistant_id=assistant.id, thread=new) as stream:
        assert [values(message) for message in stream.get_final_messages()] == [["One."], ["Two."]]
        assert stream.get_final_run().status == "completed"
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("rounds", [1, 3])
def test_outputs_submitted_from_within_on_event_go_on_with_a_handler_of_their_own(
    client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream, rounds: int
) -> None:
    """The pattern of OpenAI's own documentation."""
    seen: list[str] = []

    class Handler(openai.AssistantEventHandler):
        def on_event(self, event: Any) -> None:
            seen.append(event.event)
            if event.event == "thread.run.requires_action":
                calls = event.data.required_action.submit_tool_outputs.tool_calls
                with client.beta.threads.runs.submit_tool_outputs_stream(
                    thread_id=event.data.thread_id,
                    run_id=event.data.id,
                    tool_outputs=[{"tool_call_id": call.id, "output": call.function.arguments} for call in calls],
                    event_handler=Handler(),
                ) as stream:
                    stream.until_done()

        def on_text_done(self, text: Any) -> None:
            seen.append(text.value)

    for n in range(rounds):
        upstream.script(Turn(FunctionCall("f", str(n)), FunctionCall("f", "x")))
    upstream.script("Done.")
    tools: Any = [function("f")]
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, tools=tools, event_handler=Handler()) as stream:
        stream.until_done()
    step = ["thread.run.step.created", "thread.run.step.in_progress", "thread.run.step.delta", "thread.run.requires_action"]
    resumed = ["thread.run.step.completed", "thread.run.queued", "thread.run.in_progress"]
    assert folded(seen) == [
        "thread.run.created",
        *resumed[1:],
        *[*step, *resumed] * rounds,
        *step[:2],
        "thread.message.created",
        "thread.message.in_progress",
        "thread.message.delta",
        "thread.message.completed",
        "Done.",
        "thread.run.step.completed",
        "thread.run.completed",
    ]
    assert client.beta.threads.runs.list(thread.id).data[0].status == "completed"


def test_outputs_submitted_from_within_on_tool_call_done_find_the_run_waiting(
    client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream
) -> None:
    """`on_tool_call_done` is called while `thread.run.requires_action` is being handled: the state is there before the event."""
    answers: list[str] = []

    class Handler(openai.AssistantEventHandler):
        def on_tool_call_done(self, tool_call: Any) -> None:
            run = self.current_run
            assert run is not None
            with client.beta.threads.runs.submit_tool_outputs_stream(
                thread_id=run.thread_id, run_id=run.id, tool_outputs=[{"tool_call_id": tool_call.id, "output": "ok"}]
            ) as stream:
                answers.extend(stream.text_deltas)

    upstream.script(FunctionCall("f", "{}"), Text("Fine.", chunks=("Fine.",)))
    tools: Any = [function("f")]
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, tools=tools, event_handler=Handler()) as stream:
        stream.until_done()
    assert answers == ["Fine."]


def test_a_handlers_own_error_reaches_on_exception_and_the_program_and_leaves_the_run_running(
    client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream
) -> None:
    seen: list[Any] = []

    class Handler(Notes):
        def on_text_created(self, text: Any) -> None:
            raise ValueError(text.value)

        def on_exception(self, exception: Exception) -> None:
            seen.append(exception)

    upstream.script(Text("Oops", chunks=("Oops",)))
    with (
        pytest.raises(ValueError, match="Oops") as raised,
        client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, event_handler=Handler()) as stream,
    ):
        stream.until_done()
    assert seen == [raised.value]
    (run,) = client.beta.threads.runs.list(thread.id).data
    assert client.beta.threads.runs.poll(run_id=run.id, thread_id=thread.id).status == "completed"


def test_on_timeout_is_called_where_the_run_is_slower_than_the_program_allows(
    client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream
) -> None:
    gate = Gate("response.completed")
    upstream.script(Turn("Late", hold=gate))
    handler = Notes()
    began = time.monotonic()
    with pytest.raises(Exception, match=r"no event in time|[Tt]imed out"):  # noqa: SIM117
        with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, event_handler=handler, timeout=0.2) as stream:
            stream.until_done()
    assert time.monotonic() - began < 5
    assert ("on_timeout", None) in handler.calls
    gate.open()


def test_a_failed_run_ends_its_stream_and_its_handler_in_order(
    client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream
) -> None:
    upstream.script(HttpError(429, "You exceeded your current quota.", "insufficient_quota", "insufficient_quota"))
    handler = Notes()
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, event_handler=handler) as stream:
        stream.until_done()
        run = stream.get_final_run()
    assert [what for name, what in handler.calls if name == "on_event"] == [*(what for _, what in TEXT[:3]), "thread.run.failed"]
    assert handler.calls[-1] == ("on_end", None)
    assert run.last_error is not None
    assert (run.status, run.last_error.code, run.last_error.message) == (
        "failed",
        "rate_limit_exceeded",
        "You exceeded your current quota.",
    )


def test_the_old_name_of_stream_works_too(client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream) -> None:
    upstream.script("Hello")
    with (
        pytest.warns(DeprecationWarning, match="stream|deprecated"),
        client.beta.threads.runs.create_and_stream(thread_id=thread.id, assistant_id=assistant.id) as stream,
    ):
        assert list(stream.text_deltas)
    assert stream.get_final_run().status == "completed"
