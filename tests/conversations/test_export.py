"""Threads become conversations: what is kept, what is told of, and that a second time changes nothing."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from assistants_compat.testing import Cite, CodeInterpreter, FileSearch, FunctionCall, Gate, OfflineUpstream, Reasoning, Text, Turn, png

from .conftest import Done, texts_of

Export = Callable[..., Done]
Threads = Callable[..., str]

WEATHER: Any = {"type": "function", "function": {"name": "get_weather"}}


def posts(upstream: OfflineUpstream) -> list[str]:
    return [re.sub(r"conv_\w+", "*", call.path) for call in upstream.calls if call.method == "POST"]


def items_of(native: openai.OpenAI, conversation_id: str) -> list[dict[str, Any]]:
    return [item.to_dict() for item in native.conversations.items.list(conversation_id, order="asc", limit=100)]


def test_a_thread_becomes_a_conversation_and_the_map_says_which(
    export: Export, thread_of: Threads, native: openai.OpenAI, client: openai.OpenAI
) -> None:
    thread_id = thread_of(3, metadata={"user": "42"})
    done = export()
    assert done.code == 0
    assert "Conversations made: 1 (3 items)." in done.said
    conversation = native.conversations.retrieve(done.map[thread_id])
    assert conversation.metadata == {"user": "42", "assistants_compat_thread": thread_id}
    assert texts_of(native, conversation.id) == ["a0", "a1", "a2"]
    found = items_of(native, conversation.id)
    assert [item["role"] for item in found] == ["user", "assistant", "user"]
    messages = list(client.beta.threads.messages.list(thread_id, order="asc"))
    assert done.messages == {message.id: item["id"] for message, item in zip(messages, found, strict=True)}


def test_a_conversation_goes_on_in_native_code_from_the_threads_history(
    export: Export, client: openai.OpenAI, native: openai.OpenAI, upstream: OfflineUpstream
) -> None:
    upstream.script(FunctionCall("get_weather", {"city": "Oslo"}), Text("Rain."))
    assistant = client.beta.assistants.create(model="gpt-5.6-sol", tools=[WEATHER])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Weather in Oslo?"}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.required_action is not None
    outputs: Any = [{"tool_call_id": run.required_action.submit_tool_outputs.tool_calls[0].id, "output": "rain"}]
    client.beta.threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=thread.id, tool_outputs=outputs)
    conversation_id = export().map[thread.id]

    upstream.script(Text("Yes, take one."))
    response = native.responses.create(model="gpt-5.6-sol", conversation=conversation_id, input="An umbrella then?")
    assert response.output_text == "Yes, take one."
    in_conversation = upstream.requests[-1].asked
    # The shim, asked the same on the thread, asks the model the same.
    upstream.script(Text("Yes, take one."))
    client.beta.threads.messages.create(thread.id, role="user", content="An umbrella then?")
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert in_conversation == upstream.requests[-1].asked
    assert [item.get("type") for item in in_conversation] == ["message", "function_call", "function_call_output", "message", "message"]


def test_items_go_twenty_a_call_into_a_conversation_that_is_made_empty(
    export: Export, thread_of: Threads, native: openai.OpenAI, upstream: OfflineUpstream
) -> None:
    thread_id = thread_of(45)
    upstream.calls.clear()
    done = export()
    assert posts(upstream) == ["/v1/conversations", *["/v1/conversations/*/items"] * 3]
    assert [len(call.body.get("items", ())) for call in upstream.calls if call.method == "POST"] == [0, 20, 20, 5]
    assert texts_of(native, done.map[thread_id]) == [f"a{number}" for number in range(45)]


def test_large_items_go_in_smaller_calls(export: Export, client: openai.OpenAI, upstream: OfflineUpstream, native: openai.OpenAI) -> None:
    image = "data:image/png;base64," + "A" * 3 * 1024 * 1024
    content: Any = [{"type": "image_url", "image_url": {"url": image}}]
    thread_id = client.beta.threads.create(messages=[{"role": "user", "content": content} for _ in range(5)]).id
    upstream.calls.clear()
    done = export()
    assert [len(call.body.get("items", ())) for call in upstream.calls if call.method == "POST"] == [0, 2, 2, 1]
    assert len(items_of(native, done.map[thread_id])) == 5


def test_a_second_export_makes_nothing_and_writes_the_same_map(export: Export, thread_of: Threads, upstream: OfflineUpstream) -> None:
    thread_id = thread_of(3)
    first = export()
    before = {path.name: path.read_bytes() for path in first.folder.iterdir() if path.name != "report.json"}
    upstream.calls.clear()
    second = export()
    assert second.code == 0
    assert "There already: 1." in second.said
    assert posts(upstream) == []
    assert {path.name: path.read_bytes() for path in first.folder.iterdir() if path.name != "report.json"} == before
    assert second.of(thread_id)["ending"] == "unchanged"


def test_another_folder_gets_the_map_and_no_second_conversation(
    export: Export, thread_of: Threads, upstream: OfflineUpstream, tmp_path: Path
) -> None:
    thread_of(1)
    first = export().map
    upstream.calls.clear()
    assert export(folder=tmp_path / "elsewhere").map == first
    assert posts(upstream) == []


def test_what_has_come_to_a_thread_since_is_added(
    export: Export, thread_of: Threads, client: openai.OpenAI, native: openai.OpenAI, upstream: OfflineUpstream
) -> None:
    thread_id = thread_of(25)
    first = export().map
    client.beta.threads.messages.create(thread_id, role="user", content="later")
    upstream.calls.clear()
    done = export()
    assert (done.code, done.map) == (0, first)
    assert "Added to: 1 (1 item)." in done.said
    assert posts(upstream) == ["/v1/conversations/*/items"]
    assert texts_of(native, first[thread_id])[-2:] == ["a24", "later"]


def test_a_conversation_that_has_gone_on_upstream_is_left_alone(
    export: Export, thread_of: Threads, client: openai.OpenAI, native: openai.OpenAI
) -> None:
    thread_id = thread_of(2)
    conversation_id = export().map[thread_id]
    native.responses.create(model="gpt-5.6-sol", conversation=conversation_id, input="native")
    before = texts_of(native, conversation_id)
    assert export().code == 0  # nothing is new in the thread
    client.beta.threads.messages.create(thread_id, role="user", content="on the shim")
    done = export()
    assert done.code == 1
    assert f"{thread_id}: {conversation_id} has gone on upstream, and the thread has here" in done.said
    assert texts_of(native, conversation_id) == before
    assert done.map == {thread_id: conversation_id}


def test_a_thread_whose_messages_were_deleted_is_told_of_and_again_makes_another_conversation(
    export: Export, thread_of: Threads, client: openai.OpenAI, native: openai.OpenAI
) -> None:
    thread_id, other = thread_of(3), thread_of(1, "b")
    first = export().map
    message = client.beta.threads.messages.list(thread_id, order="asc").data[0]
    client.beta.threads.messages.delete(message.id, thread_id=thread_id)
    done = export()
    assert (done.code, done.map) == (1, first)
    assert f"Messages that are in {first[thread_id]} were changed or deleted in the thread. --again makes another" in done.said

    assert "were changed or deleted in the thread" in export("--dry-run").said
    assert "Conversations to be made: 1 (2 items). That takes 2 calls" in export("--dry-run", "--again", "--thread", thread_id).said

    done = export("--again", "--thread", thread_id)
    assert done.code == 0
    assert done.map[thread_id] != first[thread_id]
    assert done.map[other] == first[other]
    assert texts_of(native, done.map[thread_id]) == ["a1", "a2"]
    assert done.report["replaced"] == {thread_id: [first[thread_id]]}
    assert f"Replaced by others, and still upstream: 1 conversation\n  {first[thread_id]}" in done.said


def test_again_is_for_threads_that_are_named(export: Export, thread_of: Threads) -> None:
    thread_of(1)
    done = export("--again")
    assert done.code == 2
    assert "--thread all" in done.said


def test_a_conversation_that_was_deleted_upstream_is_not_made_again_unasked(
    export: Export, thread_of: Threads, native: openai.OpenAI, client: openai.OpenAI
) -> None:
    kept, deleted = thread_of(1, "kept"), thread_of(1, "deleted")
    first = export().map
    native.conversations.delete(first[deleted])
    client.beta.threads.messages.create(deleted, role="user", content="later")
    done = export()
    assert done.code == 1
    assert f"{deleted}: {first[deleted]} is not there upstream" in done.said
    done = export("--thread", deleted, "--again")
    assert done.code == 0
    assert texts_of(native, done.map[deleted]) == ["deleted0", "later"]
    assert done.map[kept] == first[kept]


def test_the_key_of_another_project_makes_no_second_conversations(
    export: Export, thread_of: Threads, upstream: OfflineUpstream, tmp_path: Path
) -> None:
    thread_id = thread_of(1)
    export()
    upstream._memory.conversations.clear()
    thread_of(1, "b")
    upstream.calls.clear()
    done = export()
    assert done.code == 2
    assert "Is this another project's key? Then set OPENAI_PROJECT_ID" in done.said
    assert posts(upstream) == []
    done = export(OPENAI_PROJECT_ID="proj_other")
    assert done.code == 2
    assert "conversations.json is of conversations at http://127.0.0.1:" in done.said
    done = export(OPENAI_PROJECT_ID="proj_other", folder=tmp_path / "other")
    assert done.code == 0
    assert len(done.map) == 2
    assert done.report["upstream"].endswith("#proj_other")
    assert thread_id in done.map


def test_only_the_threads_that_are_named_are_brought_over_and_the_map_keeps_all(export: Export, thread_of: Threads, tmp_path: Path) -> None:
    first, second, third = thread_of(1), thread_of(1), thread_of(1)
    assert set(export("--thread", first).map) == {first}
    (tmp_path / "ids").write_text(f"{second}\nthread_none  # gone\n")
    done = export("--threads-from", tmp_path / "ids")
    assert done.code == 1
    assert "thread_none: It is not in the store." in done.said
    assert set(done.map) == {first, second}
    assert set(export().map) == {first, second, third}


def test_another_tenants_threads_stay(export: Export, thread_of: Threads, upstream: OfflineUpstream) -> None:
    thread_id = thread_of(1)
    upstream.calls.clear()
    done = export("--tenant", "acme", "--thread", thread_id)
    assert (done.code, done.map) == (1, {})
    assert posts(upstream) == []


def test_a_thread_whose_run_is_at_work_waits_for_the_next_time(
    export: Export, client: openai.OpenAI, upstream: OfflineUpstream, native: openai.OpenAI
) -> None:
    gate = Gate()
    upstream.script(Turn("Done.", hold=gate))
    assistant = client.beta.assistants.create(model="gpt-5.6-sol")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Go."}])
    run = client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)
    gate.wait_reached()
    done = export()
    assert (done.code, done.map) == (1, {})
    assert f"{thread.id}: Its run {run.id} is at work. Export it again when that is over." in done.said
    gate.open()
    client.beta.threads.runs.poll(run.id, thread_id=thread.id)
    done = export()
    assert texts_of(native, done.map[thread.id]) == ["Go.", "Done."]


def test_a_dry_run_says_what_would_be_done_and_asks_and_changes_nothing(
    export: Export, thread_of: Threads, upstream: OfflineUpstream
) -> None:
    thread_of(45)
    upstream.calls.clear()
    done = export("--dry-run", OPENAI_API_KEY=None)
    assert done.code == 0
    assert "Conversations to be made: 1 (45 items). That takes 4 calls" in done.said
    assert upstream.calls == []
    assert not done.folder.exists()
    assert "Conversations made: 1 (45 items)." in export().said
    assert "Conversations to be made: 0 (0 items). There already: 1." in export("--dry-run").said


def test_without_a_key_nothing_is_begun(export: Export, thread_of: Threads) -> None:
    thread_of(1)
    done = export(OPENAI_API_KEY=None)
    assert done.code == 2
    assert "There is no OPENAI_API_KEY" in done.said


def test_files_of_others_are_not_written_over(export: Export, thread_of: Threads, upstream: OfflineUpstream, tmp_path: Path) -> None:
    thread_of(1)
    (tmp_path / "map").mkdir()
    (tmp_path / "map" / "messages.csv").write_text("mine\n")
    upstream.calls.clear()
    done = export()
    assert done.code == 2
    assert "messages.csv is something else than a map of conversations" in done.said
    assert upstream.calls == []
    assert (tmp_path / "map" / "messages.csv").read_text() == "mine\n"


def test_the_map_is_its_owners_alone(export: Export, thread_of: Threads) -> None:
    thread_of(1)
    folder = export().folder
    for path in (folder, *folder.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--lines",), "--lines is for --to files"),
        (("--assistant", "all"), "--assistant is for --to files"),
        (("--overwrite",), "--overwrite is for --to files"),
    ],
)
def test_options_of_the_other_way_are_refused(export: Export, arguments: tuple[str, ...], said: str) -> None:
    done = export(*arguments)
    assert done.code == 2
    assert said in done.said


# -- what is kept, and what is told of


def test_images_are_kept_and_those_that_are_gone_are_told_of(
    export: Export, client: openai.OpenAI, native: openai.OpenAI, upstream: OfflineUpstream
) -> None:
    there, gone = (upstream.put_file(f"{name}.png", b"png", purpose="vision") for name in ("there", "gone"))
    content: Any = [
        {"type": "text", "text": "Look:"},
        {"type": "image_file", "image_file": {"file_id": there, "detail": "low"}},
        {"type": "image_file", "image_file": {"file_id": gone}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
    ]
    thread_id = client.beta.threads.create(messages=[{"role": "user", "content": content}]).id
    native.files.delete(gone)
    done = export()
    assert done.code == 0
    [item] = items_of(native, done.map[thread_id])
    assert [part["type"] for part in item["content"]] == ["input_text", "input_image", "input_text", "input_image"]
    assert (item["content"][1]["file_id"], item["content"][1]["detail"]) == (there, "low")
    assert item["content"][2]["text"] == f"[image file: {gone}]"
    kept = upstream._memory.conversations[done.map[thread_id]].items[0]["content"][3]
    assert kept["image_url"] == "https://example.com/a.png"
    [name] = done.of(thread_id)["not_as_it_was"]["images_gone"]
    assert name.startswith(f"{gone} of msg_")
    assert f"Images that are not among the upstream's files any more: their places are kept by words.\n    1: {gone} of msg_" in done.said
    assert export().of(thread_id)["not_as_it_was"]["images_gone"] == [name]


def test_an_assistants_images_have_no_place_and_are_told_of(export: Export, client: openai.OpenAI, native: openai.OpenAI) -> None:
    content: Any = [{"type": "text", "text": "Here:"}, {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]
    thread_id = client.beta.threads.create(messages=[{"role": "assistant", "content": content}]).id
    done = export()
    assert texts_of(native, done.map[thread_id]) == ["Here:[image: https://example.com/a.png]"]
    assert done.of(thread_id)["not_as_it_was"]["images_of_assistant"][0].startswith("https://example.com/a.png of msg_")


def test_attachments_metadata_of_messages_and_tool_resources_are_told_of_by_name(
    export: Export, client: openai.OpenAI, upstream: OfflineUpstream
) -> None:
    store, data = upstream.put_vector_store({"a.txt": "text"}), upstream.put_file("b.csv", "1,2")
    attached: Any = [{"file_id": data, "tools": [{"type": "code_interpreter"}]}]
    thread = client.beta.threads.create(tool_resources={"file_search": {"vector_store_ids": [store]}})
    message = client.beta.threads.messages.create(thread.id, role="user", content="Sum.", attachments=attached, metadata={"page": "3"})
    done = export()
    assert done.code == 0
    lost = done.of(thread.id)["not_as_it_was"]
    assert lost["attachments"] == [f"{data} of {message.id}"]
    assert lost["message_metadata"] == [message.id]
    assert lost["tool_resources"] == [store, data]
    assert f"1: {data} of {message.id}" in done.said


def test_citations_are_annotations_with_their_place_and_markers_are_gone(
    export: Export, client: openai.OpenAI, native: openai.OpenAI, upstream: OfflineUpstream
) -> None:
    store = upstream.put_vector_store({"faq.pdf": "Returns within 30 days."})
    assistant = client.beta.assistants.create(
        model="gpt-5.6-sol", tools=[{"type": "file_search"}], tool_resources={"file_search": {"vector_store_ids": [store]}}
    )
    upstream.script(Turn(FileSearch("returns"), Text("Within 30 days. Ask us.", annotations=(Cite("faq.pdf", 15),))))
    run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Returns?"}]})
    assert run.status == "completed", run.last_error
    shown: Any = client.beta.threads.messages.list(run.thread_id).data[0].content[0]
    assert "†faq.pdf】" in shown.text.value
    done = export()
    [part] = items_of(native, done.map[run.thread_id])[-1]["content"]
    assert part["text"] == "Within 30 days. Ask us."
    [citation] = part["annotations"]
    assert citation == {
        "type": "file_citation",
        "file_id": shown.text.annotations[0].file_citation.file_id,
        "filename": "faq.pdf",
        "index": 15,
    }


def test_what_code_did_is_told_as_a_function_call_and_what_it_made_by_name(
    export: Export, client: openai.OpenAI, native: openai.OpenAI, upstream: OfflineUpstream
) -> None:
    upstream.script(
        Turn(
            CodeInterpreter("print(6 * 7)", logs="42\n", images=[png()], files={"table.csv": b"1,2"}),
            "See [the table](sandbox:/mnt/data/table.csv).",
        )
    )
    assistant = client.beta.assistants.create(model="gpt-5.6-sol", tools=[{"type": "code_interpreter"}])
    run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Draw."}]})
    assert run.status == "completed", run.last_error
    done = export()
    found = items_of(native, done.map[run.thread_id])
    assert [item["type"] for item in found] == ["message", "function_call", "function_call_output", "message"]
    assert (found[1]["name"], json.loads(found[1]["arguments"])) == ("code_interpreter", {"code": "print(6 * 7)"})
    assert found[2]["output"] == "42\n"
    assert found[3]["content"][0]["text"] == "See [the table](sandbox:/mnt/data/table.csv)."
    lost = done.of(run.thread_id)["not_as_it_was"]
    assert (len(lost["code_calls"]), len(lost["images_by_code"]), len(lost["file_links"])) == (1, 1, 1)
    upstream.expire_containers()
    tools: Any = [{"type": "code_interpreter", "container": {"type": "auto"}}]
    response = native.responses.create(model="gpt-5.6-sol", conversation=done.map[run.thread_id], input="Again?", tools=tools)
    assert response.status == "completed"


def test_reasoning_is_left_out_so_that_any_model_can_go_on(
    export: Export, client: openai.OpenAI, native: openai.OpenAI, upstream: OfflineUpstream
) -> None:
    upstream.script(Turn(Reasoning("hm"), "42"))
    assistant = client.beta.assistants.create(model="gpt-5.6-sol")
    run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "6 * 7?"}]})
    done = export()
    assert [item["type"] for item in items_of(native, done.map[run.thread_id])] == ["message", "message"]
    assert len(done.of(run.thread_id)["not_as_it_was"]["reasoning"]) == 1
    assert native.responses.create(model="gpt-4o", conversation=done.map[run.thread_id], input="Sure?").status == "completed"


def test_sixteen_pairs_of_metadata_leave_no_room_for_the_threads_id(export: Export, thread_of: Threads, native: openai.OpenAI) -> None:
    metadata = {f"key{number}": "value" for number in range(16)}
    thread_id = thread_of(1, metadata=metadata)
    done = export()
    assert native.conversations.retrieve(done.map[thread_id]).metadata == metadata
    assert done.of(thread_id)["not_as_it_was"]["thread_key"] == [thread_id]


def test_an_empty_thread_is_an_empty_conversation(export: Export, thread_of: Threads, native: openai.OpenAI) -> None:
    thread_id = thread_of(0)
    assert items_of(native, export().map[thread_id]) == []
