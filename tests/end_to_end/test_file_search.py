"""File search: stores made on the way, attachments, what a run waits for, its steps, and citations in the old form."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.testing import Cite, CodeInterpreter, FileSearch, Found, HttpError, OfflineUpstream, Text, Turn, Unreachable
from blocking import add_hook

SEARCH: Any = [{"type": "file_search"}]
CONTENT: Any = ["step_details.tool_calls[*].file_search.results[*].content"]
MARK = "【4:0†food.txt】"


def attached(file_id: str, *tools: str, text: str = "What does Filip like?") -> Any:
    return {"role": "user", "content": text, "attachments": [{"file_id": file_id, "tools": [{"type": tool} for tool in tools]}]}


@pytest.fixture
def food(upstream: OfflineUpstream) -> str:
    return upstream.put_file("food.txt", b"Filip Carola likes cake. Tekakwitha Effie likes pizza.")


@pytest.fixture
def answer(upstream: OfflineUpstream) -> Callable[[], None]:
    return lambda: upstream.script(Turn(FileSearch("Filip"), Text("Filip likes cake.", annotations=(Cite("food.txt"),))))


@pytest.fixture
def assistant(client: openai.OpenAI) -> str:
    return client.beta.assistants.create(model="gpt-4o", tools=SEARCH).id


def stores(upstream: OfflineUpstream) -> list[Any]:
    """Bodies of the requests that made a store."""
    return [call.body for call in upstream.calls if (call.method, call.path.removeprefix("/v1")) == ("POST", "/vector_stores")]


# -- where files go


def test_the_stores_of_an_assistant_are_made_on_the_way_and_do_not_expire(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str
) -> None:
    helper: Any = {"file_search": {"vector_stores": [{"file_ids": [food], "metadata": {"kind": "food"}}]}}
    assistant = client.beta.assistants.create(model="gpt-4o", tools=SEARCH, tool_resources=helper)
    (made,) = stores(upstream)
    assert made == {"file_ids": [food], "metadata": {"kind": "food"}}
    (store,) = assistant.tool_resources.file_search.vector_store_ids
    assert client.vector_stores.retrieve(store).metadata == {"kind": "food"}
    assert client.beta.assistants.retrieve(assistant.id).tool_resources == assistant.tool_resources


def test_a_store_made_on_the_way_has_everything_that_was_asked_for(client: openai.OpenAI, upstream: OfflineUpstream, food: str) -> None:
    strategies: Any = [{"type": "auto"}, {"type": "static", "static": {"max_chunk_size_tokens": 400, "chunk_overlap_tokens": 100}}]
    for strategy in strategies:
        asked: Any = {"file_ids": [food], "chunking_strategy": strategy, "metadata": {"kind": "food"}}
        client.beta.assistants.create(model="gpt-4o", tool_resources={"file_search": {"vector_stores": [asked]}})
        assert stores(upstream)[-1] == asked
    assert len(stores(upstream)) == 2


def test_the_store_of_a_thread_expires_seven_days_after_its_last_use(client: openai.OpenAI, upstream: OfflineUpstream, food: str) -> None:
    helper: Any = {"file_search": {"vector_stores": [{"file_ids": [food]}]}}
    thread = client.beta.threads.create(tool_resources=helper)
    assert stores(upstream) == [{"file_ids": [food], "expires_after": {"anchor": "last_active_at", "days": 7}}]
    assert len(thread.tool_resources.file_search.vector_store_ids) == 1


def test_an_attachment_goes_into_a_store_made_on_the_first_need_and_the_next_one_joins_it(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str
) -> None:
    drinks = upstream.put_file("drinks.txt", b"Filip drinks tea.")
    thread = client.beta.threads.create()
    message = client.beta.threads.messages.create(thread.id, **attached(food, "file_search"))
    assert [a.to_dict() for a in message.attachments] == [{"file_id": food, "tools": [{"type": "file_search"}]}]
    client.beta.threads.messages.create(thread.id, **attached(drinks, "file_search", "code_interpreter"))
    assert len(stores(upstream)) == 1
    resources = client.beta.threads.retrieve(thread.id).tool_resources
    (store,) = resources.file_search.vector_store_ids
    assert {file.id for file in client.vector_stores.files.list(store)} == {food, drinks}
    assert resources.code_interpreter.file_ids == [drinks]


@pytest.mark.parametrize("role", ["user", "assistant"])
def test_a_file_can_be_attached_for_both_tools_and_again_and_is_with_each_once(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str, role: str
) -> None:
    """The message shows its attachments as they were given; the thread has each file once."""
    thread = client.beta.threads.create().id
    both = [{"type": "code_interpreter"}, {"type": "file_search"}]
    given: Any = [{"file_id": food, "tools": both}, {"file_id": food, "tools": both[:1]}, {"file_id": food, "tools": both[1:] * 2}]
    for _ in range(2):
        message = client.beta.threads.messages.create(thread, role=role, content="Look", attachments=given)  # type: ignore[arg-type]
        assert [a.to_dict() for a in message.attachments or ()] == given
    resources: Any = client.beta.threads.retrieve(thread).tool_resources
    assert resources.code_interpreter.file_ids == [food]
    (store,) = resources.file_search.vector_store_ids
    assert [file.id for file in client.vector_stores.files.list(store)] == [food]
    assert len(stores(upstream)) == 1


def test_an_attachment_for_no_tool_is_shown_and_goes_nowhere(client: openai.OpenAI, upstream: OfflineUpstream, food: str) -> None:
    thread = client.beta.threads.create().id
    message = client.beta.threads.messages.create(thread, **attached(food))
    assert [a.to_dict() for a in message.attachments] == [{"file_id": food, "tools": []}]
    resources: Any = client.beta.threads.retrieve(thread).tool_resources
    assert (resources.file_search, stores(upstream)) == (None, [])
    assert not resources.code_interpreter.file_ids


@pytest.mark.parametrize("way", ["thread", "thread and run", "additional message"])
def test_attachments_come_with_new_threads_and_with_runs(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str, assistant: str, answer: Callable[[], None], way: str
) -> None:
    answer()
    message = attached(food, "file_search")
    if way == "thread and run":
        run = client.beta.threads.create_and_run_poll(assistant_id=assistant, thread={"messages": [message]})
    elif way == "thread":
        thread = client.beta.threads.create(messages=[message])
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant)
    else:
        thread = client.beta.threads.create()
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant, additional_messages=[message])
    assert run.status == "completed", run.last_error
    (store,) = client.beta.threads.retrieve(run.thread_id).tool_resources.file_search.vector_store_ids
    assert upstream.requests[-1].body["tools"] == [{"type": "file_search", "vector_store_ids": [store]}]


def test_a_file_that_the_upstream_does_not_have_is_refused_in_its_words_and_nothing_is_written(client: openai.OpenAI) -> None:
    thread = client.beta.threads.create()
    with pytest.raises(openai.NotFoundError, match="No such File object: file-none"):
        client.beta.threads.messages.create(thread.id, **attached("file-none", "file_search"))
    assert client.beta.threads.messages.list(thread.id).data == []


def test_a_locked_thread_asks_nothing_of_the_upstream(client: openai.OpenAI, upstream: OfflineUpstream, food: str) -> None:
    tool: Any = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
    guide = client.beta.assistants.create(model="gpt-4o", tools=[tool])
    thread: Any = {"messages": [{"role": "user", "content": "What is the weather?"}]}
    run = client.beta.threads.create_and_run_poll(assistant_id=guide.id, thread=thread)
    assert run.status == "requires_action"
    with pytest.raises(openai.BadRequestError, match="Can't add messages"):
        client.beta.threads.messages.create(run.thread_id, **attached(food, "file_search"))
    assert stores(upstream) == []


def test_an_upstream_that_does_not_answer_is_a_503_and_nothing_is_written(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str
) -> None:
    thread = client.beta.threads.create()
    upstream.fail("POST /vector_stores", HttpError(500, "Down."))
    with pytest.raises(openai.InternalServerError, match=r"Down\."):
        client.beta.threads.messages.create(thread.id, **attached(food, "file_search"))
    assert client.beta.threads.messages.list(thread.id).data == []


def test_an_answer_of_the_upstream_without_a_sentence_is_told_by_its_status(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str
) -> None:
    thread = client.beta.threads.create()
    upstream.fail("POST /vector_stores", HttpError(500, ""))
    with pytest.raises(openai.InternalServerError, match="POST /vector_stores was answered with status 500"):
        client.beta.threads.messages.create(thread.id, **attached(food, "file_search"))


def test_an_upstream_that_cannot_be_reached_is_told_as_such_and_nothing_is_written(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str
) -> None:
    thread = client.beta.threads.create()
    upstream.fail("POST /vector_stores", Unreachable())
    with pytest.raises(openai.InternalServerError, match="POST /vector_stores got no answer: ") as raised:
        client.beta.threads.messages.create(thread.id, **attached(food, "file_search"))
    assert raised.value.status_code == 503
    assert client.beta.threads.messages.list(thread.id).data == []


def test_a_hook_that_raises_hides_neither_a_refusal_nor_itself(client: openai.OpenAI, food: str) -> None:
    thread = client.beta.threads.create()

    def for_the_status(response: Any) -> None:
        if response.request.url.path.endswith("/vector_stores"):
            response.read()
            response.raise_for_status()

    add_hook(client, "response", for_the_status)
    with pytest.raises(openai.NotFoundError, match="No such File object: file-none"):
        client.beta.threads.messages.create(thread.id, **attached("file-none", "file_search"))

    def of_its_own(response: Any) -> None:
        if response.request.url.path.endswith("/vector_stores"):
            raise ZeroDivisionError

    client._client.event_hooks["response"].clear()
    add_hook(client, "response", of_its_own)
    with pytest.raises(openai.InternalServerError, match="The server had an error processing your request"):
        client.beta.threads.messages.create(thread.id, **attached(food, "file_search"))
    client._client.event_hooks["response"].clear()
    assert client.beta.threads.messages.list(thread.id).data == []


def test_a_file_deleted_upstream_stays_in_tool_resources_until_it_is_taken_out(client: openai.OpenAI, food: str) -> None:
    """The original took it out of everything."""
    thread = client.beta.threads.create(tool_resources={"code_interpreter": {"file_ids": [food]}})
    client.files.delete(food)
    assert client.beta.threads.retrieve(thread.id).tool_resources.code_interpreter.file_ids == [food]
    client.beta.threads.update(thread.id, tool_resources={"code_interpreter": {"file_ids": []}})
    assert client.beta.threads.retrieve(thread.id).tool_resources.code_interpreter.file_ids == []


# -- what a run searches


def test_a_run_searches_the_assistants_store_and_the_threads(client: openai.OpenAI, upstream: OfflineUpstream, food: str) -> None:
    own, of_thread = (client.vector_stores.create(file_ids=[food]).id for _ in range(2))
    tools: Any = [{"type": "file_search", "file_search": {"max_num_results": 7, "ranking_options": {"score_threshold": 0.4}}}]
    assistant = client.beta.assistants.create(model="gpt-4o", tools=tools, tool_resources={"file_search": {"vector_store_ids": [own]}})
    thread = client.beta.threads.create(
        messages=[{"role": "user", "content": "Hello"}], tool_resources={"file_search": {"vector_store_ids": [of_thread]}}
    )
    upstream.script(Text("Hello."))
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, tool_choice={"type": "file_search"})
    assert run.status == "completed", run.last_error
    body = upstream.requests[-1].body
    assert body["tools"] == [
        {
            "type": "file_search",
            "vector_store_ids": [own, of_thread],
            "max_num_results": 7,
            "ranking_options": {"ranker": "auto", "score_threshold": 0.4},
        }
    ]
    assert body["tool_choice"] == {"type": "file_search"}
    assert body["include"] == ["file_search_call.results"]


def test_weights_of_a_hybrid_search_are_sent_on(client: openai.OpenAI, upstream: OfflineUpstream, food: str) -> None:
    """The original showed the option, always null; what gives it a value gets what the Responses API makes of it."""
    weights = {"embedding_weight": 0.7, "text_weight": 0.3}
    tools: Any = [{"type": "file_search", "file_search": {"ranking_options": {"hybrid_search": weights}}}]
    own = client.vector_stores.create(file_ids=[food]).id
    assistant = client.beta.assistants.create(model="gpt-4o", tools=tools, tool_resources={"file_search": {"vector_store_ids": [own]}})
    run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Hello"}]})
    assert run.status == "completed", run.last_error
    assert upstream.requests[-1].body["tools"][0]["ranking_options"] == {"ranker": "auto", "hybrid_search": weights}


def test_a_run_with_a_new_thread_may_bring_resources_in_the_place_of_its_assistants(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str
) -> None:
    own, of_run, of_thread = (client.vector_stores.create(file_ids=[food]).id for _ in range(3))
    assistant = client.beta.assistants.create(model="gpt-4o", tools=SEARCH, tool_resources={"file_search": {"vector_store_ids": [own]}})
    run = client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id,
        thread={
            "messages": [{"role": "user", "content": "Hello"}],
            "tool_resources": {"file_search": {"vector_store_ids": [of_thread]}},
        },
        tool_resources={"file_search": {"vector_store_ids": [of_run]}},
    )
    assert run.status == "completed", run.last_error
    assert upstream.requests[-1].body["tools"] == [{"type": "file_search", "vector_store_ids": [of_run, of_thread]}]
    kept = client.beta.assistants.retrieve(assistant.id).tool_resources
    assert kept.file_search.vector_store_ids == [own]


def test_a_search_without_a_store_is_told_once_and_left_out(
    client: openai.OpenAI, upstream: OfflineUpstream, assistant: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "assistants_compat"):
        for _ in range(2):
            run = client.beta.threads.create_and_run_poll(
                assistant_id=assistant, thread={"messages": [{"role": "user", "content": "Hello"}]}, tool_choice={"type": "file_search"}
            )
            assert run.status == "completed", run.last_error
    assert ["nothing is searched" in record.getMessage() for record in caplog.records].count(True) == 1
    assert "tools" not in upstream.requests[-1].body
    assert "tool_choice" not in upstream.requests[-1].body


@pytest.mark.parametrize("upstream", [OfflineUpstream(indexing_polls=3)])
def test_a_run_waits_until_its_threads_files_are_indexed(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str, assistant: str, answer: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistants_compat.runs.indexing._LOOK_EVERY", 0.001)
    answer()
    run = client.beta.threads.create_and_run_poll(assistant_id=assistant, thread={"messages": [attached(food, "file_search")]})
    assert run.status == "completed", run.last_error
    looks = [call for call in upstream.calls if call.method == "GET" and "/vector_stores/vs_" in call.path]
    assert len(looks) >= 3
    assert client.beta.threads.messages.list(run.thread_id).data[0].content[0].text.value == f"Filip likes cake{MARK}."


TIME = [1_790_000_000.0]


@pytest.mark.parametrize("upstream", [OfflineUpstream(clock=lambda: TIME[0])])
def test_a_store_that_is_gone_or_expired_fails_the_run_in_clear_words(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str, assistant: str
) -> None:
    gone = client.vector_stores.create(file_ids=[food]).id
    client.vector_stores.delete(gone)
    expired = client.vector_stores.create(file_ids=[food], expires_after={"anchor": "last_active_at", "days": 7}).id
    TIME[0] += 8 * 24 * 60 * 60
    for store, words in ((gone, gone), (expired, "has expired. Add its files to a new one.")):
        thread = client.beta.threads.create(
            messages=[{"role": "user", "content": "Hello"}], tool_resources={"file_search": {"vector_store_ids": [store]}}
        )
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant)
        assert run.status == "failed"
        assert words in run.last_error.message
        client.beta.threads.messages.create(thread.id, role="user", content="The thread is free.")
    assert upstream.requests == []


def test_a_store_that_cannot_be_reached_fails_the_run(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str, assistant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistants_compat.runs.recovery.backoff", lambda attempt, jitter: 0.0)
    thread = client.beta.threads.create(messages=[attached(food, "file_search")])
    upstream.fail("GET /vector_stores/*", *[Unreachable()] * 10)  # aiohttp tries each GET twice
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant)
    (store,) = client.beta.threads.retrieve(thread.id).tool_resources.file_search.vector_store_ids
    assert run.last_error.to_dict() == {"code": "server_error", "message": f"Vector store {store} cannot be reached."}
    assert upstream.requests == []


# -- what it shows


def test_a_step_shows_what_was_found_and_its_text_only_to_who_asks(
    client: openai.OpenAI, food: str, assistant: str, answer: Callable[[], None]
) -> None:
    answer()
    run = client.beta.threads.create_and_run_poll(assistant_id=assistant, thread={"messages": [attached(food, "file_search")]})
    where: Any = {"run_id": run.id, "thread_id": run.thread_id}
    message_step, step = client.beta.threads.runs.steps.list(**where, include=CONTENT).data
    assert (message_step.type, step.type) == ("message_creation", "tool_calls")
    call = json.loads(step.to_json())["step_details"]["tool_calls"][0]
    assert list(call["file_search"]) == ["ranking_options", "results"]
    assert call["file_search"]["ranking_options"] == {"ranker": "default_2024_08_21", "score_threshold": 0.0}
    (found,) = call["file_search"]["results"]
    assert set(found) == {"file_id", "file_name", "score", "attributes", "content"}
    assert found["file_id"] == food
    assert found["file_name"] == "food.txt"
    assert found["content"] == [{"type": "text", "text": "Filip Carola likes cake. Tekakwitha Effie likes pizza."}]
    for shown in (client.beta.threads.runs.steps.list(**where).data[1], client.beta.threads.runs.steps.retrieve(step.id, **where)):
        (without,) = json.loads(shown.to_json())["step_details"]["tool_calls"][0]["file_search"]["results"]
        assert without == {key: value for key, value in found.items() if key != "content"}
    usages = [step.usage.total_tokens for step in (message_step, step)]
    assert sum(usages) == run.usage.total_tokens


def test_a_citation_has_its_marker_in_the_text_and_an_annotation_that_spans_it(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str, assistant: str
) -> None:
    upstream.script(
        Turn(
            FileSearch("who", results=[Found("…", "drinks.txt", file_id="file-drinks"), Found("…", "food.txt", file_id=food)]),
            Text("Filip likes cake. So do I.", annotations=(Cite("food.txt", at="cake"), Cite("food.txt"))),
        )
    )
    run = client.beta.threads.create_and_run_poll(assistant_id=assistant, thread={"messages": [attached(food, "file_search")]})
    text = client.beta.threads.messages.list(run.thread_id).data[0].content[0].text
    mark = "【4:1†food.txt】"
    assert text.value == f"Filip likes cake{mark}. So do I{mark}."
    assert [annotation.to_dict() for annotation in text.annotations] == [
        {"type": "file_citation", "text": mark, "start_index": start, "end_index": start + len(mark), "file_citation": {"file_id": food}}
        for start in (16, 25 + len(mark))
    ]
    for annotation in text.annotations:
        assert text.value[annotation.start_index : annotation.end_index] == annotation.text


def test_a_stream_brings_the_marker_as_a_delta_of_its_own_and_the_search_as_one(
    client: openai.OpenAI, food: str, assistant: str, answer: Callable[[], None]
) -> None:
    answer()
    thread = client.beta.threads.create(messages=[attached(food, "file_search")])
    events = list(client.beta.threads.runs.create(thread.id, assistant_id=assistant, stream=True, include=CONTENT))
    names = [event.event.removeprefix("thread.") for event in events]
    assert names[:7] == [
        "run.created", "run.queued", "run.in_progress", "run.step.created", "run.step.in_progress", "run.step.delta", "run.step.completed",
    ]  # fmt: skip
    delta = events[5].data.to_dict()["delta"]["step_details"]["tool_calls"]
    assert delta[0]["file_search"] == {"ranking_options": {"ranker": "default_2024_08_21", "score_threshold": 0.0}, "results": []}
    assert events[6].data.to_dict()["step_details"]["tool_calls"][0]["file_search"]["results"][0]["content"]
    pieces = [event.data.to_dict()["delta"]["content"][0]["text"] for event in events if event.event == "thread.message.delta"]
    (marked,) = [piece for piece in pieces if piece.get("annotations")]
    assert marked["value"] == MARK
    assert marked["annotations"] == [
        {
            "index": 0,
            "type": "file_citation",
            "text": MARK,
            "start_index": 16,
            "end_index": 16 + len(MARK),
            "file_citation": {"file_id": food, "quote": ""},
        }
    ]
    (done,) = [event.data for event in events if event.event == "thread.message.completed"]
    assert "".join(piece["value"] for piece in pieces) == done.content[0].text.value == f"Filip likes cake{MARK}."


def test_the_model_is_not_shown_the_markers_of_its_earlier_answers(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str, assistant: str, answer: Callable[[], None]
) -> None:
    answer()
    run = client.beta.threads.create_and_run_poll(assistant_id=assistant, thread={"messages": [attached(food, "file_search")]})
    client.beta.threads.messages.create(run.thread_id, role="user", content="Thanks.")
    upstream.script(Text("You are welcome."))
    client.beta.threads.runs.create_and_poll(thread_id=run.thread_id, assistant_id=assistant)
    said = [part["text"] for item in upstream.requests[-1].body["input"] for part in item["content"]]
    assert said == ["What does Filip like?", "Filip likes cake.", "Thanks."]


# -- files of the code interpreter


def test_the_code_interpreter_gets_the_files_of_assistant_and_thread_and_tells_what_it_printed(
    client: openai.OpenAI, upstream: OfflineUpstream, food: str
) -> None:
    table = upstream.put_file("table.csv", b"1,2\n")
    assistant = client.beta.assistants.create(
        model="gpt-4o", tools=[{"type": "code_interpreter"}], tool_resources={"code_interpreter": {"file_ids": [food]}}
    )
    upstream.script(Turn(CodeInterpreter("print(3)", logs="3"), Text("Three.")))
    run = client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id, thread={"messages": [attached(table, "code_interpreter", text="Add them.")]}
    )
    assert run.status == "completed", run.last_error
    body = upstream.requests[-1].body
    assert body["tools"] == [{"type": "code_interpreter", "container": {"type": "auto", "file_ids": [food, table]}}]
    assert body["include"] == ["code_interpreter_call.outputs"]
    step = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data[1]
    (call,) = step.to_dict()["step_details"]["tool_calls"]
    assert call["code_interpreter"] == {"input": "print(3)", "outputs": [{"type": "logs", "logs": "3"}]}
