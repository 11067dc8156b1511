"""Scenarios with tools of the program's own: one call, several at once, one after the other, and by a model that reasons."""

from __future__ import annotations

import json
from typing import Any

from assistants_compat.testing import FunctionCall, Reasoning, Text, Turn

from ..models import REASONING, TEXT
from ..stage import Stage
from .scenario import offline


def function(name: str, description: str, *arguments: str) -> Any:
    properties = {argument: {"type": "string"} for argument in arguments}
    parameters = {"type": "object", "properties": properties, "required": list(arguments)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


HOME = function("get_home_town", "The town in which the user lives.")
WEATHER = function("get_weather", "Today's weather in a town.", "town")

SKIES = {"Oslo": "snow", "Paris": "rain"}


def outputs(run: Any) -> Any:
    """What the program's functions say to the calls of a run."""
    given = []
    for call in run.required_action.submit_tool_outputs.tool_calls:
        town = json.loads(call.function.arguments).get("town", "")
        said = "Oslo" if call.function.name == "get_home_town" else json.dumps({"town": town, "sky": SKIES.get(town, "clear")})
        given.append({"tool_call_id": call.id, "output": said})
    return given


def finish(stage: Stage, client: Any, run: Any) -> None:
    """Answer calls as long as there are some."""
    while run.status == "requires_action":
        stage.show("run", run)
        run = client.beta.threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs(run))
    stage.show("run", run)
    stage.show("step", *client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc"))


def begin(client: Any, model: str, question: str, *tools: Any, **more: Any) -> Any:
    assistant = client.beta.assistants.create(model=model, instructions="Use your functions. Be brief.", tools=list(tools), **more)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": question}])
    return {"assistant_id": assistant.id, "thread_id": thread.id}


@offline(FunctionCall("get_weather", {"town": "Oslo"}), "It snows in Oslo.")
def function_tool(stage: Stage) -> None:
    """Forced at first, which must not be so again once the function has answered."""
    with stage.client() as client:
        talk = begin(client, TEXT, "How is the weather in Oslo?", WEATHER)
        choice: Any = {"type": "function", "function": {"name": "get_weather"}}
        finish(stage, client, client.beta.threads.runs.create_and_poll(**talk, tool_choice=choice))
        stage.show("message", *client.beta.threads.messages.list(talk["thread_id"], order="asc"))


@offline(
    Turn(FunctionCall("get_weather", {"town": "Oslo"}), FunctionCall("get_weather", {"town": "Paris"})), "Snow in Oslo, rain in Paris."
)
def parallel_function_tools(stage: Stage) -> None:
    """Streamed, the outputs too."""
    with stage.client() as client:
        talk = begin(client, TEXT, "How is the weather in Oslo and in Paris? Ask for both at once.", WEATHER)
        events = stage.show_events(client.beta.threads.runs.create(**talk, stream=True))
        while events[-1].event == "thread.run.requires_action":
            run = events[-1].data
            stream = client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, tool_outputs=outputs(run), stream=True)
            events = stage.show_events(stream)


@offline(FunctionCall("get_home_town"), Turn("One moment.", FunctionCall("get_weather", {"town": "Oslo"})), "It snows at home.", "Yes.")
def two_rounds_of_function_tools(stage: Stage) -> None:
    """And another run, which sends both rounds again."""
    with stage.client() as client:
        talk = begin(client, TEXT, "How is the weather where I live? Look it up.", HOME, WEATHER)
        finish(stage, client, client.beta.threads.runs.create_and_poll(**talk, parallel_tool_calls=False))
        client.beta.threads.messages.create(talk["thread_id"], role="user", content="Do I need boots? Yes or no, without another look.")
        finish(stage, client, client.beta.threads.runs.create_and_poll(**talk, tool_choice="none"))
        stage.show("message", *client.beta.threads.messages.list(talk["thread_id"], order="asc"))


@offline(
    Turn(Reasoning("Where is home?"), FunctionCall("get_home_town")),
    Turn(Reasoning(), Text("I look up the weather.", phase="commentary"), FunctionCall("get_weather", {"town": "Oslo"})),
    Turn(Reasoning(), "Boots: it snows."),
    Turn(Reasoning(), "Gladly."),
)
def reasoning_model_with_tools(stage: Stage) -> None:
    """Its reasoning goes back with the outputs, and with the next run."""
    with stage.client() as client:
        question = "Do I need boots or sandals where I live today? Look up the town, then its weather."
        talk = begin(client, REASONING, question, HOME, WEATHER, reasoning_effort="low")
        finish(stage, client, client.beta.threads.runs.create_and_poll(**talk))
        client.beta.threads.messages.create(talk["thread_id"], role="user", content="Thank you.")
        finish(stage, client, client.beta.threads.runs.create_and_poll(**talk))
        stage.show("message", *client.beta.threads.messages.list(talk["thread_id"], order="asc"))
