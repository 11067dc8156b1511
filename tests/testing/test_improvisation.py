"""What the upstream says without a script."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assistants_compat.testing import FunctionCall, Reasoning, Text, improvise

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["C", "F"]}, "days": {"type": "integer"}},
    },
}


def said(input: Any, **body: Any) -> tuple[Any, ...]:
    return improvise({"model": "gpt-4o", "input": input, **body}).items


def test_a_function_is_called_when_the_user_names_its_subject() -> None:
    assert said("What's the weather in Paris?", tools=[WEATHER]) == (
        FunctionCall("get_weather", {"city": "Paris", "unit": "C", "days": 1}),
    )


def test_two_places_make_two_calls_unless_calls_come_one_by_one() -> None:
    assert len(said("Is the weather in Paris like that in Rome?", tools=[WEATHER])) == 2
    assert len(said("Is the weather in Paris like that in Rome?", tools=[WEATHER], parallel_tool_calls=False)) == 1


@pytest.mark.parametrize("choice", ["required", {"type": "function", "name": "get_weather"}])
def test_a_forced_function_is_called(choice: Any) -> None:
    (call,) = said("Hello", tools=[WEATHER], tool_choice=choice)
    assert call.arguments["city"] == "city"


def test_no_function_is_called_when_none_may_be_or_none_is_meant() -> None:
    assert isinstance(said("The weather in Paris?", tools=[WEATHER], tool_choice="none")[0], Text)
    assert isinstance(said("Hello", tools=[WEATHER])[0], Text)


def test_outputs_are_repeated_under_the_name_of_their_function() -> None:
    call = {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_1", "output": "22 degrees"}
    assert said([{"role": "user", "content": "weather?"}, call, output], tools=[WEATHER]) == (Text("According to get_weather: 22 degrees"),)


def test_a_linear_equation_is_solved() -> None:
    assert "x = 1." in said("I need to solve the equation `3x + 11 = 14`.")[0].text
    assert "x = -1/2." in said("2x - 1 = -2")[0].text


def test_a_schema_is_filled() -> None:
    format = {"type": "json_schema", "name": "city", "schema": WEATHER["parameters"]}
    assert json.loads(said("Tell me about Rome", text={"format": format})[0].text) == {"city": "Rome", "unit": "C", "days": 1}


def test_a_schema_that_contains_itself_comes_to_an_end() -> None:
    schema = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    assert "next" in json.loads(said("Hi", text={"format": {"type": "json_schema", "name": "a", "schema": schema}})[0].text)


def test_the_number_of_user_messages_is_told() -> None:
    history = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    assert said(history)[0].text == 'You said: "c" That is message 2 from you in this conversation.'


def test_a_reasoning_model_reasons_first() -> None:
    assert isinstance(improvise({"model": "gpt-5", "input": "Hi"}).items[0], Reasoning)
