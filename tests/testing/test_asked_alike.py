"""A program on the shim, which sends whole histories, and its native counterpart in a conversation: the model is asked the same."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from assistants_compat import Settings, wrap
from assistants_compat.testing import Cite, CodeInterpreter, FileSearch, FunctionCall, OfflineUpstream, Reasoning, Text, Turn

pytestmark = pytest.mark.skipif(not hasattr(openai.OpenAI, "conversations"), reason="this SDK has no conversations")

FUNCTION: Any = {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}
CALLS = Turn(Reasoning(), Text("Let me see."), FunctionCall("get_weather", {}, "call_1"), FunctionCall("get_weather", {}, "call_2"))


def asked_by_the_shim(model: str, script: Any, tools: Any, questions: list[str], files: dict[str, str]) -> list[Any]:
    upstream = OfflineUpstream(script)
    resources: Any = {}
    if files:
        resources = {"file_search": {"vector_store_ids": [upstream.put_vector_store(dict(files), id="vs_1")]}}
    with openai.OpenAI(api_key="sk-test", http_client=upstream.http_client()) as plain:
        client: Any = wrap(plain, Settings(store=":memory:"))
        assistant = client.beta.assistants.create(model=model, tools=tools, tool_resources=resources)
        thread = client.beta.threads.create()
        for question in questions:
            client.beta.threads.messages.create(thread.id, role="user", content=question)
            run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
            while run.status == "requires_action":
                calls = run.required_action.submit_tool_outputs.tool_calls
                outputs = [{"tool_call_id": call.id, "output": f"{index} degrees"} for index, call in enumerate(calls)]
                run = client.beta.threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=thread.id, tool_outputs=outputs)
            assert run.status == "completed", run.last_error
    return [request.asked for request in upstream.requests]


def asked_by_native_code(model: str, script: Any, tools: Any, questions: list[str], files: dict[str, str]) -> list[Any]:
    upstream = OfflineUpstream(script)
    if files:
        upstream.put_vector_store(dict(files), id="vs_1")
    with openai.OpenAI(api_key="sk-test", http_client=upstream.http_client()) as client:
        conversation = client.conversations.create().id
        for question in questions:
            given: Any = [{"role": "user", "content": question}]
            while given:
                response = client.responses.create(model=model, conversation=conversation, input=given, tools=tools)
                calls = [item for item in response.output if item.type == "function_call"]
                given = [
                    {"type": "function_call_output", "call_id": call.call_id, "output": f"{index} degrees"}
                    for index, call in enumerate(calls)
                ]
    return [request.asked for request in upstream.requests]


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5.2"])
def test_about_functions(model: str) -> None:
    script = (CALLS, Turn(Reasoning(), Text("Mild.")), Turn(Reasoning(), Text("You are welcome.")))
    questions = ["The weather?", "Thanks"]
    shim = asked_by_the_shim(model, script, [{"type": "function", "function": FUNCTION}], questions, {})
    native = asked_by_native_code(model, script, [{"type": "function", **FUNCTION, "strict": False}], questions, {})
    assert shim == native
    assert [len(items) for items in native] == [1, 6, 8] if model == "gpt-4o" else [1, 7, 10]


def test_about_files_and_code() -> None:
    script = (
        Turn(FileSearch("answer"), Text("It is 42.", annotations=(Cite("a.txt"),))),
        Turn(CodeInterpreter("6 * 7", logs="42"), Text("Checked.")),
        "Bye",
    )
    questions, files = ["What?", "Sure?", "Bye"], {"a.txt": "The answer is 42."}
    shim_tools = [{"type": "file_search"}, {"type": "code_interpreter"}]
    native_tools = [{"type": "file_search", "vector_store_ids": ["vs_1"]}, {"type": "code_interpreter", "container": {"type": "auto"}}]
    shim = asked_by_the_shim("gpt-4o", script, shim_tools, questions, files)
    native = asked_by_native_code("gpt-4o", script, native_tools, questions, files)
    # A thread's history has no searches, as far as the shim sends it; a conversation's has.
    assert shim == [[item for item in items if item["type"] != "file_search_call"] for items in native]
    assert [[item["type"] for item in items].count("code_interpreter_call") for items in native] == [0, 0, 1]
