"""Conversations of the offline upstream, through the real SDK: made, filled, listed, and refused as the API refuses."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from assistants_compat.testing import CodeInterpreter, FileSearch, OfflineUpstream, Text, Turn

pytestmark = pytest.mark.skipif(not hasattr(openai.OpenAI, "conversations"), reason="this SDK has no conversations")

HELLO: Any = {"role": "user", "content": "Hello"}


def refused(call: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
    with pytest.raises(openai.APIStatusError) as caught:
        call(*arguments, **named)
    body: Any = caught.value.body
    return {"status": caught.value.status_code, "message": body["message"], "code": body["code"], "param": body["param"]}


def test_a_conversation_is_made_changed_and_deleted(client: openai.OpenAI) -> None:
    made = client.conversations.create(metadata={"topic": "test"})
    assert (made.id[:5], len(made.id), made.object, made.metadata) == ("conv_", 53, "conversation", {"topic": "test"})
    assert client.conversations.update(made.id, metadata={"purpose": "other"}).metadata == {"purpose": "other"}
    assert client.conversations.retrieve(made.id).to_dict() == {**made.to_dict(), "metadata": {"purpose": "other"}}
    assert client.conversations.delete(made.id).to_dict() == {"id": made.id, "object": "conversation.deleted", "deleted": True}
    gone = {"status": 404, "message": f"Conversation with id '{made.id}' not found.", "code": None, "param": None}
    assert refused(client.conversations.retrieve, made.id) == gone
    assert refused(client.conversations.items.list, made.id) == gone
    assert refused(client.responses.create, model="gpt-4o", conversation=made.id, input="Hi") == gone


def test_plain_text_is_kept_in_parts(client: openai.OpenAI) -> None:
    made = client.conversations.create(items=[HELLO, {"role": "assistant", "content": "Good day"}])
    newest, oldest = client.conversations.items.list(made.id).data
    assert {**oldest.to_dict(), "id": None} == {
        "id": None,
        "type": "message",
        "status": "completed",
        "content": [{"type": "input_text", "text": "Hello"}],
        "role": "user",
    }
    assert newest.to_dict()["content"] == [{"type": "output_text", "annotations": [], "logprobs": [], "text": "Good day"}]
    assert oldest.id is not None
    assert oldest.id.startswith("msg_")
    assert oldest.id[-16:] == made.id[-16:]


def test_items_come_newest_first_and_in_pages(client: openai.OpenAI) -> None:
    made = client.conversations.create()
    for start in (0, 20):
        client.conversations.items.create(made.id, items=[{"role": "user", "content": str(n)} for n in range(start, start + 20)])
    pages: Any = client.conversations.items
    assert [item.content[0].text for item in pages.list(made.id)] == [str(n) for n in reversed(range(40))]
    assert len(pages.list(made.id).data) == 20
    assert [item.content[0].text for item in pages.list(made.id, order="asc", limit=100).data] == [str(n) for n in range(40)]
    first = pages.list(made.id, order="asc", limit=3)
    assert first.has_more
    assert first.last_id == first.data[-1].id
    assert [item.content[0].text for item in pages.list(made.id, order="asc", limit=2, after=first.last_id).data] == ["3", "4"]
    limit = refused(pages.list, made.id, limit=101)
    assert limit["message"] == "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 instead."


def test_created_items_are_answered_as_a_list(client: openai.OpenAI) -> None:
    made = client.conversations.create()
    answer = client.conversations.items.create(made.id, items=[HELLO, {"role": "developer", "content": "Be brief"}])
    roles = [item.to_dict()["role"] for item in answer.data]
    assert (answer.object, roles, answer.has_more) == ("list", ["user", "developer"], False)
    assert (answer.first_id, answer.last_id) == (answer.data[0].to_dict()["id"], answer.data[1].to_dict()["id"])


def test_an_item_is_looked_at_and_taken_out(client: openai.OpenAI) -> None:
    made = client.conversations.create(items=[HELLO])
    id = str(client.conversations.items.list(made.id).data[0].id)
    assert client.conversations.items.retrieve(id, conversation_id=made.id).id == id
    assert client.conversations.items.delete(id, conversation_id=made.id).id == made.id
    assert client.conversations.items.list(made.id).data == []
    assert refused(client.conversations.items.retrieve, id, conversation_id=made.id)["status"] == 404


def test_an_image_shows_its_address_only_when_asked_for(client: openai.OpenAI) -> None:
    image: Any = {"role": "user", "content": [{"type": "input_image", "image_url": "https://example.org/a.png"}]}
    made = client.conversations.create(items=[image])
    plain = client.conversations.items.list(made.id).data[0].to_dict()["content"]
    assert plain == [{"type": "input_image", "detail": "auto", "file_id": None, "image_url": None}]
    item: Any = client.conversations.items.list(made.id, include=["message.input_image.image_url"]).data[0]
    assert item.content[0].image_url == "https://example.org/a.png"


def test_results_and_outputs_are_kept_for_who_includes_them_later(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    store = upstream.put_vector_store({"a.txt": "The answer is 42."})
    tools: Any = [{"type": "file_search", "vector_store_ids": [store]}, {"type": "code_interpreter", "container": {"type": "auto"}}]
    made = client.conversations.create()
    upstream.script(Turn(FileSearch("answer"), CodeInterpreter("6 * 7", logs="42"), Text("It is 42.")))
    response: Any = client.responses.create(model="gpt-4o", conversation=made.id, input="What?", tools=tools)
    assert (response.output[0].results, response.output[1].outputs) == (None, None)
    hidden: Any = client.conversations.items.list(made.id, order="asc").data
    assert (hidden[1].results, hidden[2].outputs) == (None, None)
    include: Any = ["file_search_call.results", "code_interpreter_call.outputs"]
    found: Any = client.conversations.items.list(made.id, order="asc", include=include).data
    again: Any = client.responses.retrieve(response.id, include=include)
    assert found[1].results[0].text == again.output[0].results[0].text == "The answer is 42."
    assert found[2].outputs[0].logs == again.output[1].outputs[0].logs == "42"


@pytest.mark.parametrize(
    ("items", "refusal"),
    [
        (
            [HELLO] * 21,
            {
                "message": "Invalid 'items': array too long. Expected an array with maximum length 20, "
                "but got an array with length 21 instead.",
                "code": "array_above_max_length",
                "param": "items",
            },
        ),
        (
            [{"type": "file_search_call", "queries": ["a"], "status": "completed"}],
            {"message": "Missing required parameter: 'items[0].id'.", "code": "missing_required_parameter", "param": "items[0].id"},
        ),
        (
            [HELLO, {"type": "reasoning", "summary": []}],
            {"message": "Invalid item", "code": "invalid_item", "param": "item"},
        ),
        (
            [{"type": "message", "id": "item_1", "role": "user", "content": "a"}],
            {
                "message": "Invalid 'items[0].id': 'item_1'. Expected an ID that begins with 'msg'.",
                "code": "invalid_value",
                "param": "items[0].id",
            },
        ),
        (
            [{"role": "user", "content": "a", "metadata": {}}],
            {"message": "Unknown parameter: 'items[0].metadata'.", "code": "unknown_parameter", "param": "items[0].metadata"},
        ),
        (
            [{"role": "user", "content": "a", "type": "message", "id": "msg_1"}] * 2,
            {
                "message": "Duplicate item found with id msg_1. Remove duplicate items from your input and try again.",
                "code": None,
                "param": "items",
            },
        ),
    ],
)
def test_items_are_refused_as_the_api_refuses_them(client: openai.OpenAI, items: Any, refusal: dict[str, Any]) -> None:
    made = client.conversations.create()
    assert refused(client.conversations.items.create, made.id, items=items) == {"status": 400, **refusal}
    assert refused(client.conversations.create, items=items) == {"status": 400, **refusal}
    assert client.conversations.items.list(made.id).data == []


def test_metadata_has_its_limits(client: openai.OpenAI) -> None:
    many = refused(client.conversations.create, metadata={str(n): "" for n in range(17)})
    assert (many["status"], many["code"]) == (400, "object_above_max_properties")
    number: Any = {"a": 1}
    assert refused(client.conversations.create, metadata=number)["param"] == "metadata.a"


def test_another_kind_of_id_is_no_conversation(client: openai.OpenAI) -> None:
    sentence = "Invalid '{}': 'thread_1'. Expected an ID that begins with 'conv'."
    assert refused(client.conversations.retrieve, "thread_1")["message"] == sentence.format("conversation_id")
    asked = refused(client.responses.create, model="gpt-4o", conversation="thread_1", input="Hi")
    assert (asked["message"], asked["param"]) == (sentence.format("conversation"), "conversation")


def test_what_a_conversation_includes_has_a_name(client: openai.OpenAI) -> None:
    made = client.conversations.create()
    include: Any = ["everything"]
    assert refused(client.conversations.items.list, made.id, include=include)["param"] == "include[0]"
