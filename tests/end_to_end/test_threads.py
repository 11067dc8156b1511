"""/threads: every parameter, every default, and where a thread's resources show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.testing import OfflineUpstream

from .support import THREAD, events, is_id

pytestmark = pytest.mark.usefixtures("clock")

NO_FILES = {"code_interpreter": {"file_ids": []}}


@pytest.mark.parametrize("body", [None, {}, {"messages": None, "metadata": None, "tool_resources": None}, {"messages": []}])
def test_a_thread_made_of_nothing_has_the_recorded_defaults(call: Callable[..., Any], body: Any) -> None:
    made = call("POST", "/threads", body)
    assert list(made) == THREAD
    assert is_id("thread", made["id"])
    assert list(made.values())[1:] == ["thread", 1_790_000_000, {}, {}]


def test_only_a_get_and_a_stream_show_a_thread_without_files_as_having_none(
    call: Callable[..., Any], http: Callable[..., Any], assistant: Any
) -> None:
    """Recorded: POST shows what was given, GET and `thread.created` always a code interpreter."""
    made = call("POST", "/threads", {})
    assert made["tool_resources"] == {}
    assert call("GET", f"/threads/{made['id']}") == {**made, "tool_resources": NO_FILES}
    assert call("POST", f"/threads/{made['id']}", {"metadata": {"a": "b"}})["tool_resources"] == {}
    new = {"messages": [{"role": "user", "content": "Hi"}]}
    stream = events(http("POST", "/threads/runs", {"assistant_id": assistant.id, "thread": new, "stream": True}).content)
    assert stream[0][0] == "thread.created"
    assert list(stream[0][1]) == THREAD
    assert stream[0][1]["tool_resources"] == NO_FILES


@pytest.mark.parametrize(
    ("given", "posted", "got"),
    [
        ({"code_interpreter": {"file_ids": ["file-1"]}},) * 3,
        (
            {"file_search": {"vector_store_ids": ["vs_1"]}},
            {"file_search": {"vector_store_ids": ["vs_1"]}},
            {**NO_FILES, "file_search": {"vector_store_ids": ["vs_1"]}},
        ),
    ],
)
def test_a_threads_resources_are_kept(call: Callable[..., Any], given: Any, posted: Any, got: Any) -> None:
    made = call("POST", "/threads", {"tool_resources": given})
    assert made["tool_resources"] == posted
    assert call("GET", f"/threads/{made['id']}")["tool_resources"] == got
    assert call("POST", f"/threads/{made['id']}", {"metadata": {"a": "b"}})["tool_resources"] == posted
    assert call("POST", f"/threads/{made['id']}", {"tool_resources": {"code_interpreter": {"file_ids": ["file-9"]}}})["tool_resources"] == {
        "code_interpreter": {"file_ids": ["file-9"]}
    }


@pytest.mark.parametrize(("given", "shown"), [({"a": "b"}, {"a": "b"}), ({}, {}), (None, {})])
def test_a_threads_metadata_are_replaced(call: Callable[..., Any], given: Any, shown: Any) -> None:
    made = call("POST", "/threads", {"metadata": {"first": "one"}})
    assert made["metadata"] == {"first": "one"}
    assert call("POST", f"/threads/{made['id']}", {"metadata": given}) == {**made, "metadata": shown}
    assert call("GET", f"/threads/{made['id']}")["metadata"] == shown


def test_the_first_messages_of_a_thread_are_in_it_in_their_order(client: openai.OpenAI) -> None:
    thread = client.beta.threads.create(
        messages=[
            {"role": "user", "content": "One", "metadata": {"n": "1"}},
            {"role": "assistant", "content": [{"type": "text", "text": "Two"}, {"type": "text", "text": "Three"}]},
        ],
        metadata={"k": "v"},
    )
    assert thread.metadata == {"k": "v"}
    first, second = client.beta.threads.messages.list(thread.id, order="asc")
    assert [(m.role, [p.text.value for p in m.content if p.type == "text"]) for m in (first, second)] == [
        ("user", ["One"]),
        ("assistant", ["Two", "Three"]),
    ]
    assert (first.metadata, second.metadata, second.assistant_id, second.run_id) == ({"n": "1"}, {}, None, None)


def test_a_deleted_thread_takes_all_that_was_in_it_with_it(
    client: openai.OpenAI, call: Callable[..., Any], stored: Callable[[], Any], assistant: Any, upstream: OfflineUpstream
) -> None:
    upstream.script("Hi")
    kept = client.beta.threads.create(messages=[{"role": "user", "content": "Stay"}])
    client.beta.threads.runs.create_and_poll(thread_id=kept.id, assistant_id=assistant.id)
    before = stored()
    upstream.script("Hi")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Go"}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    stub = call("DELETE", f"/threads/{thread.id}")
    assert list(stub.items()) == [("id", thread.id), ("object", "thread.deleted"), ("deleted", True)]
    assert stored() == before
    for ask in (
        lambda: client.beta.threads.retrieve(thread.id),
        lambda: client.beta.threads.messages.list(thread.id),
        lambda: client.beta.threads.runs.retrieve(run.id, thread_id=thread.id),
        lambda: client.beta.threads.delete(thread.id),
    ):
        with pytest.raises(openai.NotFoundError, match=f"No thread found with id '{thread.id}'"):
            ask()


def test_the_sdk_makes_changes_and_deletes_threads(client: openai.OpenAI) -> None:
    thread = client.beta.threads.create(tool_resources={"code_interpreter": {"file_ids": ["file-1"]}})
    changed = client.beta.threads.update(thread.id, metadata={"a": "b"}, tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}})
    assert changed.metadata == {"a": "b"}
    assert changed.tool_resources is not None
    assert changed.tool_resources.file_search is not None
    assert changed.tool_resources.file_search.vector_store_ids == ["vs_1"]
    assert client.beta.threads.delete(thread.id).deleted is True
