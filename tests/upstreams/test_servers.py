"""A program of the Assistants API on servers that are not OpenAI's: it works, and what it has to do without is said once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from assistants_compat.testing import CodeInterpreter, FunctionCall, HttpError, Reasoning, Text, Turn

from .conftest import BASE, Program
from .servers import SERVERS, Manners

Make = Callable[..., Program]
Said = Callable[[], list[str]]

WEATHER: Any = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
ON_EACH = pytest.mark.parametrize("server", SERVERS)
OPEN = ("vllm", "lmstudio", "transformers")
"""Servers that show their reasoning."""


@ON_EACH
def test_a_conversation(program: Make, warnings: Said, server: str) -> None:
    user = program(server)
    assistant, thread = user.assistant(), user.thread()
    user.upstream.script(Turn(Reasoning(), "Hello yourself."), Text("I remember."))
    first = user.run(thread, assistant)
    user.say(thread, "Still there?")
    second = user.run(thread, assistant)
    assert [(run.status, run.last_error) for run in (first, second)] == [("completed", None)] * 2
    assert user.texts(thread) == ["Hello", "Hello yourself.", "Still there?", "I remember."]
    assert user.upstream.unused == 0
    said = [entry["content"] for entry in user.bodies[-1]["input"] if entry["type"] == "message"]
    assert [text if isinstance(text, str) else text[0]["text"] for text in said] == ["Hello", "Hello yourself.", "Still there?"]


@ON_EACH
def test_a_stream(program: Make, server: str) -> None:
    user = program(server)
    assistant, thread = user.assistant(), user.thread()
    user.upstream.script(Turn(Reasoning(), Text("One two three.", chunks=("One", " two", " three."))))
    with user.client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
        events = list(stream)
    names = [event.event for event in events]
    assert [name for name in dict.fromkeys(names) if "delta" not in name] == [
        "thread.run.created",
        "thread.run.queued",
        "thread.run.in_progress",
        "thread.run.step.created",
        "thread.run.step.in_progress",
        "thread.message.created",
        "thread.message.in_progress",
        "thread.message.completed",
        "thread.run.step.completed",
        "thread.run.completed",
    ]
    deltas = [event.data.delta.content[0].text.value for event in events if event.event == "thread.message.delta"]
    assert "".join(deltas) == "One two three."
    assert {event.data.delta.content[0].index for event in events if event.event == "thread.message.delta"} == {0}
    assert user.texts(thread) == ["Hello", "One two three."]


@ON_EACH
@pytest.mark.parametrize("streaming", [False, True], ids=["polled", "streamed"])
def test_two_calls_and_their_outputs(program: Make, server: str, streaming: bool) -> None:
    user = program(server)
    assistant, thread = user.assistant(tools=[WEATHER]), user.thread("Weather?")
    arguments = {"city": "Oslo", "note": "☃"}
    asks = Turn(Reasoning(), FunctionCall("get_weather", arguments), FunctionCall("get_weather", {"city": "Rome"}))
    user.upstream.script(asks, Text("Sunny in both."))
    runs = user.client.beta.threads.runs
    if streaming:
        with runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
            stream.until_done()
            run: Any = stream.current_run
    else:
        run = user.run(thread, assistant)
    assert run.status == "requires_action", run.last_error
    calls = run.required_action.submit_tool_outputs.tool_calls
    assert [(call.function.name, eval_json(call.function.arguments)) for call in calls] == [
        ("get_weather", arguments),
        ("get_weather", {"city": "Rome"}),
    ]
    assert len({call.id for call in calls}) == 2
    outputs: Any = [{"tool_call_id": call.id, "output": "Sunny"} for call in calls]
    run = runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=thread.id, tool_outputs=outputs)
    assert (run.status, run.last_error) == ("completed", None)
    assert user.texts(thread) == ["Weather?", "Sunny in both."]
    kinds = [item["type"] for item in user.bodies[-1]["input"] if item["type"] != "reasoning"]
    assert kinds == ["message", "function_call", "function_call", "function_call_output", "function_call_output"]


def eval_json(text: str) -> Any:
    return json.loads(text)


@ON_EACH
def test_a_message_before_a_call(program: Make, server: str) -> None:
    """transformers says the message again after the call."""
    user = program(server)
    assistant, thread = user.assistant(tools=[WEATHER]), user.thread("Weather?")
    user.upstream.script(Turn(Text("Let me look."), FunctionCall("get_weather")), Text("Sunny."))
    run = user.run(thread, assistant)
    assert run.status == "requires_action", run.last_error
    (call,) = run.required_action.submit_tool_outputs.tool_calls
    run = user.client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=thread.id, tool_outputs=[{"tool_call_id": call.id, "output": "Sunny"}]
    )
    assert run.status == "completed"
    assert user.texts(thread) == ["Weather?", "Let me look.", "Sunny."]


@ON_EACH
def test_an_async_program(program: Make, server: str) -> None:
    user = program(server)
    assistant, thread = user.assistant(), user.thread()
    user.upstream.script(Turn(Reasoning(), "Hello yourself."))

    async def run() -> Any:
        async with user.async_client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
            await stream.until_done()
            return stream.current_run

    assert anyio.run(run).status == "completed"
    assert user.texts(thread) == ["Hello", "Hello yourself."]


@pytest.mark.parametrize("server", OPEN)
def test_reasoning_that_is_shown_goes_back_with_what_it_led_to(program: Make, server: str) -> None:
    user = program(server)
    assistant, thread = user.assistant(tools=[WEATHER]), user.thread("Weather?")
    user.upstream.script(Turn(Reasoning(), FunctionCall("get_weather")), "Sunny.")
    run = user.run(thread, assistant)
    (call,) = run.required_action.submit_tool_outputs.tool_calls
    user.client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=thread.id, tool_outputs=[{"tool_call_id": call.id, "output": "Sunny"}]
    )
    (reasoning,) = [item for item in user.bodies[-1]["input"] if item["type"] == "reasoning"]
    assert reasoning == {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "Let me think."}]}


# -- what is refused

REFUSED = {
    "vllm": ["reasoning.encrypted_content"],
    "transformers": ["prompt_cache_key"],
    "litellm-bridge": ["prompt_cache_key"],
    "openrouter": ["output_parts"],
    "lmstudio": ["output_parts"],
    "strict-fastapi": ["store", "include", "prompt_cache_key"],
    "plain-words": ["store", "include", "prompt_cache_key"],
}


@pytest.mark.parametrize("server", REFUSED)
def test_what_is_refused_is_left_out_from_then_on_with_one_warning(program: Make, warnings: Said, server: str) -> None:
    user = program(server)
    assistant, thread = user.assistant(), user.thread()
    for text in ("And now?", "And then?", "At last?"):
        assert user.run(thread, assistant).status == "completed"
        user.say(thread, text)
    said = warnings()
    assert [[name for name in REFUSED[server] if f"'{name}'" in sentence] for sentence in said] == [[name] for name in REFUSED[server]]
    assert all(BASE in sentence or "the model 'local/thinker'" in sentence for sentence in said)
    refused = len(user.bodies) - 3
    assert refused == len(REFUSED[server])
    assert user.run(user.thread("Another thread"), assistant).status == "completed"
    assert len(user.bodies) == 3 + refused + 1
    assert warnings() == said


def test_another_server_is_asked_for_everything(program: Make) -> None:
    first = program("strict-fastapi")
    assistant = first.assistant()
    assert first.run(first.thread(), assistant).status == "completed"
    second = program("openai", "http://elsewhere.example/v1")
    assert second.run(second.thread(), assistant).status == "completed"
    assert {"store", "include", "prompt_cache_key"} <= set(second.bodies[0])
    again = program("strict-fastapi")  # a new client on the same store: the process remembers
    assert again.run(again.thread(), assistant).status == "completed"
    assert len(again.bodies) == 1


@pytest.mark.parametrize("server", ["lmstudio", "strict-fastapi", "plain-words"])
def test_a_tool_the_server_does_not_have_is_named_with_its_assistant(program: Make, warnings: Said, server: str) -> None:
    user = program(server)
    assistant = user.assistant(tools=[WEATHER, {"type": "code_interpreter"}])
    user.upstream.script("I would need to calculate.", "Still.")
    for text in ("One", "Two"):
        assert user.run(user.thread(text), assistant).status == "completed"
    assert [tool["type"] for tool in user.bodies[-1]["tools"]] == ["function"]
    (told,) = [sentence for sentence in warnings() if "'code_interpreter'" in sentence]
    assert told == (
        f"the model {user.model!r} of {BASE} refuses 'code_interpreter': the tool code_interpreter. It is left out of the requests to "
        f"it, and assistants that have this tool answer without it ({assistant.id} is the first)."
    )
    assert user.client.beta.assistants.retrieve(assistant.id).tools[1].type == "code_interpreter"


def test_a_tool_the_server_has_is_kept(program: Make) -> None:
    user = program("openrouter")
    assistant, thread = user.assistant(tools=[{"type": "code_interpreter"}]), user.thread("3x + 11 = 14")
    user.upstream.script(Turn(CodeInterpreter("print(1)", logs="1"), "x is 1."))
    assert user.run(thread, assistant).status == "completed"
    (step, _) = user.client.beta.threads.runs.steps.list(
        user.client.beta.threads.runs.list(thread.id).data[0].id, thread_id=thread.id, order="asc"
    ).data
    call: Any = step.step_details.tool_calls[0]  # type: ignore[union-attr]
    assert (call.code_interpreter.input, call.code_interpreter.outputs[0].logs) == ("print(1)", "1")


def test_a_forced_tool_where_only_words_are_understood(program: Make, warnings: Said) -> None:
    user = program("lmstudio")
    other: Any = {"type": "function", "function": {"name": "other"}}
    assistant, thread = user.assistant(tools=[WEATHER, other]), user.thread()
    run = user.run(thread, assistant, tool_choice={"type": "function", "function": {"name": "get_weather"}})
    assert run.status == "requires_action", run.last_error
    assert user.bodies[-1]["tool_choice"] == "required"
    assert [tool["name"] for tool in user.bodies[-1]["tools"]] == ["get_weather"]
    assert ["named_tool_choice" in sentence for sentence in warnings()] == [True]


def test_sampling_and_limits_that_are_refused_go_one_by_one(program: Make, warnings: Said) -> None:
    user = program("plain-words")
    run = user.run(user.thread(), user.assistant(model=user.plain), top_p=0.5, temperature=0.5, max_completion_tokens=400)
    assert run.status == "completed"
    assert {"top_p", "max_output_tokens"} & set(user.bodies[-1]) == set()
    assert user.bodies[-1]["temperature"] == 0.5
    assert [name for name in ("top_p", "max_output_tokens") if any(f"'{name}'" in sentence for sentence in warnings())] == [
        "top_p",
        "max_output_tokens",
    ]


def test_a_gateway_hands_on_what_openai_says_of_a_model(program: Make, warnings: Said) -> None:
    user = program("litellm")
    assert user.run(user.thread(), user.assistant(), temperature=0.5).status == "completed"
    assert [("include" in body, "temperature" in body) for body in user.bodies] == [(True, True), (False, True), (False, False)]
    assert warnings() == [f"the model {user.model!r} refuses the parameter 'temperature'; it is left out of its requests."]
    assert user.run(user.thread(), user.assistant(model=user.plain), temperature=0.5).status == "completed"
    assert "temperature" in user.bodies[3] or "temperature" in user.bodies[4]  # another model is asked


def test_the_format_a_program_needs_is_never_dropped(program: Make, warnings: Said) -> None:
    user = program("lmstudio")
    thread = user.thread("Say it in JSON")
    run = user.run(thread, user.assistant(), response_format={"type": "json_object"})
    assert run.status == "failed"
    assert run.last_error.message == "'response_format.type' must be 'json_schema' or 'text'"
    assert len(user.bodies) == 1
    assert warnings() == []


def test_what_cannot_be_left_out_fails_the_run_in_the_servers_words(program: Make) -> None:
    user = program(Manners(lambda body: (400, {"detail": "Server is pinned to 'a'; requested 'b'."})))
    run = user.run(user.thread(), user.assistant())
    assert (run.status, run.last_error.message) == ("failed", "Server is pinned to 'a'; requested 'b'.")
    assert len(user.bodies) == 1


def test_a_server_that_always_complains_is_not_argued_with(program: Make, warnings: Said) -> None:
    """Everything that can go goes once; then the run fails. Guesses that did not help are not remembered."""

    def unhappy(body: dict[str, Any]) -> tuple[int, Any]:
        for name in ("store", "include", "prompt_cache_key"):
            if name in body:
                return 400, {"detail": f"Unsupported parameter: {name}"}
        return 400, {"error": {"message": "Invalid type for 'input'.", "param": "input", "code": "invalid_union"}}

    user = program(Manners(unhappy))
    thread = user.thread()
    user.client.beta.threads.messages.create(thread.id, role="assistant", content="Before.")
    user.say(thread, "After?")
    run = user.run(thread, user.assistant())
    assert (run.status, run.last_error.message) == ("failed", "Invalid type for 'input'.")
    assert len(user.bodies) == 5  # three parameters, the form of the assistant's message, and no more
    assert user.runtime.profiles.left_out(BASE, user.model) == set()
    assert warnings() == []


def test_what_a_server_says_with_a_code_is_remembered_whatever_comes_of_it(program: Make) -> None:
    def unhappy(body: dict[str, Any]) -> tuple[int, Any]:
        if "store" in body:
            return 422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "store"], "msg": "No"}]}
        return 400, {"detail": "Server is pinned to 'a'; requested 'b'."}

    user = program(Manners(unhappy))
    assert user.run(user.thread(), user.assistant()).status == "failed"
    assert user.runtime.profiles.left_out(BASE, user.model) == {"store"}


def test_there_is_an_end_to_what_is_changed_for_one_call(program: Make) -> None:
    """A server that finds fault with whatever is left is asked a dozen times more, and no more."""
    names = ["store", "include", "prompt_cache_key", "temperature", "top_p", "max_output_tokens", "parallel_tool_calls", "reasoning"]

    def unhappy(body: dict[str, Any]) -> tuple[int, Any]:
        present = [name for name in names if name in body] + [
            f"tools[{place}].type" for place, tool in enumerate(body.get("tools", ())) if tool["type"] != "function"
        ]
        present += [f"tools[{place}].strict" for place, tool in enumerate(body.get("tools", ())) if "strict" in tool]
        present += [name for name in ("stream", "tool_choice") if name in body] or ["input"]
        error = {"message": "No.", "param": present[0], "code": "unknown_parameter"}
        return 400, {"error": error}

    user = program(Manners(unhappy))
    thread = user.thread()
    user.client.beta.threads.messages.create(thread.id, role="assistant", content="Before.")
    assistant = user.assistant(tools=[{"type": "code_interpreter"}, WEATHER], instructions="Say it in JSON.")
    run = user.run(
        thread,
        assistant,
        temperature=0.5,
        top_p=0.5,
        max_completion_tokens=500,
        parallel_tool_calls=False,
        tool_choice="required",
        response_format={"type": "json_object"},
        extra_body={"reasoning_effort": "low"},
    )
    assert (run.status, run.last_error.message) == ("failed", "No.")
    assert len(user.bodies) == 13


def test_a_server_without_the_responses_api_is_named_as_that(program: Make) -> None:
    user = program(Manners(lambda body: (404, {"detail": "Not Found"})))
    run = user.run(user.thread(), user.assistant())
    assert run.last_error.message == "The model's server has no Responses API at this address: it answered with status 404."


def test_a_web_page_in_place_of_an_answer_is_named_as_that(program: Make) -> None:
    user = program(Manners(lambda body: (200, "<!DOCTYPE html><title>Sign in</title>")), "http://me:pass@models.example/v1")
    run = user.run(user.thread(), user.assistant())
    assert run.last_error.message == (
        "http://models.example/v1 answered with a web page (HTML), not with the Responses API. Is the client's base_url right, and does a "
        "proxy before it want a sign-in?"
    )
    assert len(user.bodies) == 1


def test_a_page_that_comes_with_a_refusal_is_not_shown(program: Make) -> None:
    user = program(Manners(lambda body: (400, "\ufeff<html>unsupported `store`</html>")))
    assert user.run(user.thread(), user.assistant()).last_error.message == "The model's server answered with status 400."
    assert len(user.bodies) == 1


def test_json_is_read_whatever_it_is_called(program: Make) -> None:
    answer = {"status": "completed", "output": [{"type": "message", "role": "assistant", "content": "Hello."}]}
    user = program(Manners(lambda body: (200, json.dumps(answer))))  # as text/plain
    thread = user.thread()
    assert user.run(thread, user.assistant()).status == "completed"
    assert user.texts(thread)[-1] == "Hello."


def test_leaving_out_does_not_use_up_the_retries(program: Make) -> None:
    user = program("strict-fastapi", max_retries=1)
    user.upstream.script(HttpError(429, "Slow down.", "rate_limit_exceeded"), "Hello.")
    assert user.run(user.thread(), user.assistant()).status == "completed"


# -- how answers end


def test_a_stream_that_breaks_off_inside_a_message_is_tried_again(program: Make) -> None:
    """It ends in good order, but the message that was begun does not."""
    tries: list[int] = []

    def cut(events: list[Any]) -> list[Any]:
        tries.append(1)
        return events if len(tries) > 1 else [event for event in events if not event["type"].endswith(("done", "completed"))]

    user = program(Manners(speak=cut))
    thread = user.thread()
    assert user.run(thread, user.assistant()).status == "completed"
    assert len(tries) == 2
    assert len(user.texts(thread)) == 2


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_an_answer_of_nothing_is_a_lost_connection(program: Make, keep: int) -> None:
    user = program(Manners(speak=lambda events: events[:keep]), max_retries=1)
    run = user.run(user.thread(), user.assistant())
    assert (run.status, run.last_error.message) == ("failed", "Sorry, something went wrong.")
    assert len(user.bodies) == 2


@pytest.mark.parametrize(
    "said",
    [
        {"error": {"message": "The engine died.", "type": "server_error", "code": 500}},
        {"type": "error", "message": "The engine died.", "code": None, "param": None},
        {"type": "error", "error": "The engine died."},
        {"error": "The engine died."},
        {"type": "response.failed", "response": {"status": "failed", "error": {"code": "server_error", "message": "The engine died."}}},
        {"type": "response.completed", "response": {"status": "failed", "error": {"message": "The engine died."}}},
    ],
)
def test_an_error_in_the_stream_fails_the_run_with_its_words(program: Make, said: Any) -> None:
    user = program(Manners(speak=lambda events: [*events[:4], said]), max_retries=0)
    run = user.run(user.thread(), user.assistant())
    assert (run.status, run.last_error.message) == ("failed", "The engine died.")


def test_a_server_of_chat_completions_is_named_as_that(program: Make) -> None:
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "Hi"}}]}
    user = program(Manners(speak=lambda events: [chunk]), max_retries=0)
    run = user.run(user.thread(), user.assistant())
    assert run.last_error.message == "The model's server answers with Chat Completions, not with the Responses API."


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, (0, 0, 0)),
        ({"input_tokens": 7, "output_tokens": 2}, (7, 2, 9)),
        ({"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}, (7, 2, 9)),
        ({"input_tokens": 7, "output_tokens": None, "total_tokens": 7, "input_tokens_details": None}, (7, 0, 7)),
    ],
)
def test_tokens_are_counted_as_far_as_the_server_counts_them(program: Make, usage: Any, expected: tuple[int, int, int]) -> None:
    def counted(events: list[Any]) -> list[Any]:
        events[-1]["response"]["usage"] = usage
        return events

    user = program(Manners(speak=counted))
    run = user.run(user.thread(), user.assistant())
    assert run.status == "completed"
    assert (run.usage.prompt_tokens, run.usage.completion_tokens, run.usage.total_tokens) == expected


def test_calls_that_share_an_id_can_be_answered_one_by_one(program: Make) -> None:
    def same(events: list[Any]) -> list[Any]:
        for event in events:
            for item in [event.get("item"), *event.get("response", {}).get("output", ())]:
                if item and item["type"] == "function_call":
                    item["call_id"] = "call_0"
        return events

    user = program(Manners(speak=same))
    assistant, thread = user.assistant(tools=[WEATHER]), user.thread()
    user.upstream.script(Turn(FunctionCall("get_weather"), FunctionCall("get_weather")), "Done.")
    run = user.run(thread, assistant)
    ids = [call.id for call in run.required_action.submit_tool_outputs.tool_calls]
    assert ids == ["call_0", "call_0-2"]
    outputs: Any = [{"tool_call_id": name, "output": name} for name in ids]
    run = user.client.beta.threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=thread.id, tool_outputs=outputs)
    assert run.status == "completed"
    assert [item["output"] for item in user.bodies[-1]["input"] if item["type"] == "function_call_output"] == ids


# -- the setting


def test_a_profile_says_it_beforehand(program: Make, warnings: Said) -> None:
    user = program("lmstudio", upstream="lmstudio,without=prompt_cache_key")
    assistant = user.assistant(tools=[{"type": "code_interpreter"}])
    assert user.run(user.thread(), assistant).status == "completed"
    (body,) = user.bodies
    assert {"tools", "prompt_cache_key"} & set(body) == set()
    (told,) = warnings()  # nothing of prompt_cache_key: nobody asked for it
    assert told == (
        f"{BASE} does not take (ASSISTANTS_COMPAT_UPSTREAM says so) 'code_interpreter': the tool code_interpreter. It is left out of the "
        f"requests to it, and assistants that have this tool answer without it ({assistant.id} is the first)."
    )


def test_a_profile_may_give_up_the_format(program: Make, warnings: Said) -> None:
    user = program("lmstudio", upstream="without=text.format")
    assert user.run(user.thread("Say it in JSON"), user.assistant(), response_format={"type": "json_object"}).status == "completed"
    assert "text" not in user.bodies[-1]
    assert ["'text.format'" in sentence for sentence in warnings()] == [True]


def test_instructions_that_go_as_a_message_have_a_role_the_server_knows(program: Make) -> None:
    user = program("ollama", upstream="ollama")
    run = user.run(user.thread("Say it"), user.assistant(instructions="Answer in JSON."), response_format={"type": "json_object"})
    assert run.status == "completed"
    assert user.bodies[-1]["input"][0]["role"] == "system"
