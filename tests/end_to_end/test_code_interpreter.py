"""What code makes: images in messages and steps, files linked from the text, all of them brought over while their container lives."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from assistants_compat.runs import copying
from assistants_compat.runs.runtime import Runtime
from assistants_compat.seam import attach
from assistants_compat.testing import (
    BrokenDownload,
    BrokenStream,
    Cite,
    CodeInterpreter,
    FileSearch,
    FunctionCall,
    Gate,
    HttpError,
    OfflineUpstream,
    Reasoning,
    Text,
    Turn,
    Unreachable,
    png,
    workbench,
)
from blocking import add_hook
from clients import Clients, sdk_family

from .support import events, function, said, submit, user

CODE: Any = {"type": "code_interpreter"}
DRAWN = Turn(
    CodeInterpreter("draw()", logs="'/mnt/data/plot.png'", images=[png()], files={"plot.png": png(), "data.csv": b"x,y\n1,2\n"}),
    Text("Here is [the plot](sandbox:/mnt/data/plot.png) of [the data](sandbox:/mnt/data/data.csv)."),
)
SAVED = Turn(CodeInterpreter("save()", files={"data.csv": b"0123456789" * 100}), Text("Here: sandbox:/mnt/data/data.csv"))
CONTENT = "GET /containers/*/files/*/content"


@pytest.fixture
def coder(client: openai.OpenAI) -> Any:
    return client.beta.assistants.create(model="gpt-4o", tools=[CODE])


@pytest.fixture
def run(client: openai.OpenAI, coder: Any, upstream: OfflineUpstream) -> Callable[..., Any]:
    """A run of a new thread whose model does what it is told to; → the run."""

    def start(*turns: Any, **parameters: Any) -> Any:
        upstream.script(*turns)
        thread = {"messages": [{"role": "user", "content": "Do it."}]}
        return client.beta.threads.create_and_run_poll(assistant_id=coder.id, thread=thread, **parameters)

    return start


def newest(client: openai.OpenAI, run: Any) -> Any:
    return client.beta.threads.messages.list(run.thread_id, limit=1).data[0]


def steps(client: openai.OpenAI, run: Any) -> list[Any]:
    return [step.to_dict() for step in client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc")]


def blobs(runtime: Runtime) -> list[str]:
    folder = runtime.blobs.folder()
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def again(client: openai.OpenAI, run: Any, assistant_id: str | None = None) -> Any:
    client.beta.threads.messages.create(run.thread_id, role="user", content="And now?")
    return client.beta.threads.runs.create_and_poll(thread_id=run.thread_id, assistant_id=assistant_id or run.assistant_id)


# ---------------------------------------------------------------------------------------------------- what programs see


def test_an_image_comes_before_the_text_and_files_are_linked_and_attached(client: openai.OpenAI, run: Callable[..., Any]) -> None:
    done = run(DRAWN)
    assert (done.status, done.last_error) == ("completed", None)
    message = newest(client, done).to_dict()
    image, text = message["content"]
    assert image["type"] == "image_file"
    value = text["text"]["value"]
    plot, data = text["text"]["annotations"]
    for annotation, name in ((plot, "plot.png"), (data, "data.csv")):
        assert annotation["type"] == "file_path"
        assert annotation["text"] == f"sandbox:/mnt/data/{name}"
        assert value[annotation["start_index"] : annotation["end_index"]] == annotation["text"]
    attached = [plot["file_path"]["file_id"], data["file_path"]["file_id"]]
    assert message["attachments"] == [{"file_id": id, "tools": [CODE]} for id in attached]
    tool_step = steps(client, done)[0]
    (call,) = tool_step["step_details"]["tool_calls"]
    assert call["code_interpreter"]["outputs"] == [
        {"type": "image", "image": {"file_id": image["image_file"]["file_id"]}},
        {"type": "logs", "logs": "'/mnt/data/plot.png'"},
    ]
    contents = [client.files.content(id).read() for id in (image["image_file"]["file_id"], *attached)]
    assert contents == [png(), png(), b"x,y\n1,2\n"]


def test_a_stream_brings_the_image_first_and_the_links_when_the_text_is_there(
    http: Callable[..., Any], coder: Any, upstream: OfflineUpstream
) -> None:
    upstream.script(DRAWN)
    body = {"assistant_id": coder.id, "stream": True, "thread": {"messages": [{"role": "user", "content": "Do it."}]}}
    told = events(http("POST", "/threads/runs", body).content)
    outputs = [
        output
        for name, data in told
        if name == "thread.run.step.delta"
        for call in data["delta"]["step_details"]["tool_calls"]
        for output in call["code_interpreter"].get("outputs", ())
    ]
    assert [(output["index"], output["type"]) for output in outputs] == [(0, "image"), (1, "logs")]
    deltas = [data["delta"]["content"][0] for name, data in told if name == "thread.message.delta"]
    assert deltas[0] == {"index": 0, "type": "image_file", "image_file": outputs[0]["image"]}
    assert {delta["index"] for delta in deltas[1:]} == {1}
    assert deltas[1]["text"]["annotations"] == []
    plot, data = [delta["text"] for delta in deltas[-2:]]
    assert [plot["value"], data["value"]] == ["", ""]
    assert list(plot["annotations"][0]) == ["index", "type", "text", "start_index", "end_index", "file_path"]
    assert [text["annotations"][0]["index"] for text in (plot, data)] == [0, 1]
    (message,) = [data for name, data in told if name == "thread.message.completed"]
    assert [part["type"] for part in message["content"]] == ["image_file", "text"]
    assert [a["text"] for a in message["content"][1]["text"]["annotations"]] == [
        plot["annotations"][0]["text"],
        "sandbox:/mnt/data/data.csv",
    ]


def test_an_event_handler_can_have_a_file_as_soon_as_it_is_told_of_it(client: openai.OpenAI, coder: Any, upstream: OfflineUpstream) -> None:
    upstream.script(DRAWN)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Do it."}])
    had: dict[str, bytes] = {}
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=coder.id) as stream:
        for event in stream:
            if event.event == "thread.message.delta":
                for part in event.data.delta.content or ():
                    if part.type == "image_file" and part.image_file and part.image_file.file_id:
                        had["image"] = client.files.content(part.image_file.file_id).read()
                    elif part.type == "text" and part.text:
                        for annotation in part.text.annotations or ():
                            had[str(annotation.text)] = client.files.content(annotation.file_path.file_id).read()  # type: ignore[union-attr]
        run = stream.get_final_run()
    assert run.status == "completed"
    assert had == {"image": png(), "sandbox:/mnt/data/plot.png": png(), "sandbox:/mnt/data/data.csv": b"x,y\n1,2\n"}


def test_links_stay_in_place_where_the_text_has_markers_of_searched_files_too(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    store = upstream.put_vector_store({"food.txt": "Burritos are the favourite."})
    resources: Any = {"file_search": {"vector_store_ids": [store]}}
    assistant = client.beta.assistants.create(model="gpt-4o", tools=[CODE, {"type": "file_search"}], tool_resources=resources)
    said_so = "Burritos it says, see sandbox:/mnt/data/a.csv for more."
    upstream.script(
        Turn(
            FileSearch("food"),
            CodeInterpreter("save()", files={"a.csv": b"1"}),
            Text(said_so, annotations=(Cite("food.txt", at="Burritos"),)),
        )
    )
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "What do they like?"}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.status == "completed", run.last_error
    (part,) = newest(client, run).content
    found = {a.type: part.text.value[a.start_index : a.end_index] for a in part.text.annotations}
    assert found == {"file_citation": "【4:0†food.txt】", "file_path": "sandbox:/mnt/data/a.csv"}


def test_an_image_that_nothing_is_said_about_has_a_message_of_its_own(client: openai.OpenAI, run: Callable[..., Any]) -> None:
    done = run(Turn(CodeInterpreter("draw()", images=[png()])))
    assert done.status == "completed"
    assert [part.type for part in newest(client, done).content] == ["image_file"]
    assert [step["type"] for step in steps(client, done)] == ["tool_calls", "message_creation"]
    assert sum(step["usage"]["total_tokens"] for step in steps(client, done)) == done.usage.total_tokens


def test_an_image_drawn_before_a_function_call_is_in_the_message_after_it(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    assistant = client.beta.assistants.create(model="gpt-4o", tools=[CODE, function()])
    upstream.script(Turn(CodeInterpreter("draw()", images=[png()]), FunctionCall("get_weather")), "That was it.")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Draw the weather."}])
    waiting = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert waiting.status == "requires_action"
    done = submit(client, waiting, {call.id: "Sunny" for call in waiting.required_action.submit_tool_outputs.tool_calls})
    assert done.status == "completed", done.last_error
    assert [part.type for part in newest(client, done).content] == ["image_file", "text"]


def test_a_file_that_is_linked_twice_is_one_file(client: openai.OpenAI, run: Callable[..., Any], runtime: Runtime) -> None:
    done = run(Turn(CodeInterpreter("save()", files={"a.csv": b"1"}), Text("sandbox:/mnt/data/a.csv or sandbox:/mnt/data/a.csv")))
    message = newest(client, done)
    first, second = message.content[0].text.annotations
    assert first.file_path.file_id == second.file_path.file_id
    assert first.start_index < second.start_index
    assert len(message.attachments) == 1
    assert blobs(runtime) == [first.file_path.file_id]


def test_an_image_whose_bytes_the_call_does_not_show_is_fetched_and_comes_last(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream
) -> None:
    """Where the upstream refuses to include outputs, only the citation at the end tells of an image."""
    words = "Unsupported value: 'code_interpreter_call.outputs' is not supported."
    upstream.fail("POST /responses", HttpError(400, words, "unsupported_value", param="include[0]"))
    done = run(DRAWN)
    assert (done.status, done.last_error) == ("completed", None)
    text, image = newest(client, done).content
    assert (text.type, image.type) == ("text", "image_file")
    assert client.files.content(image.image_file.file_id).read() == png()
    assert "include" not in upstream.requests[-1].body


def cited(container_file: str = "cfile_" + "0" * 32, filename: str | None = None, start: int = 0, end: int = 0) -> dict[str, Any]:
    """A citation as the API shows it, of a container that nobody has."""
    name = filename or f"{container_file}.png"
    where = {"container_id": "cntr_" + "0" * 48, "start_index": start, "end_index": end}
    return {"type": "container_file_citation", "file_id": container_file, "filename": name, **where}


def images(message: Any) -> list[str]:
    return [part.image_file.file_id for part in message.content if part.type == "image_file"]


def test_an_image_drawn_before_a_function_call_and_cited_after_it_is_shown_once(
    client: openai.OpenAI, upstream: OfflineUpstream, runtime: Runtime
) -> None:
    assistant = client.beta.assistants.create(model="gpt-4o", tools=[CODE, function()])
    said_later = Text("That was it.", annotations=(cited(),))
    upstream.script(Turn(CodeInterpreter("draw()", images=[png()]), FunctionCall("get_weather")), Turn(said_later))
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Draw the weather."}])
    waiting = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    done = submit(client, waiting, {call.id: "Sunny" for call in waiting.required_action.submit_tool_outputs.tool_calls})
    assert (done.status, done.last_error) == ("completed", None)
    assert images(newest(client, done)) == blobs(runtime)
    assert len(blobs(runtime)) == 1


def test_an_image_that_cannot_be_read_does_not_take_the_place_of_another(
    client: openai.OpenAI, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = workbench._output
    broken = {"type": "image", "url": "data:image/png;base64,***"}
    monkeypatch.setattr(workbench, "_output", lambda output: broken if output == b"first" else real(output))
    done = run(Turn(CodeInterpreter("draw()", images=[b"first", b"second"]), "Two of them."))
    assert (done.status, done.last_error) == ("completed", None)
    shown = [client.files.content(id).read() for id in images(newest(client, done))]
    assert sorted(shown) == [b"first", b"second"], "the first by its citation, which comes last"


def test_an_image_that_nobody_tells_the_place_of_is_reported(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbench, "_output", lambda output: {"type": "image", "url": "https://example.test/a.png"})
    done = run(Turn(CodeInterpreter("draw()", images=[png()])))
    assert done.status == "completed"
    assert "1 of the images that were drawn" in done.last_error.message


def test_a_saved_picture_is_a_file_though_its_citation_has_no_place(client: openai.OpenAI, run: Callable[..., Any]) -> None:
    text = "Here: sandbox:/mnt/data/plot.png"
    done = run(Turn(CodeInterpreter("save()"), Text(text, annotations=(cited(filename="plot.png"),))))
    message = newest(client, done)
    assert [a.text for a in message.content[0].text.annotations] == ["sandbox:/mnt/data/plot.png"]
    assert images(message) == []
    assert "/mnt/data/plot.png" in done.last_error.message, "its container is none"


# ---------------------------------------------------------------------------------------------------- /files


def test_generated_files_are_there_after_their_container_is_gone(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream
) -> None:
    done = run(SAVED)
    (annotation,) = newest(client, done).content[0].text.annotations
    upstream.expire_containers()
    before = len(upstream.calls)
    file_id = annotation.file_path.file_id
    file = client.files.retrieve(file_id)
    shown = json.loads(client.files.with_raw_response.retrieve(file_id).content)
    assert list(shown) == ["object", "id", "purpose", "filename", "bytes", "created_at", "expires_at", "status", "status_details"]
    assert (file.filename, file.bytes, file.purpose, file.status) == ("/mnt/data/data.csv", 1000, "assistants_output", "processed")
    response = client.files.with_raw_response.content(file_id)
    assert response.content == b"0123456789" * 100
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"] == 'attachment; filename="/mnt/data/data.csv"'
    with client.files.with_streaming_response.content(file_id) as streamed:
        assert b"".join(streamed.iter_bytes(7)) == b"0123456789" * 100
    assert client.files.delete(file_id).to_dict() == {"object": "file", "deleted": True, "id": file_id}
    assert len(upstream.calls) == before, "all of it was answered here"
    with pytest.raises(openai.NotFoundError, match=f"No such File object: {file_id}"):
        client.files.retrieve(file_id)


def test_deleting_a_file_deletes_its_bytes_and_leaves_the_message(client: openai.OpenAI, run: Callable[..., Any], runtime: Runtime) -> None:
    done = run(SAVED)
    (annotation,) = newest(client, done).content[0].text.annotations
    client.files.delete(annotation.file_path.file_id)
    assert blobs(runtime) == []
    assert newest(client, done).content[0].text.annotations == [annotation]


def test_files_outlive_their_thread(client: openai.OpenAI, run: Callable[..., Any]) -> None:
    done = run(SAVED)
    (annotation,) = newest(client, done).content[0].text.annotations
    client.beta.threads.delete(done.thread_id)
    assert len(client.files.content(annotation.file_path.file_id).read()) == 1000


def test_all_other_files_go_through_untouched(client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream) -> None:
    uploaded = client.files.create(file=("a.txt", b"hello"), purpose="batch")
    run(SAVED)
    before = len(upstream.calls)
    assert client.files.retrieve(uploaded.id).filename == "a.txt"
    assert client.files.content(uploaded.id).read() == b"hello"
    assert [file.id for file in client.files.list(purpose="batch")] == [uploaded.id]
    assert client.files.delete(uploaded.id).deleted
    with pytest.raises(openai.NotFoundError, match="No such File object: file-unknown") as refused:
        client.files.content("file-unknown")
    assert refused.value.response.headers["x-request-id"]
    seen = [(call.method, call.path.removeprefix("/v1")) for call in upstream.calls[before:]]
    assert seen == [
        ("GET", f"/files/{uploaded.id}"),
        ("GET", f"/files/{uploaded.id}/content"),
        ("GET", "/files?purpose=batch"),
        ("DELETE", f"/files/{uploaded.id}"),
        ("GET", "/files/file-unknown/content"),
    ]


def test_lists_have_the_generated_files_before_the_others_page_by_page(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream
) -> None:
    theirs = [upstream.put_file(f"{number}.txt", "x") for number in range(3)]
    run(DRAWN)
    assert len(list(client.files.list(purpose="assistants_output"))) == 3
    assert upstream.calls[-1].path == "/v1/files?purpose=assistants_output"
    everything = [file.id for file in client.files.list()]
    ours = [id for id in everything if id not in theirs]
    assert len(ours) == 3
    assert set(everything[3:]) == set(theirs)
    for limit in (1, 2, 3, 4, 5, 6, 7):
        assert [file.id for file in client.files.list(limit=limit)] == everything, limit
    ascending = [file.id for file in client.files.list(order="asc")]
    assert ascending[3:] == ours[::-1]
    for limit in (1, 2, 3, 4, 6):
        assert [file.id for file in client.files.list(limit=limit, order="asc")] == ascending, limit
    page = client.files.list(limit=2)
    assert (page.has_more, [file.id for file in page.data]) == (True, everything[:2])
    assert [file.id for file in client.files.list(purpose="assistants")] == everything[3:]


def test_a_list_that_the_upstream_refuses_it_refuses(client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream) -> None:
    run(SAVED)
    with pytest.raises(openai.BadRequestError, match="limit"):
        list(client.files.list(limit=0))
    upstream.fail("GET /files", HttpError(401, "Incorrect API key provided"), HttpError(401, "Incorrect API key provided"))
    with pytest.raises(openai.AuthenticationError, match="Incorrect API key"):
        client.files.list()


def test_a_store_that_fails_does_not_stand_in_the_way_of_files(client: openai.OpenAI, upstream: OfflineUpstream, runtime: Runtime) -> None:
    uploaded = upstream.put_file("a.txt", "x")
    runtime.database.close()
    runtime.database._kind = runtime.database._url = None  # as of a setting that is no store
    assert client.files.retrieve(uploaded).filename == "a.txt"
    assert [file.id for file in client.files.list()] == [uploaded]


# ---------------------------------------------------------------------------------------------------- copies that fail


def asked_for(upstream: OfflineUpstream) -> list[str | None]:
    """From where on the contents of files were asked for."""
    return [call.headers.get("range") for call in upstream.calls if call.path.endswith("/content")]


def test_a_download_that_breaks_off_goes_on_where_it_was(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream, clients: Clients
) -> None:
    upstream.fail(CONTENT, BrokenDownload(400), Unreachable(), HttpError(500, "Oh."), BrokenDownload(300))
    done = run(SAVED)
    assert (done.status, done.last_error) == ("completed", None)
    (annotation,) = newest(client, done).content[0].text.annotations
    assert client.files.content(annotation.file_path.file_id).read() == b"0123456789" * 100
    if clients.keeps_what_has_come:
        assert asked_for(upstream) == [None, "bytes=400-", "bytes=400-", "bytes=400-", "bytes=700-"]


def test_an_upstream_that_sends_a_file_from_the_beginning_again_is_understood(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream
) -> None:
    """Not every server knows `Range`."""

    def forget(request: Any) -> None:
        request.headers.pop("range", None)

    add_hook(client, "request", forget)
    upstream.fail(CONTENT, BrokenDownload(400))
    done = run(SAVED)
    assert (done.status, done.last_error) == ("completed", None)
    (annotation,) = newest(client, done).content[0].text.annotations
    assert client.files.content(annotation.file_path.file_id).read() == b"0123456789" * 100


def test_a_failed_copy_is_reported_on_the_run_and_can_be_had_later(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream, caplog: pytest.LogCaptureFixture
) -> None:
    upstream.fail(CONTENT, HttpError(403, "You may not."))
    with caplog.at_level(logging.WARNING, "assistants_compat"):
        done = run(SAVED)
    assert done.status == "completed"
    assert done.last_error.code == "server_error"
    told = done.last_error.message
    assert told.startswith("Files that the code interpreter made could not be copied out of their container: /mnt/data/data.csv (file-")
    assert told.endswith("You may not. Asking for their content tries again, as long as the container lives: about 20 minutes.")
    assert "You may not" in caplog.text
    (annotation,) = newest(client, done).content[0].text.annotations
    file_id = annotation.file_path.file_id
    file = client.files.retrieve(file_id)
    assert (file.status, file.bytes) == ("error", 0)
    assert "You may not" in str(file.status_details)
    assert client.files.content(file_id).read() == b"0123456789" * 100
    assert client.files.retrieve(file_id).status == "processed"


def test_a_file_whose_container_went_before_it_was_copied_is_told_to_be_gone(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream
) -> None:
    upstream.fail(CONTENT, HttpError(403, "You may not."))
    done = run(SAVED)
    (annotation,) = newest(client, done).content[0].text.annotations
    upstream.expire_containers()
    with pytest.raises(openai.NotFoundError, match=r"The content of file file-\w+ is not available\. .*Container is expired"):
        client.files.content(annotation.file_path.file_id)


def test_bytes_that_somebody_has_deleted_are_missed_aloud(client: openai.OpenAI, run: Callable[..., Any], runtime: Runtime) -> None:
    done = run(SAVED)
    (annotation,) = newest(client, done).content[0].text.annotations
    runtime.blobs.delete(annotation.file_path.file_id)
    with pytest.raises(openai.NotFoundError, match="Its bytes are missing from"):
        client.files.content(annotation.file_path.file_id)


@pytest.mark.parametrize("turn", [SAVED, Turn(CodeInterpreter("draw()", images=[png() * 20]), Text("Look."))], ids=["saved", "shown"])
def test_a_file_that_is_too_large_is_reported_and_nothing_of_it_stays(
    client: openai.OpenAI, run: Callable[..., Any], runtime: Runtime, turn: Any
) -> None:
    object.__setattr__(runtime.settings, "max_file_bytes", 999)
    done = run(turn)
    assert done.status == "completed"
    assert "larger than 999 bytes (ASSISTANTS_COMPAT_MAX_FILE_BYTES)" in done.last_error.message
    assert blobs(runtime) == []


def test_a_folder_that_cannot_be_written_is_reported_on_the_run(
    client: openai.OpenAI, run: Callable[..., Any], runtime: Runtime, tmp_path: Path
) -> None:
    (tmp_path / "store.db.files").write_text("in the way")
    done = run(SAVED)
    assert done.status == "completed"
    assert "cannot be written to" in done.last_error.message
    assert newest(client, done).content[0].text.value == "Here: sandbox:/mnt/data/data.csv"


def test_a_call_that_is_tried_again_leaves_nothing_of_its_first_try(
    client: openai.OpenAI, run: Callable[..., Any], runtime: Runtime
) -> None:
    drawing = CodeInterpreter("draw()", images=[png()], files={"a.csv": b"1"})
    done = run(BrokenStream(drawing, Text("See sandbox:/mnt/data/a.csv"), after_events=9), Turn(drawing, "See sandbox:/mnt/data/a.csv"))
    assert (done.status, done.last_error) == ("completed", None)
    image, text = newest(client, done).content
    assert blobs(runtime) == sorted([image.image_file.file_id, text.text.annotations[0].file_path.file_id])
    assert {file.id for file in client.files.list(purpose="assistants_output")} == set(blobs(runtime))


def test_a_run_can_be_cancelled_in_the_middle_of_a_download(client: openai.OpenAI, coder: Any, upstream: OfflineUpstream) -> None:
    gate = Gate()
    upstream.fail(CONTENT, gate)
    upstream.script(SAVED)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Do it."}])
    run = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=coder.id)
    gate.wait_reached(20)
    client.beta.threads.runs.cancel(run.id, thread_id=thread.id)
    assert client.beta.threads.runs.retrieve(run.id, thread_id=thread.id).status == "cancelled"
    gate.open()
    upstream.script("All is well.")
    assert again(client, run).status == "completed"


def test_an_exception_of_a_hook_is_the_copys_and_not_the_runs(client: openai.OpenAI, run: Callable[..., Any]) -> None:
    def hook(response: Any) -> None:
        if response.request.url.path.endswith("/content"):
            raise LookupError("no such luck")

    add_hook(client, "response", hook)
    done = run(SAVED)
    assert done.status == "completed"
    assert "LookupError: no such luck" in done.last_error.message


def test_a_copy_does_not_take_the_time_that_the_run_needs_to_end(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "KEPT_FOR_THE_END", 10_000.0)
    done = run(SAVED)
    assert done.status == "completed"
    assert "the run has no time left for it" in done.last_error.message


@pytest.mark.parametrize("header", [("content-range", "bytes 0-999/1000"), ("etag", '"another"'), ("content-encoding", "identity")])
def test_what_is_not_the_rest_of_a_file_is_not_put_to_its_beginning(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream, header: tuple[str, str], clients: Clients
) -> None:
    def hook(response: Any) -> None:
        if response.status_code == 200 and response.request.url.path.endswith("/content"):
            response.headers["etag"] = '"one"'
        elif response.status_code == 206:
            response.headers[header[0]] = header[1]

    add_hook(client, "response", hook)
    upstream.fail(CONTENT, BrokenDownload(400))
    done = run(SAVED)
    assert (done.status, done.last_error) == ("completed", None)
    (annotation,) = newest(client, done).content[0].text.annotations
    assert client.files.content(annotation.file_path.file_id).read() == b"0123456789" * 100
    if clients.keeps_what_has_come:
        assert asked_for(upstream) == [None, "bytes=400-", None]


def test_a_folder_that_somebody_removes_is_made_again(run: Callable[..., Any], runtime: Runtime) -> None:
    run(SAVED)
    shutil.rmtree(runtime.blobs.folder())
    done = run(SAVED)
    assert (done.status, done.last_error) == ("completed", None)
    assert len(blobs(runtime)) == 1


def test_a_file_that_is_deleted_while_it_is_read_is_read_to_its_end(client: openai.OpenAI, run: Callable[..., Any]) -> None:
    done = run(SAVED)
    (annotation,) = newest(client, done).content[0].text.annotations
    with client.files.with_streaming_response.content(annotation.file_path.file_id) as response:
        client.files.delete(annotation.file_path.file_id)
        assert response.read() == b"0123456789" * 100


# ---------------------------------------------------------------------------------------------------- from run to run


def container_calls(upstream: OfflineUpstream) -> list[Any]:
    return [item for item in upstream.requests[-1].body["input"] if item["type"] == "code_interpreter_call"]


def test_the_next_run_finds_the_container_of_the_last(client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream) -> None:
    done = run(Turn(CodeInterpreter("x = 1", logs="1"), "One."))
    upstream.script(Turn(CodeInterpreter("x + 1", logs="2"), "Two."), "Bye.")
    assert again(client, done).status == "completed"
    (call,) = container_calls(upstream)
    assert {key: call[key] for key in ("code", "outputs", "status")} == {
        "code": "x = 1",
        "outputs": [{"type": "logs", "logs": "1"}],
        "status": "completed",
    }
    assert again(client, done).status == "completed"
    first, second = container_calls(upstream)
    assert first["container_id"] == second["container_id"]
    assert json.dumps(first) == json.dumps(call)


def test_a_container_that_expired_between_runs_is_told_in_words_from_then_on(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream
) -> None:
    done = run(DRAWN)
    upstream.expire_containers()
    upstream.script("It is still known.", "Still.")
    before = len(upstream.requests)
    next_run = again(client, done)
    assert (next_run.status, next_run.last_error) == ("completed", None)
    assert len(upstream.requests) == before + 2, "one refusal, one answer"
    words = {
        "type": "message",
        "role": "developer",
        "content": [
            {
                "type": "input_text",
                "text": "The code interpreter ran this earlier, in a session that has ended:\ndraw()\n\nIt printed:\n'/mnt/data/plot.png'"
                "\n\nFiles left by that session are in /mnt/data again, with an id before their names: plot.png, data.csv",
            }
        ],
    }
    answer = said("Here is [the plot](sandbox:/mnt/data/plot.png) of [the data](sandbox:/mnt/data/data.csv).")
    assert upstream.requests[-1].body["input"] == [user("Do it."), words, answer, user("And now?")]
    assert again(client, done).status == "completed"
    assert len(upstream.requests) == before + 3, "it is remembered"
    assert upstream.requests[-1].body["input"][:4] == upstream.requests[-2].body["input"]


def test_what_code_left_in_a_container_that_expired_is_in_the_next_one(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream
) -> None:
    done = run(DRAWN)
    upstream.expire_containers()
    upstream.script(Turn(CodeInterpreter("read()"), "Read."), "Again.")
    assert again(client, done).status == "completed"
    (tool,) = upstream.requests[-1].body["tools"]
    assert [client.files.retrieve(id).filename for id in tool["container"]["file_ids"]] == ["plot.png", "data.csv"]
    assert again(client, done).status == "completed"
    assert upstream.requests[-1].body["tools"] == [tool]
    assert len([call for call in upstream.calls if call.method == "POST" and call.path.endswith("/files")]) == 2


def test_only_a_container_that_is_gone_is_told_in_words(client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream) -> None:
    done = run(Turn(CodeInterpreter("x = 1"), "One."))
    upstream.expire_containers()
    upstream.script(Turn(CodeInterpreter("x = 2"), "Two."), "Bye.")
    assert again(client, done).status == "completed"
    assert again(client, done).status == "completed"
    (call,) = container_calls(upstream)
    assert call["code"] == "x = 2"


def test_a_run_without_the_tool_is_told_in_words(client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream) -> None:
    done = run(Turn(CodeInterpreter("x = 1", logs="1"), "One."))
    upstream.script("Without.")
    plain = client.beta.assistants.create(model="gpt-4o")
    assert again(client, done, plain.id).status == "completed"
    assert container_calls(upstream) == []
    assert "x = 1" in upstream.requests[-1].body["input"][1]["content"][0]["text"]


def test_the_reasoning_that_led_to_code_goes_with_the_code(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    assistant = client.beta.assistants.create(model="gpt-5.5", tools=[CODE])
    upstream.script(Turn(Reasoning(), CodeInterpreter("x = 1"), Reasoning(), "One."), "Two.", "Three.")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Do it."}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert again(client, run).status == "completed"
    kinds = [item["type"] for item in upstream.requests[-1].body["input"]]
    assert kinds == ["message", "reasoning", "code_interpreter_call", "reasoning", "message", "message"]
    upstream.expire_containers()
    assert again(client, run).status == "completed"
    kinds = [item["type"] for item in upstream.requests[-1].body["input"]]
    assert kinds[:5] == ["message", "message", "reasoning", "message", "message"]


# ---------------------------------------------------------------------------------------------------- used as files


def test_a_generated_file_can_be_given_to_the_tools_of_another_thread(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream, coder: Any
) -> None:
    done = run(DRAWN)
    image, text = newest(client, done).content
    image_id, data_id = image.image_file.file_id, text.text.annotations[1].file_path.file_id
    upstream.expire_containers()
    upstream.script("I see.", "Still.")
    content: Any = [{"type": "text", "text": "What is it?"}, {"type": "image_file", "image_file": {"file_id": image_id}}]
    message: Any = {"role": "user", "content": content, "attachments": [{"file_id": data_id, "tools": [CODE]}]}
    thread = client.beta.threads.create(messages=[message])
    run_ = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=coder.id)
    assert (run_.status, run_.last_error) == ("completed", None)
    body = upstream.requests[-1].body
    sent_image = body["input"][0]["content"][1]["file_id"]
    (sent_data,) = body["tools"][0]["container"]["file_ids"]
    assert (client.files.retrieve(sent_image).bytes, client.files.retrieve(sent_data).filename) == (len(png()), "data.csv")
    assert client.beta.threads.retrieve(thread.id).tool_resources.code_interpreter.file_ids == [data_id]
    shown = client.beta.threads.messages.list(thread.id, order="asc").data[0]
    assert shown.content[1].image_file.file_id == image_id
    uploads = len([call for call in upstream.calls if call.method == "POST" and call.path.endswith("/files")])
    assert again(client, run_).status == "completed"
    assert len([call for call in upstream.calls if call.method == "POST" and call.path.endswith("/files")]) == uploads == 2


def test_a_generated_file_can_be_searched(client: openai.OpenAI, run: Callable[..., Any]) -> None:
    done = run(Turn(CodeInterpreter("save()", files={"notes.txt": b"Burritos."}), Text("Here: sandbox:/mnt/data/notes.txt")))
    (annotation,) = newest(client, done).content[0].text.annotations
    attachment: Any = {"file_id": annotation.file_path.file_id, "tools": [{"type": "file_search"}]}
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "What is in it?", "attachments": [attachment]}])
    (store,) = thread.tool_resources.file_search.vector_store_ids
    (file,) = client.vector_stores.files.list(store)
    assert client.files.retrieve(file.id).filename == "notes.txt"
    assert client.beta.threads.messages.list(thread.id).data[0].attachments[0].file_id == annotation.file_path.file_id


def test_a_generated_file_that_is_not_here_cannot_be_given_to_anything(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream, runtime: Runtime, coder: Any
) -> None:
    done = run(SAVED)
    (annotation,) = newest(client, done).content[0].text.annotations
    file_id = annotation.file_path.file_id
    runtime.blobs.delete(file_id)
    attachment: Any = {"file_id": file_id, "tools": [{"type": "file_search"}]}
    with pytest.raises(openai.NotFoundError, match=f"The file {file_id} is not available"):
        client.beta.threads.create(messages=[{"role": "user", "content": "?", "attachments": [attachment]}])
    attachment["tools"] = [CODE]
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "?", "attachments": [attachment]}])
    failed = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=coder.id)
    assert failed.status == "failed"
    assert f"The file {file_id} is not available" in failed.last_error.message


def lost_container(client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream, turn: Any = DRAWN) -> Any:
    """A run whose container has expired, and whose next run has the files it left."""
    done = run(turn)
    upstream.expire_containers()
    upstream.script("Still here.")
    assert again(client, done).status == "completed"
    return done


def given(upstream: OfflineUpstream) -> list[str]:
    (tool,) = upstream.requests[-1].body["tools"]
    return list(tool["container"].get("file_ids", []))


def linked(client: openai.OpenAI, run: Any) -> str:
    """The first file that a thread's messages link to."""
    listed = client.beta.threads.messages.list(run.thread_id)
    parts = [part for message in listed for part in message.content if part.type == "text" and part.text.annotations]
    return str(parts[0].text.annotations[0].file_path.file_id)  # type: ignore[union-attr]


def test_copies_that_a_program_tidies_away_upstream_are_made_again(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream
) -> None:
    done = lost_container(client, run, upstream)
    for file in list(client.files.list(purpose="assistants")):
        client.files.delete(file.id)
    upstream.script("And still.")
    after = again(client, done)
    assert (after.status, after.last_error) == ("completed", None)
    assert [client.files.retrieve(id).filename for id in given(upstream)] == ["plot.png", "data.csv"]


def test_a_file_that_the_upstream_does_not_take_is_missed_and_the_thread_goes_on(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream, caplog: pytest.LogCaptureFixture
) -> None:
    upstream.fail("POST /files", HttpError(400, "The file is empty."))
    with caplog.at_level(logging.WARNING, "assistants_compat"):
        done = lost_container(client, run, upstream)
    assert [client.files.retrieve(id).filename for id in given(upstream)] == ["data.csv"]
    assert "goes on without plot.png" in caplog.text
    upstream.script("Still.")
    assert again(client, done).status == "completed"


def test_a_container_is_given_no_more_files_than_it_takes_and_the_newest(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream
) -> None:
    names = [f"{number}.csv" for number in range(60)]
    links = " ".join(f"sandbox:/mnt/data/{name}" for name in names)
    many = Turn(CodeInterpreter("save()", files={name: name.encode() for name in names}), Text(links))
    done = lost_container(client, run, upstream, many)
    assert [client.files.retrieve(id).filename for id in given(upstream)] == names[10:]
    own = [upstream.put_file(f"own{number}.txt", "x") for number in range(20)]
    assistant = client.beta.assistants.create(model="gpt-4o", tools=[CODE], tool_resources={"code_interpreter": {"file_ids": own}})
    upstream.script("Fine.")
    assert again(client, done, assistant.id).status == "completed"
    assert (given(upstream)[:20], len(given(upstream))) == (own, 50)


def test_a_file_that_is_deleted_is_deleted_where_the_upstream_has_a_copy_too(
    client: openai.OpenAI, run: Callable[..., Any], upstream: OfflineUpstream
) -> None:
    done = lost_container(client, run, upstream, SAVED)
    (copy,) = given(upstream)
    client.files.delete(linked(client, done))
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(copy)


def test_each_server_is_given_a_copy_of_its_own(client: openai.OpenAI, run: Callable[..., Any], runtime: Runtime) -> None:
    done = run(SAVED)
    elsewhere = OfflineUpstream()
    http_client = elsewhere.http_client(sdk_family().__name__)  # type: ignore[arg-type]
    other = openai.OpenAI(api_key="sk-test", base_url="https://elsewhere.test/v1", max_retries=0, http_client=http_client)
    attach(other, runtime.settings)
    for each in (client, other):
        attachment: Any = {"file_id": linked(client, done), "tools": [CODE]}
        thread: Any = {"messages": [{"role": "user", "content": "Read it.", "attachments": [attachment]}]}
        read = each.beta.threads.create_and_run_poll(assistant_id=done.assistant_id, thread=thread)
        assert (read.status, read.last_error) == ("completed", None)
    assert given(elsewhere)


# ---------------------------------------------------------------------------------------------------- async


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
@pytest.mark.filterwarnings(r"ignore:Async generator '(openai|httpx2?)\.:ResourceWarning")
async def test_the_async_client_has_its_files_too(async_client: openai.AsyncOpenAI, upstream: OfflineUpstream, anyio_backend: str) -> None:
    upstream.fail(CONTENT, BrokenDownload(30))
    upstream.script(SAVED)
    assistant = await async_client.beta.assistants.create(model="gpt-4o", tools=[CODE])
    thread: Any = {"messages": [{"role": "user", "content": "Do it."}]}
    run = await async_client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=thread)
    assert (run.status, run.last_error) == ("completed", None)
    messages = await async_client.beta.threads.messages.list(run.thread_id)
    (annotation,) = messages.data[0].content[0].text.annotations  # type: ignore[union-attr]
    file_id = annotation.file_path.file_id  # type: ignore[union-attr]
    upstream.expire_containers()
    assert (await async_client.files.content(file_id)).read() == b"0123456789" * 100
    assert [file.id async for file in async_client.files.list(purpose="assistants_output")] == [file_id]
    attachment: Any = {"file_id": file_id, "tools": [CODE]}
    upstream.script("Got it.")
    await async_client.beta.threads.messages.create(run.thread_id, role="user", content="Again.", attachments=[attachment])
    again = await async_client.beta.threads.runs.create_and_poll(thread_id=run.thread_id, assistant_id=assistant.id)
    assert again.status == "completed", again.last_error
    assert (await async_client.files.delete(file_id)).deleted
    with pytest.raises(openai.NotFoundError):
        await async_client.files.retrieve(file_id)
    await async_client.close()
