"""The file search in a response: its events and results, citations in the text, and what has to be there for it."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from assistants_compat.testing import Cite, FileSearch, Found, OfflineUpstream, Text, Turn


@pytest.fixture
def store(upstream: OfflineUpstream) -> str:
    return upstream.put_vector_store({"food.txt": "Filip likes cake. Travis likes pizza.", "pets.txt": "Filip has a dog."})


def ask(client: openai.OpenAI, vector_store: str, question: Any = "What does Filip like?", **options: Any) -> Any:
    tool: Any = {"type": "file_search", "vector_store_ids": [vector_store], **options.pop("tool", {})}
    return client.responses.create(model="gpt-4o", input=question, tools=[tool], **options)


def test_a_search_and_its_citation_come_in_the_apis_order(client: openai.OpenAI, upstream: OfflineUpstream, store: str) -> None:
    upstream.script(Turn(FileSearch("Filip"), Text("Filip likes cake.", annotations=(Cite("food.txt"),))))
    events = list(ask(client, store, stream=True))
    assert [event.type.removeprefix("response.") for event in events[2:9]] == [
        "output_item.added",
        "file_search_call.in_progress",
        "file_search_call.searching",
        "file_search_call.completed",
        "output_item.done",
        "output_item.added",
        "content_part.added",
    ]
    position = next(index for index, event in enumerate(events) if event.type == "response.output_text.annotation.added")
    assert [events[position - 1].delta, events[position + 1].delta] == [" cake", "."]
    search, message = events[-1].response.output
    assert (search.queries, search.results) == (["Filip"], None)
    (citation,) = message.content[0].annotations
    assert (citation.type, citation.filename, citation.index) == ("file_citation", "food.txt", 16)


def test_results_are_there_for_who_asks_for_them(client: openai.OpenAI, upstream: OfflineUpstream, store: str) -> None:
    upstream.script(Turn(FileSearch("What does Filip like?"), "Cake."))
    search = ask(client, store, include=["file_search_call.results"]).output[0]
    assert [(result.filename, result.score) for result in search.results] == [("food.txt", 1.0), ("pets.txt", 0.5)]
    assert search.results[0].to_dict().keys() == {"attributes", "file_id", "filename", "score", "text", "vector_store_id"}


def test_results_can_be_scripted(client: openai.OpenAI, upstream: OfflineUpstream, store: str) -> None:
    found = Found("Whatever.", "made-up.pdf", score=0.42)
    upstream.script(Turn(FileSearch("a", "b", results=[found]), Text("Yes, whatever.", annotations=(Cite("made-up.pdf", at="Yes"),))))
    search, message = ask(client, store, include=["file_search_call.results"]).output
    (result,) = search.results
    assert (result.text, result.score, result.vector_store_id) == ("Whatever.", 0.42, store)
    assert message.content[0].annotations[0].to_dict() == {
        "type": "file_citation",
        "file_id": result.file_id,
        "filename": "made-up.pdf",
        "index": 3,
    }


def test_a_tool_limits_what_is_found(client: openai.OpenAI, upstream: OfflineUpstream, store: str) -> None:
    upstream.script(*[Turn(FileSearch("Filip cake"), "Cake.")] * 2)
    few = ask(client, store, tool={"max_num_results": 1}, include=["file_search_call.results"]).output[0]
    good = ask(client, store, tool={"ranking_options": {"score_threshold": 0.8}}, include=["file_search_call.results"]).output[0]
    assert [result.filename for result in few.results] == [result.filename for result in good.results] == ["food.txt"]


def test_what_the_script_cites_has_to_be_there(client: openai.OpenAI, upstream: OfflineUpstream, store: str) -> None:
    upstream.script(Text("Cake.", annotations=(Cite("other.txt"),)))
    with pytest.raises(ValueError, match=r"other\.txt"):
        ask(client, store)


def test_without_a_script_a_question_is_looked_up(client: openai.OpenAI, store: str) -> None:
    search, message = ask(client, store, "Who likes pizza?").output
    assert search.type == "file_search_call"
    assert message.content[0].text == "Travis likes pizza."
    assert message.content[0].annotations[0].filename == "food.txt"
    assert ask(client, store, "Hello").output[0].type == "message"
    forced = ask(client, store, "Hello", tool_choice={"type": "file_search"}).output
    assert [item.type for item in forced] == ["file_search_call", "message"]


def test_a_search_that_is_sent_again_is_taken_with_and_without_a_store_of_responses(client: openai.OpenAI, store: str) -> None:
    made = ask(client, store, "Who likes pizza?", store=False, include=["file_search_call.results"])
    search = made.output[0].to_dict()
    again = [{"role": "user", "content": "Who?"}, search, {"role": "assistant", "content": "Travis."}, {"role": "user", "content": "Hi"}]
    assert ask(client, store, again, store=False).output_text
    counted = client.responses.input_tokens.count(model="gpt-4o", input=again).input_tokens  # type: ignore[arg-type]
    assert counted > client.responses.input_tokens.count(model="gpt-4o", input=[again[0], again[3]]).input_tokens  # type: ignore[list-item]
    del search["queries"]
    with pytest.raises(openai.BadRequestError, match=r"Missing required parameter: 'input\[1\].queries'."):
        ask(client, store, again)


@pytest.mark.parametrize(
    ("ids", "status", "sentence"),
    [
        (["vs_none"], 404, "Vector store with id ['vs_none'] not found."),
        (["other"], 400, "Expected an ID that begins with 'vs'."),
        (["vs_1", "vs_2", "vs_3"], 400, "Expected an array with maximum length 2, but got an array with length 3 instead."),
    ],
)
def test_stores_that_cannot_be_searched_are_refused(client: openai.OpenAI, ids: list[str], status: int, sentence: str) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        client.responses.create(model="gpt-4o", input="Hi", tools=[{"type": "file_search", "vector_store_ids": ids}])
    assert caught.value.status_code == status
    assert sentence in caught.value.message


def test_an_expired_store_is_refused_and_use_keeps_one_alive() -> None:
    now = [1_790_000_000.0]
    upstream = OfflineUpstream(clock=lambda: now[0])
    client = openai.OpenAI(api_key="sk-test", max_retries=0, http_client=upstream.http_client())
    store = upstream.put_vector_store(expires_after={"anchor": "last_active_at", "days": 1})
    for _ in range(3):
        now[0] += 86_000
        ask(client, store)
    now[0] += 86_400
    with pytest.raises(openai.BadRequestError, match="has expired"):
        ask(client, store)


@pytest.mark.parametrize("part", [{"type": "input_image", "file_id": "file-x"}, {"type": "input_file", "file_id": "file-x"}])
def test_a_file_of_the_input_has_to_be_there_and_counts(client: openai.OpenAI, upstream: OfflineUpstream, part: Any) -> None:
    message: Any = [{"role": "user", "content": [part]}]
    with pytest.raises(openai.NotFoundError, match="No such File object: file-x"):
        client.responses.create(model="gpt-4o", input=message)
    upstream.put_file("a.txt", "word " * 1000, id="file-x")
    assert client.responses.create(model="gpt-4o", input=message).usage.input_tokens > 500  # type: ignore[union-attr]
    assert client.responses.input_tokens.count(model="gpt-4o", input=message).input_tokens > 500
