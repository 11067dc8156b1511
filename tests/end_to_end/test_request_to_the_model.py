"""What a run sends to the Responses API: every parameter, and a history that stays the same byte for byte."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from assistants_compat.settings import Settings
from assistants_compat.testing import FunctionCall, OfflineUpstream, png

from .support import Json, function, said, submit, user

pytestmark = pytest.mark.usefixtures("clock")

PLAIN: Json = {"model": "gpt-4o", "input": [user("Hello")], "store": False, "stream": True}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}

# What a run says, and what it adds to the plain request.
SENT: list[tuple[Json, Json]] = [
    ({}, {}),
    ({"instructions": "Be kind."}, {"instructions": "Be kind."}),
    ({"instructions": ""}, {}),
    ({"model": "gpt-4.1"}, {"model": "gpt-4.1"}),
    ({"temperature": 1, "top_p": 1}, {}),
    ({"temperature": 1.0, "top_p": 1.0}, {}),
    ({"temperature": 0, "top_p": 0}, {"temperature": 0.0, "top_p": 0.0}),
    ({"temperature": 0.2}, {"temperature": 0.2}),
    ({"top_p": 0.4}, {"top_p": 0.4}),
    ({"max_completion_tokens": 500}, {"max_output_tokens": 500}),
    ({"max_completion_tokens": 1}, {"max_output_tokens": 16}),
    ({"response_format": "auto"}, {}),
    ({"response_format": {"type": "text"}}, {"text": {"format": {"type": "text"}}}),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": SCHEMA, "strict": True, "description": "d"}}},
        {"text": {"format": {"type": "json_schema", "name": "s", "description": "d", "schema": SCHEMA, "strict": True}}},
    ),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}, "strict": None}}},
        {"text": {"format": {"type": "json_schema", "name": "s", "schema": {"type": "object"}}}},
    ),
    (
        {"tools": [function("f")]},
        {"tools": [{"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}, "strict": False}]},
    ),
    (
        {"tools": [function("f", description="d", parameters=SCHEMA, strict=True)]},
        {"tools": [{"type": "function", "name": "f", "description": "d", "parameters": SCHEMA, "strict": True}]},
    ),
    (
        {"tools": [{"type": "code_interpreter"}]},
        {"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}], "include": ["code_interpreter_call.outputs"]},
    ),
    ({"tools": []}, {}),
    ({"parallel_tool_calls": True}, {}),
]


@pytest.fixture(scope="module")
def settings(one_store: Settings) -> Settings:
    return one_store


@pytest.mark.parametrize(("given", "added"), SENT, ids=range(len(SENT)))
def test_a_runs_parameter_becomes_a_parameter_of_the_request(
    client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream, given: Json, added: Json
) -> None:
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, **given)
    (request,) = upstream.requests
    assert request.body == {**PLAIN, "prompt_cache_key": thread.id, **added}
    if "text" in added:  # the order of keys of a schema is up to the program
        assert repr(request.body["text"]) == repr(added["text"])


@pytest.mark.parametrize(
    ("choice", "first"),
    [
        ("auto", None),
        (None, None),
        ("none", "none"),
        ("required", "required"),
        ({"type": "function", "function": {"name": "f"}}, {"type": "function", "name": "f"}),
    ],
)
def test_a_tool_choice_forces_only_the_first_call_of_a_run(
    client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream, choice: Any, first: Any
) -> None:
    """Forced again, the model could never say anything but to call the tool."""
    upstream.script(*(["No calls"] if choice == "none" else [FunctionCall("f", call_id="call_1"), "Done"]))
    run = client.beta.threads.runs.create_and_poll(
        thread_id=thread.id,
        assistant_id=assistant.id,
        tools=[function("f")],
        tool_choice=choice,
        parallel_tool_calls=False,
    )
    if run.status == "requires_action":
        submit(client, run, {"call_1": "ok"})
    choices = [request.body.get("tool_choice") for request in upstream.requests]
    assert choices == [first, None][: len(choices)]
    assert len(choices) == (1 if choice == "none" else 2)
    assert [request.body["parallel_tool_calls"] for request in upstream.requests] == [False] * len(choices)
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, tools=[function("f")], tool_choice=choice)
    assert upstream.requests[-1].body.get("tool_choice") == first


@pytest.mark.parametrize("where", ["instructions", "message"])
def test_json_object_is_asked_for_where_the_word_json_is_only_in_the_instructions(
    client: openai.OpenAI, thread: Any, upstream: OfflineUpstream, where: str
) -> None:
    assistant = client.beta.assistants.create(
        model="gpt-4o", instructions="Answer in JSON." if where == "instructions" else None, response_format={"type": "json_object"}
    )
    if where == "message":
        client.beta.threads.messages.create(thread.id, role="user", content="In JSON, please.")
    upstream.script('{"a":1}')
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert (run.status, run.last_error) == ("completed", None)
    assert upstream.requests[0].body["text"] == {"format": {"type": "json_object"}}


def test_images_pass_to_the_model(client: openai.OpenAI, assistant: Any, upstream: OfflineUpstream) -> None:
    file = client.files.create(file=("a.png", b"\x89PNG\r\n\x1a\n"), purpose="vision").id
    thread = client.beta.threads.create(
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Look"},
                    {"type": "image_url", "image_url": {"url": "https://example.test/a.png", "detail": "low"}},
                    {"type": "image_file", "image_file": {"file_id": file}},
                ],
            },
            {"role": "assistant", "content": [{"type": "image_url", "image_url": {"url": "https://example.test/b.png"}}]},
        ]
    )
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert (run.status, run.last_error) == ("completed", None)
    assert upstream.requests[0].body["input"] == [
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Look"},
                {"type": "input_image", "image_url": "https://example.test/a.png", "detail": "low"},
                {"type": "input_image", "file_id": file, "detail": "auto"},
            ],
        },
        said("[image: https://example.test/b.png]"),
    ]


PICTURE = "data:image/png;base64," + "A" * 4000


@pytest.mark.parametrize("role", ["user", "assistant"])
def test_texts_and_images_keep_their_order(client: openai.OpenAI, assistant: Any, upstream: OfflineUpstream, role: Any) -> None:
    """In an assistant's message, where the API has no place for an image, words stand for it; not for all the bytes of it."""
    file = upstream.put_file("a.png", png(), purpose="vision")
    content: Any = [
        {"type": "image_file", "image_file": {"file_id": file, "detail": "high"}},
        {"type": "text", "text": "Between"},
        {"type": "image_url", "image_url": {"url": PICTURE}},
        {"type": "text", "text": "x" * 256_000},
        {"type": "image_url", "image_url": {"url": "https://example.test/a.png", "detail": "low"}},
    ]
    thread = client.beta.threads.create(messages=[{"role": role, "content": content}, {"role": "user", "content": "Well?"}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert (run.status, run.last_error) == ("completed", None)
    texts = {"user": "input_text", "assistant": "output_text"}[role]
    images: list[Json] = {
        "user": [
            {"type": "input_image", "file_id": file, "detail": "high"},
            {"type": "input_image", "image_url": PICTURE, "detail": "auto"},
            {"type": "input_image", "image_url": "https://example.test/a.png", "detail": "low"},
        ],
        "assistant": [
            {"type": texts, "text": f"[image file: {file}]"},
            {"type": texts, "text": "[image: data:image/png;base64]"},
            {"type": texts, "text": "[image: https://example.test/a.png]"},
        ],
    }[role]
    parts = [images[0], {"type": texts, "text": "Between"}, images[1], {"type": texts, "text": "x" * 256_000}, images[2]]
    assert upstream.requests[0].body["input"] == [{"type": "message", "role": role, "content": parts}, user("Well?")]


@pytest.mark.parametrize("format", ["json_schema", "json_object"])
def test_an_image_can_be_asked_about_in_a_structured_form(client: openai.OpenAI, upstream: OfflineUpstream, format: str) -> None:
    image: Any = {"type": "image_url", "image_url": {"url": "https://example.test/a.png"}}
    wanted: Any = {"type": format, **({"json_schema": {"name": "s", "schema": SCHEMA}} if format == "json_schema" else {})}
    assistant = client.beta.assistants.create(model="gpt-4o", instructions="What is it? Answer in JSON.", response_format=wanted)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": [image]}])
    upstream.script('{"a":"a cat"}', '{"a":"a dog"}')
    for _ in range(2):
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert (run.status, run.last_error) == ("completed", None)
    first, second = (request.body["input"] for request in upstream.requests)
    assert {"type": "input_image", "image_url": "https://example.test/a.png", "detail": "auto"} in first[-1]["content"]
    assert second == [*first, said('{"a":"a cat"}')]


def test_an_image_in_an_assistants_mouth_is_told_to_the_model_in_words(
    client: openai.OpenAI, assistant: Any, upstream: OfflineUpstream
) -> None:
    """The Responses API takes no image there."""
    shown: Any = [
        {"type": "image_file", "image_file": {"file_id": "file-1"}},
        {"type": "image_url", "image_url": {"url": "https://example.test/b.png"}},
    ]
    thread = client.beta.threads.create(messages=[{"role": "assistant", "content": shown}, {"role": "user", "content": "What was that?"}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert (run.status, run.last_error) == ("completed", None)
    words = [part["text"] for part in upstream.requests[0].body["input"][0]["content"]]
    assert words == ["[image file: file-1]", "[image: https://example.test/b.png]"]


def test_the_headers_of_the_request_are_the_programs_own_but_for_those_of_the_assistants_api(
    client: openai.OpenAI, assistant: Any, thread: Any, upstream: OfflineUpstream
) -> None:
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, extra_headers={"X-Trace": "42"})
    headers = upstream.requests[0].headers
    assert (headers["x-trace"], headers["accept"], headers["content-type"]) == ("42", "text/event-stream", "application/json")
    assert headers["authorization"] == "[redacted]"
    assert "openai-beta" not in headers
    assert not [name for name in headers if name.startswith("x-stainless-poll") or name == "idempotency-key"]
