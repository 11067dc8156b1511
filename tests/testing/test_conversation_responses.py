"""Responses in a conversation, through the real SDK: what they go on from, what they add, and who has to wait."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from assistants_compat.testing import BrokenStream, Failed, FunctionCall, Gate, OfflineUpstream, Reasoning, Text, Turn

pytestmark = pytest.mark.skipif(not hasattr(openai.OpenAI, "conversations"), reason="this SDK has no conversations")

WEATHER: Any = [{"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {}}, "strict": False}]
LOCKED = "Another process is currently operating on this conversation. Please retry in a few seconds."


@pytest.fixture
def conversation(client: openai.OpenAI) -> str:
    return client.conversations.create().id


def texts(client: openai.OpenAI, conversation: str) -> list[str]:
    """Everything said in the conversation, oldest first; of other items their type."""
    items: Any = client.conversations.items.list(conversation, order="asc")
    return [item.content[0].text if item.type == "message" else item.type for item in items]


def asked(client: openai.OpenAI, conversation: str, **more: Any) -> Any:
    return client.responses.create(**{"model": "gpt-4o", "conversation": conversation, "input": "Hello", **more})


def refusal(client: openai.OpenAI, conversation: str, **more: Any) -> tuple[int, str, str | None]:
    with pytest.raises(openai.APIStatusError) as caught:
        asked(client, conversation, **more)
    body: Any = caught.value.body
    return caught.value.status_code, body["message"], body["code"]


def test_input_and_output_are_added(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    upstream.script("Hi there", "Still here")
    first = asked(client, conversation)
    assert first.conversation.id == conversation
    named = asked(client, {"id": conversation}, input="And now?")  # type: ignore[arg-type]
    assert named.conversation.id == conversation
    assert texts(client, conversation) == ["Hello", "Hi there", "And now?", "Still here"]
    assert [item["content"][0]["text"] for item in upstream.requests[-1].asked] == ["Hello", "Hi there", "And now?"]
    assert upstream.requests[-1].body["input"] == "And now?"


def test_the_ids_are_those_of_the_conversation(client: openai.OpenAI, conversation: str) -> None:
    response = asked(client, conversation)
    items = client.conversations.items.list(conversation).data
    assert items[0].id == response.output[0].id
    assert {str(id).partition("_")[2][:16] for id in (response.id, items[0].id, items[1].id)} == {conversation[-16:]}


def test_no_input_is_needed_where_there_are_items(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    assert refusal(client, conversation, input=openai.omit)[0] == 400
    client.conversations.items.create(conversation, items=[{"role": "user", "content": "Solve 3x + 11 = 14"}])
    response = asked(client, conversation, input=openai.omit)
    assert "x = 1" in response.output_text
    assert upstream.requests[-1].effective_input is not None
    assert len(upstream.requests[-1].effective_input) == 1
    assert texts(client, conversation) == ["Solve 3x + 11 = 14", response.output_text]


def test_a_call_waits_in_the_conversation_for_its_output(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    upstream.script(FunctionCall("get_weather", {}, "call_1"), "Rain")
    asked(client, conversation, tools=WEATHER)
    missing = (400, "No tool output found for function call call_1.", None)
    assert refusal(client, conversation, tools=WEATHER) == missing
    output: Any = {"type": "function_call_output", "call_id": "call_1", "output": "7 degrees"}
    assert asked(client, conversation, input=[output], tools=WEATHER).output_text == "Rain"
    assert texts(client, conversation) == ["Hello", "function_call", "function_call_output", "Rain"]
    again = refusal(client, conversation, input=[output])
    assert again == (400, "Duplicate function call output with call_id call_1.", None)
    assert refusal(client, conversation, input=[{**output, "call_id": "call_2"}])[1] == (
        "No tool call found for function call output with call_id call_2."
    )


def test_an_output_can_be_put_there_beforehand(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    upstream.script(FunctionCall("get_weather", {}, "call_1"), "Rain")
    asked(client, conversation, tools=WEATHER)
    client.conversations.items.create(conversation, items=[{"type": "function_call_output", "call_id": "call_1", "output": "7 degrees"}])
    assert asked(client, conversation, input=openai.omit, tools=WEATHER).output_text == "Rain"


def test_an_item_of_the_conversation_is_not_sent_again(client: openai.OpenAI, conversation: str) -> None:
    message = asked(client, conversation).output[0]
    repeated = f"Duplicate item found with id {message.id}. Remove duplicate items from your input and try again."
    assert refusal(client, conversation, input=[message.to_dict()]) == (400, repeated, None)
    assert refusal(client, conversation, input=[{"type": "item_reference", "id": message.id}]) == (400, repeated, None)


def test_reasoning_stays_with_what_it_led_to(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    upstream.script(Turn(Reasoning(), Text("Thought")), Turn(Reasoning(), Text("Again")))
    model = "gpt-5.2"
    asked(client, conversation, model=model)
    assert asked(client, conversation, model=model).output_text == "Again"
    reasoning = next(item for item in client.conversations.items.list(conversation, order="asc") if item.type == "reasoning")
    assert reasoning.encrypted_content is None
    client.conversations.items.delete(reasoning.id, conversation_id=conversation)
    assert f"required 'reasoning' item: '{reasoning.id}'" in refusal(client, conversation, model=model)[1]


def test_a_conversation_and_a_previous_response_exclude_each_other(client: openai.OpenAI, conversation: str) -> None:
    response = asked(client, conversation)
    assert refusal(client, conversation, previous_response_id=response.id)[2] == "mutually_exclusive_parameters"


def test_an_incomplete_response_adds_what_it_has(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    upstream.script(Text("Half a", incomplete=True))
    assert asked(client, conversation).status == "incomplete"
    assert texts(client, conversation) == ["Hello", "Half a"]
    newest: Any = client.conversations.items.list(conversation).data[0]
    assert newest.status == "incomplete"


@pytest.mark.parametrize("how", [{}, {"stream": True}, {"background": True}])
def test_a_failed_response_adds_nothing_and_leaves_no_lock(
    client: openai.OpenAI, upstream: OfflineUpstream, conversation: str, how: dict[str, Any]
) -> None:
    upstream.script(Failed("server_error", "Broken", items=(Text("Half"),)), "Whole")
    if how.get("stream"):
        with pytest.raises(openai.APIError):
            list(asked(client, conversation, **how))
    else:
        asked(client, conversation, **how)
    assert texts(client, conversation) == []
    assert asked(client, conversation, input="Once more").output_text == "Whole"
    assert texts(client, conversation) == ["Once more", "Whole"]


def test_a_stream_adds_at_its_end_and_locks_until_then(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    upstream.script("One two three", "Later")
    locked, seen = [], []
    for event in asked(client, conversation, stream=True):
        if event.type == "response.output_text.delta":
            locked.append(refusal(client, conversation, input="Me too"))
        if event.type == "response.completed":
            seen = texts(client, conversation)
    assert set(locked) == {(400, LOCKED, "conversation_locked")}
    assert seen == ["Hello", "One two three"]
    assert asked(client, conversation).output_text == "Later"


def test_nothing_is_written_to_a_locked_conversation(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    client.conversations.items.create(conversation, items=[{"role": "user", "content": "First"}])
    id = str(client.conversations.items.list(conversation).data[0].id)
    with asked(client, conversation, stream=True) as stream:
        next(iter(stream))
        for write in (
            lambda: client.conversations.items.create(conversation, items=[{"role": "user", "content": "Second"}]),
            lambda: client.conversations.items.delete(id, conversation_id=conversation),
        ):
            with pytest.raises(openai.BadRequestError, match="Another process"):
                write()
    assert texts(client, conversation) == ["First"]


def test_a_reader_who_breaks_off_leaves_the_conversation_as_it_was(
    client: openai.OpenAI, upstream: OfflineUpstream, conversation: str
) -> None:
    upstream.script(FunctionCall("get_weather", {}, "call_1"), "Fresh start")
    with asked(client, conversation, stream=True, tools=WEATHER) as stream:
        id = next(event.response.id for event in stream if event.type == "response.created")
    assert texts(client, conversation) == []
    assert client.responses.retrieve(id).status == "completed"
    output: Any = {"type": "function_call_output", "call_id": "call_1", "output": "7"}
    assert refusal(client, conversation, input=[output])[1] == "No tool call found for function call output with call_id call_1."
    assert asked(client, conversation).output_text == "Fresh start"


def test_so_does_a_stream_that_breaks(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    upstream.script(BrokenStream(Text("Hi there"), after_events=4), "Fresh start")
    with pytest.raises(openai.APIConnectionError):
        list(asked(client, conversation, stream=True))
    assert texts(client, conversation) == []
    assert asked(client, conversation).output_text == "Fresh start"


def test_a_background_response_adds_when_it_completes(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    gate = Gate()
    upstream.script(Turn("Done at last", hold=gate))
    queued = asked(client, conversation, background=True)
    gate.wait_reached()
    assert (queued.status, queued.conversation.id) == ("queued", conversation)
    assert texts(client, conversation) == []
    assert [item.type for item in client.responses.input_items.list(queued.id)] == ["message"]
    assert refusal(client, conversation) == (400, LOCKED, "conversation_locked")
    gate.open()
    while (found := client.responses.retrieve(queued.id)).status in ("queued", "in_progress"):
        pass
    assert found.status == "completed"
    assert texts(client, conversation) == ["Hello", "Done at last"]


def test_a_cancelled_response_adds_nothing(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    gate = Gate()
    upstream.script(Turn("Never said", hold=gate), "Next")
    queued = asked(client, conversation, background=True)
    gate.wait_reached()
    assert client.responses.cancel(queued.id).status == "cancelled"
    assert texts(client, conversation) == []
    assert asked(client, conversation).output_text == "Next"


def test_without_store_the_conversation_grows_all_the_same(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    upstream.script("Kept")
    response = asked(client, conversation, store=False)
    assert texts(client, conversation) == ["Hello", "Kept"]
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)


def test_the_input_of_a_response_is_listed_with_what_came_before(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    upstream.script(FunctionCall("get_weather", {}, "call_1"), "Rain")
    first = client.responses.create(model="gpt-4o", input="Weather?", tools=WEATHER)
    output: Any = {"type": "function_call_output", "call_id": "call_1", "output": "7 degrees"}
    second = client.responses.create(model="gpt-4o", previous_response_id=first.id, input=[output], tools=WEATHER)
    listed = client.responses.input_items.list(second.id)
    assert [item.type for item in listed] == ["function_call_output", "function_call", "message"]
    assert [item.type for item in client.responses.input_items.list(second.id, order="asc", limit=1).data] == ["message"]
    assert first.id[5:21] == second.id[5:21]
    client.responses.delete(second.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.input_items.list(second.id)


def test_a_conversation_can_be_counted(client: openai.OpenAI, conversation: str) -> None:
    asked(client, conversation, input="A sentence of some length.")
    count: Any = client.responses.input_tokens.count
    alone = count(model="gpt-4o", input="Hi").input_tokens
    assert count(model="gpt-4o", conversation=conversation, input="Hi").input_tokens > alone
    with pytest.raises(openai.NotFoundError):
        count(model="gpt-4o", conversation="conv_1", input="Hi")


def test_usage_is_that_of_the_same_history_sent_whole(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    upstream.script("Hi there", "Fine", "Fine")
    asked(client, conversation)
    native = asked(client, conversation, input="And you?")
    history: Any = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi there"},
        {"role": "user", "content": [{"type": "input_text", "text": "And you?"}]},
    ]
    whole = client.responses.create(model="gpt-4o", input=history, store=False)
    assert upstream.requests[-1].asked == upstream.requests[-2].asked
    assert whole.usage == native.usage


def test_a_script_decides_by_the_whole_conversation(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    upstream.script("Hi", lambda body: f"{len(body['input'])} items")
    asked(client, conversation)
    assert asked(client, conversation, input="How many?").output_text == "3 items"


def test_a_file_of_the_conversation_has_to_be_there(client: openai.OpenAI, upstream: OfflineUpstream, conversation: str) -> None:
    id = upstream.put_file("a.png", b"a", purpose="vision")
    image: Any = {"role": "user", "content": [{"type": "input_image", "file_id": id}]}
    client.conversations.items.create(conversation, items=[image])
    asked(client, conversation)
    client.files.delete(id)
    assert refusal(client, conversation) == (404, f"No such File object: {id}", None)
