"""The code interpreter in a response: its events and outputs, its container, what it leaves there, and what is refused."""

from __future__ import annotations

import base64
from typing import Any

import openai
import pytest

from assistants_compat.testing import CodeInterpreter, OfflineUpstream, Text, Turn, png

AUTO: Any = {"type": "code_interpreter", "container": {"type": "auto"}}
DRAWN = Turn(
    CodeInterpreter("draw()", logs="'/mnt/data/plot.png'", images=[png()], files={"plot.png": png(), "data.csv": b"x,y"}),
    Text("Here: [plot](sandbox:/mnt/data/plot.png) of [data](sandbox:/mnt/data/data.csv), not sandbox:/mnt/data/other.txt."),
)


def ask(client: openai.OpenAI, question: Any = "Draw.", tool: Any = AUTO, **options: Any) -> Any:
    return client.responses.create(model="gpt-4o", input=question, tools=[tool], **options)


def test_a_run_comes_in_the_apis_order(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(DRAWN)
    types = [event.type.removeprefix("response.") for event in ask(client, stream=True)]
    assert list(dict.fromkeys(types)) == [
        "created",
        "in_progress",
        "output_item.added",
        "code_interpreter_call.in_progress",
        "code_interpreter_call_code.delta",
        "code_interpreter_call_code.done",
        "code_interpreter_call.interpreting",
        "code_interpreter_call.completed",
        "output_item.done",
        "content_part.added",
        "output_text.delta",
        "output_text.annotation.added",
        "output_text.done",
        "content_part.done",
        "completed",
    ]
    last_delta = len(types) - 1 - types[::-1].index("output_text.delta")
    assert types[last_delta + 1 : last_delta + 4] == ["output_text.annotation.added"] * 3


def test_what_the_code_left_is_cited_and_can_be_had(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(DRAWN)
    call, message = ask(client).output
    part = message.content[0]
    shown, plot, data = part.annotations
    assert (shown.start_index, shown.end_index, shown.filename) == (0, 0, f"{shown.file_id}.png")
    assert [part.text[each.start_index : each.end_index] for each in (plot, data)] == [
        "sandbox:/mnt/data/plot.png",
        "sandbox:/mnt/data/data.csv",
    ]
    assert plot.type == "container_file_citation"
    assert {each.container_id for each in part.annotations} == {call.container_id}
    contents = [client.containers.files.content.retrieve(each.file_id, container_id=call.container_id) for each in (shown, data)]
    assert [content.read() for content in contents] == [png(), b"x,y"]
    assert contents[0].response.headers["content-type"] == "image/png"
    assert {file.source for file in client.containers.files.list(call.container_id)} == {"assistant"}


def test_outputs_are_there_for_who_asks_for_them(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(DRAWN, DRAWN, Turn(CodeInterpreter("pass"), "Done."), Turn(CodeInterpreter("a", ["1", b"2", "3"]), "Done."))
    asked: Any = {"include": ["code_interpreter_call.outputs"]}
    assert ask(client).output[0].outputs is None
    image, logs = ask(client, **asked).output[0].outputs
    assert image.url == "data:image/png;base64," + base64.b64encode(png()).decode()
    assert logs.to_dict() == {"type": "logs", "logs": "'/mnt/data/plot.png'"}
    assert ask(client, **asked).output[0].outputs == []
    assert [output.type for output in ask(client, **asked).output[0].outputs] == ["logs", "image", "logs"]


def test_auto_takes_the_files_along_and_finds_its_container_again(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(*[Turn(CodeInterpreter("1"), CodeInterpreter("2"), "Done.")] * 4)
    tool = {"type": "code_interpreter", "container": {"type": "auto", "file_ids": [upstream.put_file("a.csv", "x", id="file-a")]}}
    first = ask(client, tool=tool)
    container = first.output[0].container_id
    assert first.output[1].container_id == container
    assert [file.path for file in client.containers.files.list(container)] == ["/mnt/data/file-a-a.csv"]
    again = [{"role": "user", "content": "Draw."}, *[item.to_dict() for item in first.output], {"role": "user", "content": "More."}]
    assert ask(client, again, tool=tool).output[0].container_id == container
    assert ask(client, "More.", previous_response_id=first.id).output[0].container_id == container
    assert ask(client).output[0].container_id != container


def test_a_named_container_is_used(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    container = client.containers.create(name="mine").id
    upstream.script(DRAWN)
    assert ask(client, tool={"type": "code_interpreter", "container": container}).output[0].container_id == container


def test_a_container_that_is_gone_is_refused_in_the_words_of_each_case(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(DRAWN)
    made = ask(client)
    container = made.output[0].container_id
    upstream.expire_containers()
    named = {"type": "code_interpreter", "container": container}
    replayed = [{"role": "user", "content": "Draw."}, *[item.to_dict() for item in made.output], {"role": "user", "content": "More."}]
    for request, status, sentence in (
        ({"tool": named}, 400, "Container is expired."),
        ({"previous_response_id": made.id}, 400, "Container is expired."),
        ({"question": replayed}, 400, f"Expected container_id: {container}"),
        ({"question": replayed, "store": False}, 400, f"Expected container_id: {container}"),
        ({"tool": {"type": "code_interpreter", "container": "cntr_x"}}, 404, "Container with id 'cntr_x' not found."),
        (
            {"tool": {"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file-x"]}}},
            404,
            "No such File object: file-x",
        ),
    ):
        with pytest.raises(openai.APIStatusError) as caught:
            ask(client, **request)  # type: ignore[arg-type]
        assert caught.value.status_code == status
        assert sentence in caught.value.message


def test_code_that_is_cut_short_does_not_run(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(Turn(CodeInterpreter("print(1)\n" * 40, files={"a.txt": b"a"}), "Done."))
    events = list(ask(client, stream=True, max_output_tokens=16))
    response = events[-1].response
    assert (response.status, response.output[0].status) == ("incomplete", "incomplete")
    assert not any("interpreting" in event.type for event in events)
    assert client.containers.files.list(response.output[0].container_id).data == []


def test_without_a_script_it_solves_computes_and_draws(client: openai.OpenAI) -> None:
    asked: Any = {"include": ["code_interpreter_call.outputs"]}
    solved = ask(client, "Solve 3x + 11 = 20.", **asked)
    assert "x = 3" in solved.output_text
    assert solved.output[0].outputs[0].logs == "3\n"
    assert ask(client, "Compute 2 * (3 + 4), please.").output_text == "2 * (3 + 4) = 14"
    assert [each.filename for each in ask(client, "Please plot it.").output[1].content[0].annotations][1] == "plot.png"
    assert [item.type for item in ask(client, "Hello").output] == ["message"]
    assert ask(client, "Hello", tool_choice={"type": "code_interpreter"}).output[0].type == "code_interpreter_call"
    assert [item.type for item in ask(client, "Plot", tool_choice="none").output] == ["message"]


def test_a_choice_of_a_tool_that_is_not_there_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="Tool choice 'file_search' not found in 'tools' parameter"):
        ask(client, tool_choice={"type": "file_search"})


def test_the_loopback_server_serves_it_all(upstream: OfflineUpstream) -> None:
    upstream.script(DRAWN)
    with upstream.serve() as base_url, openai.OpenAI(api_key="sk-test", base_url=base_url) as client:
        call, message = ask(client).output
        cited = message.content[0].annotations[2]
        assert client.containers.files.content.retrieve(cited.file_id, container_id=call.container_id).read() == b"x,y"
