"""/threads/{thread_id}/messages: content in all its forms, and which keys a message shows where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream, Refusal

from .support import MESSAGE, MODIFIED_MESSAGE, is_id, user

pytestmark = pytest.mark.usefixtures("clock")

CONTENTS: list[tuple[Any, Any]] = [
    ("Hi", [{"type": "text", "text": {"value": "Hi", "annotations": []}}]),
    ("  Grüße ☃\n", [{"type": "text", "text": {"value": "  Grüße ☃\n", "annotations": []}}]),
    ("x" * 256_000, [{"type": "text", "text": {"value": "x" * 256_000, "annotations": []}}]),
    ([{"type": "text", "text": "Hi"}], [{"type": "text", "text": {"value": "Hi", "annotations": []}}]),
    (
        [{"type": "image_url", "image_url": {"url": "https://example.test/a.png"}}],
        [{"type": "image_url", "image_url": {"url": "https://example.test/a.png", "detail": "auto"}}],
    ),
    (
        [{"type": "image_url", "image_url": {"detail": "low", "url": "https://example.test/a.png"}}],
        [{"type": "image_url", "image_url": {"url": "https://example.test/a.png", "detail": "low"}}],
    ),
    (
        [{"type": "image_file", "image_file": {"file_id": "file-1"}}],
        [{"type": "image_file", "image_file": {"file_id": "file-1", "detail": "auto"}}],
    ),
    (
        [{"type": "text", "text": "Look"}, {"type": "image_file", "image_file": {"file_id": "file-1", "detail": "high"}}],
        [
            {"type": "text", "text": {"value": "Look", "annotations": []}},
            {"type": "image_file", "image_file": {"file_id": "file-1", "detail": "high"}},
        ],
    ),
    (
        [{"type": "image_url", "image_url": {"url": "https://example.test/a.png", "detail": None}}, {"type": "text", "text": "Look"}],
        [
            {"type": "image_url", "image_url": {"url": "https://example.test/a.png", "detail": "auto"}},
            {"type": "text", "text": {"value": "Look", "annotations": []}},
        ],
    ),
    (  # the limit is one of each part
        [{"type": "text", "text": "x" * 256_000}, {"type": "text", "text": "y" * 256_000}],
        [{"type": "text", "text": {"value": c * 256_000, "annotations": []}} for c in "xy"],
    ),
]


@pytest.fixture(scope="module")
def settings(one_store: Settings) -> Settings:
    return one_store


@pytest.fixture
def messages(thread: Any) -> str:
    return f"/threads/{thread.id}/messages"


@pytest.mark.parametrize(("content", "shown"), CONTENTS, ids=range(len(CONTENTS)))
@pytest.mark.parametrize("role", ["user", "assistant"])
def test_a_messages_content_is_shown_as_a_list_of_parts(
    call: Callable[..., Any], messages: str, role: str, content: Any, shown: Any
) -> None:
    made = call("POST", messages, {"role": role, "content": content})
    assert list(made) == MESSAGE
    assert repr(made["content"]) == repr(shown)
    assert call("GET", f"{messages}/{made['id']}") == made
    assert call("GET", messages)["data"][0] == made


def test_a_message_of_the_programs_has_the_recorded_keys_and_defaults(call: Callable[..., Any], messages: str, thread: Any) -> None:
    made = call("POST", messages, {"role": "assistant", "content": "Hi", "attachments": None, "metadata": None})
    assert list(made) == MESSAGE
    assert is_id("msg", made["id"])
    assert {key: made[key] for key in MESSAGE if key not in ("id", "content")} == {
        "object": "thread.message",
        "created_at": 1_790_000_000,
        "assistant_id": None,
        "thread_id": thread.id,
        "run_id": None,
        "role": "assistant",
        "attachments": [],
        "metadata": {},
    }


def test_a_models_message_names_its_assistant_and_run_and_hides_its_status(
    call: Callable[..., Any], client: openai.OpenAI, messages: str, thread: Any, assistant: Any, upstream: OfflineUpstream
) -> None:
    upstream.script("Hello.")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    made = call("GET", messages)["data"][0]
    assert list(made) == MESSAGE
    assert (made["assistant_id"], made["run_id"], made["role"]) == (assistant.id, run.id, "assistant")
    assert made["content"] == [{"type": "text", "text": {"value": "Hello.", "annotations": []}}]


def test_a_modified_message_is_answered_with_file_ids_and_only_there(call: Callable[..., Any], messages: str) -> None:
    """Recorded, as late as 2025: the reply to a modification has the first version's `file_ids`."""
    made = call("POST", messages, {"role": "user", "content": "Hi", "metadata": {"a": "b"}})
    changed = call("POST", f"{messages}/{made['id']}", {"metadata": {"c": "d"}})
    assert list(changed) == MODIFIED_MESSAGE
    assert changed["file_ids"] == []
    after = call("GET", f"{messages}/{made['id']}")
    assert after == {**made, "metadata": {"c": "d"}}
    assert list(after) == MESSAGE
    attachments = [{"file_id": "file-1", "tools": [{"type": "code_interpreter"}]}]
    made = call("POST", messages, {"role": "user", "content": "Hi", "attachments": attachments})
    assert call("POST", f"{messages}/{made['id']}", {})["file_ids"] == ["file-1"]
    assert call("GET", f"{messages}/{made['id']}") == made


@pytest.mark.parametrize(("body", "shown"), [({}, {"a": "b"}), ({"metadata": {}}, {}), ({"metadata": None}, {})])
def test_metadata_stay_unless_they_are_given(call: Callable[..., Any], messages: str, body: Any, shown: Any) -> None:
    made = call("POST", messages, {"role": "user", "content": "Hi", "metadata": {"a": "b"}})
    assert call("POST", f"{messages}/{made['id']}", body)["metadata"] == shown


def test_a_deleted_message_leaves_a_stub_and_the_list(call: Callable[..., Any], refused: Callable[..., Any], messages: str) -> None:
    made = call("POST", messages, {"role": "user", "content": "Hi"})
    stub = call("DELETE", f"{messages}/{made['id']}")
    assert list(stub.items()) == [("id", made["id"]), ("object", "thread.message.deleted"), ("deleted", True)]
    assert made["id"] not in [message["id"] for message in call("GET", messages)["data"]]
    for method in ("GET", "POST", "DELETE"):
        status, error = refused(method, f"{messages}/{made['id']}", {} if method == "POST" else None)
        assert (status, error["message"]) == (404, f"No message found with id '{made['id']}'.")


def test_a_deleted_message_leaves_the_models_sight(client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream) -> None:
    secret = client.beta.threads.messages.create(thread.id, role="user", content="The code is 1234.")
    client.beta.threads.messages.create(thread.id, role="user", content="What is the code?")
    client.beta.threads.messages.delete(secret.id, thread_id=thread.id)
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert upstream.requests[0].body["input"] == [user("Hello"), user("What is the code?")]


def test_a_message_of_another_thread_is_not_found(call: Callable[..., Any], refused: Callable[..., Any], messages: str) -> None:
    made = call("POST", messages, {"role": "user", "content": "Hi"})
    other = call("POST", "/threads", {})
    status, error = refused("GET", f"/threads/{other['id']}/messages/{made['id']}")
    assert (status, error["message"]) == (404, f"No message found with id '{made['id']}'.")


def test_messages_can_be_listed_by_run(client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream) -> None:
    upstream.script("One", "Two")
    runs = [client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id) for _ in range(2)]
    for run, text in zip(runs, ("One", "Two"), strict=True):
        found = client.beta.threads.messages.list(thread.id, run_id=run.id)
        assert [part.text.value for message in found for part in message.content if part.type == "text"] == [text]
    assert list(client.beta.threads.messages.list(thread.id, run_id="run_unknown")) == []


def test_a_refusal_is_a_part_of_its_own_and_is_said_again_to_the_model(
    client: openai.OpenAI, thread: Any, assistant: Any, upstream: OfflineUpstream
) -> None:
    upstream.script(Refusal("I cannot help with that."), "Sure.")
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    (part,) = client.beta.threads.messages.list(thread.id).data[0].content
    assert part.to_dict() == {"type": "refusal", "refusal": "I cannot help with that."}
    client.beta.threads.messages.create(thread.id, role="user", content="Please.")
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert upstream.requests[1].body["input"][1] == {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "refusal", "refusal": "I cannot help with that."}],
    }


def test_a_full_thread_takes_no_more_messages(
    client: openai.OpenAI, refused: Callable[..., Any], messages: str, thread: Any, assistant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistants_compat.api.messages.MOST_MESSAGES", 2)
    client.beta.threads.messages.create(thread.id, role="user", content="The second")
    one_more = {"role": "user", "content": "The third"}
    for path, body in (
        (messages, one_more),
        (f"/threads/{thread.id}/runs", {"assistant_id": assistant.id, "additional_messages": [one_more]}),
    ):
        status, error = refused("POST", path, body)
        assert (status, error["message"]) == (400, f"Thread {thread.id} has reached the maximum of 2 messages.")
    (first, _) = client.beta.threads.messages.list(thread.id).data
    client.beta.threads.messages.delete(first.id, thread_id=thread.id)
    assert client.beta.threads.messages.create(thread.id, role="user", content="The second again").role == "user"
