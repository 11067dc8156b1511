"""Calls that an upstream tells of wrongly: the program can go on, and so can its thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import openai
import pytest

from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import CodeInterpreter, FunctionCall, OfflineUpstream, Turn, UpstreamReply
from assistants_compat.testing.replies import Send
from assistants_compat.testing.sequence import encode
from runs.helpers import WEATHER

Json = dict[str, Any]


class Changed(OfflineUpstream):
    """Its first answer's events are not as they should be."""

    def __init__(self, change: Callable[[list[Json]], list[Json]], *answers: Any) -> None:
        super().__init__(answers)
        self._change: Callable[[list[Json]], list[Json]] | None = change

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> UpstreamReply:
        reply = super().handle(method, path, headers, body)
        if self._change is None or reply.events is None:
            return reply
        change, self._change = self._change, None
        events = change([dict(event) for event in reply.events])
        return UpstreamReply(reply.status, reply.headers, tuple(Send(encode(event)) for event in events))


def with_items(change: Callable[[Json], Json]) -> Callable[[list[Json]], list[Json]]:
    """Every output item is changed, wherever it stands."""

    def of_event(event: Json) -> Json:
        if "item" in event:
            return {**event, "item": change(event["item"])}
        if "response" in event:
            return {**event, "response": {**event["response"], "output": [change(item) for item in event["response"]["output"]]}}
        return event

    return lambda events: [of_event(event) for event in events]


def client_of(upstream: OfflineUpstream, settings: Settings) -> openai.OpenAI:
    client = openai.OpenAI(api_key="sk-test", max_retries=0, http_client=upstream.http_client())
    attach(client, settings)
    return client


@pytest.mark.parametrize("call_id", [-1, "\0", "", "c" * 100, None, []])
def test_a_call_whose_id_is_none_can_be_answered(settings: Settings, call_id: Any) -> None:
    upstream = Changed(with_items(lambda item: {**item, "call_id": call_id}), FunctionCall("get_weather"), "Sunny.", "Yes.")
    with client_of(upstream, settings) as client:
        beta = client.beta
        assistant = beta.assistants.create(model="gpt-4o", tools=[WEATHER])  # type: ignore[list-item]
        thread = beta.threads.create(messages=[{"role": "user", "content": "How is the weather?"}])
        run = beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert run.required_action is not None
        calls = run.required_action.submit_tool_outputs.tool_calls
        outputs: Any = [{"tool_call_id": call.id, "output": "Sun"} for call in calls]
        run = beta.threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=thread.id, tool_outputs=outputs)
        assert run.status == "completed"
        beta.threads.messages.create(thread.id, role="user", content="Really?")
        assert beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id).status == "completed"


def test_a_call_that_has_come_before_it_is_announced_is_asked_for_once(settings: Settings) -> None:
    def swapped(events: list[Json]) -> list[Json]:
        added = next(n for n, event in enumerate(events) if event["type"] == "response.output_item.added")
        done = next(n for n, event in enumerate(events) if event["type"] == "response.output_item.done")
        events[added], events[done] = events[done], events[added]
        return events

    upstream = Changed(swapped, FunctionCall("get_weather", call_id="call_1"), "Sunny.")
    with client_of(upstream, settings) as client:
        beta = client.beta
        assistant = beta.assistants.create(model="gpt-4o", tools=[WEATHER])  # type: ignore[list-item]
        thread = beta.threads.create(messages=[{"role": "user", "content": "How is the weather?"}])
        run = beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert run.required_action is not None
        assert [call.id for call in run.required_action.submit_tool_outputs.tool_calls] == ["call_1"]


@pytest.mark.parametrize("container", [{}, [], 7, "a b", "\0"])
def test_code_in_a_container_without_a_name_does_not_spoil_the_thread(settings: Settings, container: Any) -> None:
    """What could not be sent again is not kept; before, every later run of the thread failed."""
    upstream = Changed(with_items(lambda item: {**item, "container_id": container}), CodeInterpreter("1 + 1", logs="2"), "Yes, 2.")
    with client_of(upstream, settings) as client:
        beta = client.beta
        assistant = beta.assistants.create(model="gpt-4o", tools=[{"type": "code_interpreter"}])
        thread = beta.threads.create(messages=[{"role": "user", "content": "What is 1 + 1?"}])
        assert beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id).status == "completed"
        beta.threads.messages.create(thread.id, role="user", content="Really?")
        assert beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id).status == "completed"


def test_code_that_is_told_of_twice_is_in_the_thread_once(settings: Settings) -> None:
    """The Responses API refuses a history with the same item in it twice, and so every later run."""

    def doubled(events: list[Json]) -> list[Json]:
        def is_code(event: Json) -> bool:
            return event.get("item", {}).get("type") == "code_interpreter_call"

        last = max(number for number, event in enumerate(events) if is_code(event))
        return [*events[: last + 1], *filter(is_code, events), *events[last + 1 :]]

    upstream = Changed(doubled, Turn(CodeInterpreter("1 + 1", logs="2"), "It is 2."), "Yes, 2.")
    with client_of(upstream, settings) as client:
        beta = client.beta
        assistant = beta.assistants.create(model="gpt-4o", tools=[{"type": "code_interpreter"}])
        thread = beta.threads.create(messages=[{"role": "user", "content": "What is 1 + 1?"}])
        assert beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id).status == "completed"
        beta.threads.messages.create(thread.id, role="user", content="Really?")
        run = beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert (run.status, run.last_error) == ("completed", None)
