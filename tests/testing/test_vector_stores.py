"""/vector_stores in front of the real SDK: files that take their time, batches, searches, and the end of a store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from assistants_compat.testing import OfflineUpstream


class Clock:
    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def upstream(clock: Clock) -> OfflineUpstream:
    return OfflineUpstream(clock=clock)


def client_of(upstream: OfflineUpstream) -> openai.OpenAI:
    return openai.OpenAI(api_key="sk-test", max_retries=0, http_client=upstream.http_client())


@pytest.fixture
def client(upstream: OfflineUpstream) -> Iterator[openai.OpenAI]:
    with client_of(upstream) as client:
        yield client


def test_a_store_is_in_progress_when_it_is_made_and_completed_when_it_is_looked_at(
    client: openai.OpenAI, upstream: OfflineUpstream
) -> None:
    file = upstream.put_file("a.txt", "Some text.")
    made = client.vector_stores.create(name="Mine", file_ids=[file], metadata={"a": "b"})
    assert (made.status, made.file_counts.in_progress, made.usage_bytes) == ("in_progress", 1, 0)
    later = client.vector_stores.retrieve(made.id)
    assert (later.status, later.file_counts.completed, later.usage_bytes, later.metadata) == ("completed", 1, 10, {"a": "b"})


def test_an_empty_store_is_completed_at_once(client: openai.OpenAI) -> None:
    assert client.vector_stores.create().status == "completed"


def test_indexing_takes_as_many_looks_as_it_is_told() -> None:
    upstream = OfflineUpstream(indexing_polls=2)
    client = client_of(upstream)
    store = client.vector_stores.create()
    added = client.vector_stores.files.create(vector_store_id=store.id, file_id=upstream.put_file("a.txt", "a"))
    seen = [client.vector_stores.files.retrieve(added.id, vector_store_id=store.id).status for _ in range(3)]
    assert [added.status, *seen] == ["in_progress", "in_progress", "in_progress", "completed"]


def test_indexing_takes_as_long_as_it_is_told(clock: Clock) -> None:
    upstream = OfflineUpstream(clock=clock, indexing_time=5)
    client = client_of(upstream)
    store = upstream.put_vector_store({"a.txt": "a"})
    assert client.vector_stores.retrieve(store).status == "in_progress"
    clock.now += 5
    assert client.vector_stores.retrieve(store).status == "completed"


def test_create_and_poll_comes_to_an_end(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    store = client.vector_stores.create()
    ids = [upstream.put_file(f"{n}.md", "text") for n in range(3)]
    batch = client.vector_stores.file_batches.create_and_poll(store.id, file_ids=ids, poll_interval_ms=1)
    assert (batch.status, batch.file_counts.completed) == ("completed", 3)
    listed = client.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id, order="asc")
    assert [file.id for file in listed] == ids
    one = client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=("d.txt", b"text"), poll_interval_ms=1)
    assert one.status == "completed"


def test_a_batch_that_is_cancelled_leaves_its_files_out() -> None:
    slow = OfflineUpstream(indexing_polls=9)
    client = client_of(slow)
    store = client.vector_stores.create()
    batch = client.vector_stores.file_batches.create(store.id, file_ids=[slow.put_file("a.txt", "a")])
    cancelled = client.vector_stores.file_batches.cancel(batch.id, vector_store_id=store.id)
    assert (cancelled.status, cancelled.file_counts.cancelled) == ("cancelled", 1)


def test_a_file_that_cannot_be_read_fails(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    store = upstream.put_vector_store({"a.txt": b"\xff\xfe\x00", "b.txt": "text"})
    assert client.vector_stores.retrieve(store).file_counts.failed == 1
    (failed,) = client.vector_stores.files.list(store, filter="failed").data
    assert failed.last_error is not None
    assert failed.last_error.code == "invalid_file"


def test_a_file_of_another_type_is_refused(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    with pytest.raises(openai.BadRequestError, match=r"Files with extensions \[.csv\] are not supported for retrieval"):
        client.vector_stores.create(file_ids=[upstream.put_file("a.csv", "a,b")])
    assert client.vector_stores.list().data == []


def test_a_store_expires_some_days_after_its_last_use(client: openai.OpenAI, clock: Clock) -> None:
    store = client.vector_stores.create(expires_after={"anchor": "last_active_at", "days": 2})
    assert store.expires_at == store.last_active_at + 2 * 86_400  # type: ignore[operator]
    clock.now += 86_400
    assert client.vector_stores.search(store.id, query="anything").data == []
    clock.now += 86_400
    assert client.vector_stores.retrieve(store.id).status == "completed"
    clock.now += 86_400
    assert client.vector_stores.retrieve(store.id).status == "expired"
    with pytest.raises(openai.BadRequestError, match=f"Vector store '{store.id}' has expired"):
        client.vector_stores.search(store.id, query="anything")


def test_stores_are_changed_listed_and_deleted(client: openai.OpenAI) -> None:
    ids = [client.vector_stores.create(name=str(n)).id for n in range(3)]
    assert client.vector_stores.update(ids[0], name="other", metadata={"k": "v"}).name == "other"
    assert [store.id for store in client.vector_stores.list(limit=2).data] == ids[:0:-1]
    deleted = client.vector_stores.delete(ids[0])
    assert deleted.to_dict() == {"id": ids[0], "object": "vector_store.deleted", "deleted": True}
    with pytest.raises(openai.NotFoundError, match=f"No vector store found with id '{ids[0]}'."):
        client.vector_stores.retrieve(ids[0])


def test_a_file_leaves_a_store_and_stays_a_file(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    store = upstream.put_vector_store({"a.txt": "a"})
    (file,) = client.vector_stores.files.list(store).data
    client.vector_stores.files.delete(file.id, vector_store_id=store)
    with pytest.raises(openai.NotFoundError, match=f"No file found with id '{file.id}' in vector store '{store}'."):
        client.vector_stores.files.retrieve(file.id, vector_store_id=store)
    assert client.files.retrieve(file.id).filename == "a.txt"


def test_a_search_finds_the_chunks_that_share_words_best_first(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    store = upstream.put_vector_store({"a.txt": "Bears sleep in winter.", "b.txt": "Bears eat honey.", "c.txt": "Nothing."})
    page = client.vector_stores.search(store, query="Do bears like honey?")
    assert [(hit.filename, hit.score) for hit in page.data] == [("b.txt", 0.6667), ("a.txt", 0.3333)]
    assert page.data[0].content[0].text == "Bears eat honey."
    assert len(client.vector_stores.search(store, query="bears", max_num_results=1).data) == 1


def test_a_search_keeps_to_a_filter_on_attributes(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    store = upstream.put_vector_store()
    for year in (2023, 2024):
        file = upstream.put_file(f"{year}.txt", "Annual report.")
        client.vector_stores.files.create(vector_store_id=store, file_id=file, attributes={"year": year, "kind": "report"})
    comparison: Any = {"type": "gte", "key": "year", "value": 2024}
    both: Any = {"type": "and", "filters": [comparison, {"type": "eq", "key": "kind", "value": "report"}]}
    assert [hit.filename for hit in client.vector_stores.search(store, query="report", filters=both).data] == ["2024.txt"]


def test_long_files_are_cut_into_chunks_of_the_size_asked_for(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    text = " ".join(f"word{n}" for n in range(500))
    store = client.vector_stores.create(
        file_ids=[upstream.put_file("a.txt", text)],
        chunking_strategy={"type": "static", "static": {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 100}},
    )
    (hit,) = client.vector_stores.search(store.id, query="word7").data
    assert len(hit.content[0].text.split()) == 200


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"expires_after": {"anchor": "created_at", "days": 1}}, "Supported values are: 'last_active_at'"),
        ({"expires_after": {"anchor": "last_active_at", "days": 366}}, "Expected a value <= 365, but got 366"),
        ({"metadata": {"a": 1}}, "Invalid type for 'metadata.a': expected a string"),
        ({"file_ids": ["file-x"]}, "No such File object: file-x"),
        ({"extra_body": {"other": 1}}, "Unknown parameter: 'other'."),
    ],
)
def test_what_a_store_cannot_be_is_refused(client: openai.OpenAI, wrong: Any, sentence: str) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        client.vector_stores.create(**wrong)
    assert sentence in caught.value.message
