"""What of a thread's items goes into a conversation, where no program makes such items."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assistants_compat.runs.citations import as_told, with_markers
from assistants_compat.store.items import Item
from assistants_compat.transfer.conversations.items import KINDS, entries_of, likeness, losses_of, without_images

Json = dict[str, Any]


def message(id: str, role: str, *content: Json, run_id: str | None = None, **more: Any) -> Item:
    return Item(id, "message", role, run_id, {"id": id, "role": role, "content": list(content), **more}, {})


def text(value: str, *annotations: Json) -> Json:
    return {"type": "text", "text": {"value": value, "annotations": list(annotations)}}


def hidden(id: str, type: str, run_id: str = "run_1", **body: Any) -> Item:
    return Item(id, type, None, run_id, {"type": type, **body}, {})


@given(st.text(), st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["a.pdf", "†b】.md", ""])), max_size=5))
def test_a_text_with_markers_gives_back_what_was_said_and_cited(value: str, cited: list[tuple[int, str]]) -> None:
    citations = [{"file_id": f"file-{name}", "filename": name, "index": min(index, len(value))} for index, name in sorted(cited)]
    marked = with_markers(value, citations, lambda citation: f"【4:0†{citation['filename']}】")
    told, found = as_told(marked)
    assert told == value
    assert [(citation["file_id"], citation["index"]) for citation in found] == [(c["file_id"], c["index"]) for c in citations]


def test_a_marker_that_is_not_where_its_annotation_says_stays() -> None:
    wrong = {"type": "file_citation", "text": "【0†a】", "start_index": 2, "end_index": 5, "file_citation": {"file_id": "file-a"}}
    told, [citation] = as_told({"value": "As it【0†a】 is.", "annotations": [wrong]})
    assert told == "As it【0†a】 is."
    assert citation == {"type": "file_citation", "file_id": "file-a", "filename": "a", "index": 2}


def test_a_citation_without_a_name_is_named_by_its_file() -> None:
    mark = {"type": "file_citation", "text": "[1]", "start_index": 1, "end_index": 4, "file_citation": {"file_id": "file-a"}}
    told, [citation] = as_told({"value": "A[1].", "annotations": [mark]})
    assert (told, citation["filename"], citation["index"]) == ("A.", "file-a", 1)


def test_a_call_without_an_output_and_a_message_without_content_are_left_out_and_told_of() -> None:
    history = [
        message("msg_1", "user", text("Hi")),
        hidden("item_1", "function_call", call_id="call_1", name="f", arguments="{}"),
        message("msg_2", "assistant", run_id="run_1"),
        hidden("item_2", "web_search_call"),
    ]
    assert [entry.source_id for entry in entries_of(history)] == ["msg_1"]
    losses = list(losses_of({"id": "thread_1", "metadata": {}, "tool_resources": None}, history))
    assert losses == [("unanswered_calls", "call_1 (item_1)"), ("empty_messages", "msg_2"), ("other_items", "item_2 (web_search_call)")]
    assert {loss.kind for loss in losses} <= KINDS.keys()


def test_a_call_id_that_was_used_twice_is_sent_with_a_number() -> None:
    history = [
        hidden(f"item_{number}", type, run_id=f"run_{number // 2}", call_id="call_1", **body)
        for number, (type, body) in enumerate(
            [("function_call", {"name": "f", "arguments": "{}", "status": "completed"}), ("function_call_output", {"output": "1"})] * 2
        )
    ]
    bodies = [entry.body for entry in entries_of(history)]
    assert [body["call_id"] for body in bodies] == ["call_1", "call_1", "call_1-2", "call_1-2"]
    assert not any("status" in body for body in bodies)


def test_an_item_has_the_same_digest_until_what_is_sent_changes() -> None:
    first, again, other = (entries_of([message("msg_1", "user", text(value))])[0].digest for value in ("Hi", "Hi", "Ho"))
    assert first == again != other


def test_an_item_is_like_itself_as_the_upstream_shows_it() -> None:
    image = {"type": "image_file", "image_file": {"file_id": "file-a", "detail": "auto"}}
    [entry] = entries_of([message("msg_1", "user", text("Look"), image)])
    sent = without_images(entry.body, ["file-a"])
    shown = {**sent, "id": "msg_abc", "status": "completed"}
    assert likeness(sent) == likeness(shown) != likeness(entry.body)
