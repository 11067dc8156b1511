"""What of a server's event can be used: the rest counts as left out. Each of these has once spoilt a thread, or would have."""

from __future__ import annotations

from typing import Any

import pytest

from assistants_compat.runs.shapes import EVENT

CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "get_weather", "arguments": "{}"}
CODE = {"type": "code_interpreter_call", "id": "ci_1", "container_id": "cntr_1", "outputs": [{"type": "logs", "logs": "1"}]}
MESSAGE = {"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": "Hi", "annotations": []}]}
USAGE = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "input_tokens_details": {"cached_tokens": 0}}


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "item_id": "msg_1", "delta": "Hi", "logprobs": []},
        {"type": "response.output_item.done", "output_index": 0, "item": CALL},
        {"type": "response.output_item.done", "output_index": 0, "item": CODE},
        {"type": "response.completed", "response": {"id": "resp_1", "output": [MESSAGE], "usage": USAGE, "incomplete_details": None}},
        {"type": "response.function_call_arguments.done", "arguments": {"city": "Oslo"}},  # an object: some servers do that
    ],
)
def test_an_event_that_can_be_used_stays_the_same_object(event: Any) -> None:
    assert EVENT(event) is event


@pytest.mark.parametrize(
    ("item", "without"),
    [
        ({**CALL, "call_id": -1}, "call_id"),
        ({**CALL, "call_id": "\0"}, "call_id"),
        ({**CALL, "call_id": "c" * 65}, "call_id"),
        ({**CALL, "name": "get the weather"}, "name"),
        ({**CALL, "arguments": 7}, "arguments"),
        ({**CODE, "container_id": {}}, "container_id"),
        ({**MESSAGE, "content": 1.5}, "content"),
        ({**MESSAGE, "phase": "x"}, "phase"),
    ],
)
def test_a_field_of_another_kind_is_left_out(item: Any, without: str) -> None:
    event = {"type": "response.output_item.done", "output_index": 0, "item": item}
    expected = {name: value for name, value in item.items() if name != without}
    assert EVENT(event) == {**event, "item": expected}
    assert event["item"] is item  # what was given is not touched


def test_of_a_list_what_can_be_used_stays() -> None:
    part = MESSAGE["content"][0]  # type: ignore[index]
    event = {"type": "response.output_item.done", "item": {**MESSAGE, "content": [None, part, 3]}}
    assert EVENT(event)["item"] == {**MESSAGE, "content": [part]}


def test_true_is_no_number() -> None:
    assert EVENT({"type": "x", "output_index": True}) == {"type": "x"}
