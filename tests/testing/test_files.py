"""/files in front of the real SDK: uploads, lists, downloads, and what the API says when there is nothing to give."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Any

import openai
import pytest

from assistants_compat.testing import BrokenDownload, Gate, HttpError, OfflineUpstream, Unreachable
from assistants_compat.testing.multipart import parse

FAMILIES = [name for name in ("httpx", "httpx2") if find_spec(name)]


def test_an_upload_becomes_a_file(client: openai.OpenAI) -> None:
    made = client.files.create(file=("notes.txt", b"hello"), purpose="assistants")
    assert (made.filename, made.bytes, made.purpose, made.status) == ("notes.txt", 5, "assistants", "processed")
    assert made.id.startswith("file-")
    assert len(made.id) == 27
    assert client.files.retrieve(made.id) == made


def test_files_are_listed_newest_first_and_by_purpose(client: openai.OpenAI) -> None:
    first, second, third = (
        client.files.create(file=(f"{n}.jsonl", b"x"), purpose=purpose)  # type: ignore[arg-type]
        for n, purpose in enumerate(("assistants", "batch", "assistants"))
    )
    assert [file.id for file in client.files.list()] == [third.id, second.id, first.id]
    assert [file.id for file in client.files.list(purpose="assistants", order="asc")] == [first.id, third.id]
    assert [file.id for file in client.files.list(limit=1)] == [third.id, second.id, first.id]  # page after page
    assert [file.id for file in client.files.list(after=second.id)] == [first.id]


def test_a_deleted_file_is_gone_from_its_vector_store_too(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    store = upstream.put_vector_store({"a.txt": "a"})
    (file,) = client.vector_stores.files.list(store).data
    deleted = client.files.delete(file.id)
    assert deleted.to_dict() == {"object": "file", "deleted": True, "id": file.id}
    assert client.vector_stores.files.list(store).data == []


def test_only_what_may_be_downloaded_is(client: openai.OpenAI) -> None:
    batch = client.files.create(file=("a b.jsonl", b"\x00\r\n--x\r\n"), purpose="batch")
    content = client.files.content(batch.id)
    assert content.read() == b"\x00\r\n--x\r\n"
    assert content.response.headers["content-type"] == "application/octet-stream"
    assert content.response.headers["content-disposition"] == 'attachment; filename="a b.jsonl"'
    assert batch.expires_at == batch.created_at + 30 * 86_400
    for purpose in ("assistants", "user_data", "vision"):
        kept = client.files.create(file=("a.txt", b"a"), purpose=purpose)  # type: ignore[arg-type]
        with pytest.raises(openai.BadRequestError, match=f"Not allowed to download files of purpose: {purpose}"):
            client.files.content(kept.id)


@pytest.mark.parametrize("action", ["retrieve", "delete", "content"])
def test_an_unknown_file_is_refused_twice_over(client: openai.OpenAI, action: str) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        getattr(client.files, action)("file-x")
    assert caught.value.response.json() == {
        "error": {"message": "No such File object: file-x", "type": "invalid_request_error", "param": "id", "code": None},
        "detail": {"message": "No such File object: file-x", "code": None},
    }


def test_an_unknown_purpose_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="'fun' is not one of \\['fine-tune', 'assistants', 'batch'"):
        client.files.create(file=b"a", purpose="fun")  # type: ignore[arg-type]


def test_a_file_expires_when_its_time_has_come() -> None:
    now = [1_000_000.0]
    upstream = OfflineUpstream(clock=lambda: now[0])
    client = openai.OpenAI(api_key="sk-test", max_retries=0, http_client=upstream.http_client())
    file = client.files.create(file=("a.txt", b"a"), purpose="user_data", expires_after={"anchor": "created_at", "seconds": 3600})
    assert file.expires_at == 1_003_600
    now[0] += 3600
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(file.id)


def test_downloads_fail_as_scripted_and_then_succeed(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    id = upstream.put_file("a.txt", "0123456789", purpose="batch")
    gate = Gate("request")
    gate.open()
    upstream.fail("GET /files/*/content", HttpError(500, "Broken."), BrokenDownload(4), Unreachable(), gate)
    with pytest.raises(openai.InternalServerError):
        client.files.content(id)
    for _ in range(2):
        with pytest.raises(openai.APIConnectionError):
            client.files.content(id)
    assert client.files.content(id).read() == b"0123456789"
    assert gate.reached


def test_a_download_breaks_on_the_loopback_interface_too(upstream: OfflineUpstream) -> None:
    id = upstream.put_file("a.txt", "0123456789", purpose="batch")
    with upstream.serve() as base_url, openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as client:
        upstream.fail("GET /files/*/content", BrokenDownload(4))
        with pytest.raises(openai.APIConnectionError):
            client.files.content(id)
        assert client.files.content(id).read() == b"0123456789"
        big = client.files.create(file=("big.txt", b"x" * 3_000_000), purpose="assistants")
        assert big.bytes == 3_000_000


@pytest.mark.anyio
@pytest.mark.parametrize("family", FAMILIES)
async def test_an_async_client_of_either_family_uploads(upstream: OfflineUpstream, family: Any, anyio_backend: str) -> None:
    http_client = importlib.import_module(family).AsyncClient(transport=upstream.async_transport(family))
    async with openai.AsyncOpenAI(api_key="sk-test", http_client=http_client) as client:
        made = await client.files.create(file=("naïve.txt", "é".encode()), purpose="batch")
        assert made.filename == "naïve.txt"
        assert (await client.files.content(made.id)).read() == "é".encode()


def test_a_form_is_recorded_without_its_contents(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    client.files.create(file=("a.txt", b"abc", "text/plain"), purpose="batch")
    assert upstream.calls[-1].body == {"purpose": "batch", "file": {"filename": "a.txt", "content_type": "text/plain", "bytes": 3}}


def test_what_is_no_form_is_not_read_as_one() -> None:
    assert parse("application/json", b"{}") is None
    assert parse("multipart/form-data; boundary=x", b"--x\r\nnever ends") is None
