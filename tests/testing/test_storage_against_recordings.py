"""What the upstream keeps beside recorded traffic: the same requests, the same keys in the same order, the same refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistants_compat.testing import OfflineUpstream

RECORDINGS = Path(__file__).parents[2].parent / "shared" / "recordings" / "responses.jsonl"
pytestmark = pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings are not part of the project")
KEY = {"authorization": "Bearer sk-test"}
FORM = {**KEY, "content-type": "multipart/form-data; boundary=x"}
UPLOAD = b'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n%b\r\n--x\r\nContent-Disposition: form-data; name="file"; '
UPLOAD += b'filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n'
# Shown since 2026 only.
LATER = {"memory_limit", "network_policy"}


@cache
def exchanges() -> list[tuple[str, str, Any, int, Any]]:
    """Method, path, request, status and response of the newest recordings, whose key order is the API's."""
    found = []
    for line in RECORDINGS.read_text(encoding="utf-8").splitlines():
        recording = json.loads(line)
        path = re.sub(r"^(https?://[^/]+)?/v1", "", recording["url"])
        if "openai-dotnet" in recording["source"] and re.match(
            r"/(files|vector_stores|containers|conversations|responses/\w+/input_items)", path
        ):
            found.append((recording["method"], path, recording["request"], recording["status"], recording["response"]))
    return found


def responses(method: str, pattern: str, status: int = 200) -> Iterator[tuple[Any, Any]]:
    for made_by, path, request, answered, response in exchanges():
        if (made_by, answered) == (method, status) and re.fullmatch(pattern, path.partition("?")[0]):
            yield request, response


def ours(upstream: OfflineUpstream, method: str, path: str, body: Any = None) -> Any:
    data = b"" if body is None else json.dumps(body).encode()
    return upstream.handle(method, f"/v1{path}", KEY, data).json


def upload(upstream: OfflineUpstream, path: str, purpose: str = "assistants") -> Any:
    return upstream.handle("POST", f"/v1{path}", FORM, UPLOAD % purpose.encode()).json


def assert_same(real: Any, own: Any, where: str) -> None:
    """The same keys in the same order, all the way down."""
    if isinstance(real, dict) and isinstance(own, dict):
        assert list(real) == [key for key in own if key in real or key not in LATER], where
        for key in real:
            if key != "metadata":
                assert_same(real[key], own[key], f"{where}.{key}")
    elif isinstance(real, list) and real and own:
        assert_same(real[0], own[0], f"{where}[0]")
    elif real is not None and own is not None:
        assert type(real) is type(own), where


def test_an_upload_is_shown_as_recorded() -> None:
    compared = [assert_same(real, upload(OfflineUpstream(), "/files"), "file") for _, real in responses("POST", "/files")]
    assert len(compared) > 50


def test_deletions_are_answered_as_recorded() -> None:
    upstream = OfflineUpstream()
    store = upstream.put_vector_store({"a.txt": "a"}, id="vs_1")
    container = ours(upstream, "POST", "/containers", {"name": "a"})["id"]
    in_container = upload(upstream, f"/containers/{container}/files")["id"]
    in_store = ours(upstream, "GET", f"/vector_stores/{store}/files")["data"][0]["id"]
    file = upstream.put_file("a.txt", "a")
    for pattern, path in (
        (r"/files/file-\w+", f"/files/{file}"),
        (r"/vector_stores/\w+/files/file-\w+", f"/vector_stores/{store}/files/{in_store}"),
        (r"/vector_stores/\w+", f"/vector_stores/{store}"),
        (r"/containers/\w+/files/\w+", f"/containers/{container}/files/{in_container}"),
        (r"/containers/\w+", f"/containers/{container}"),
    ):
        own = ours(upstream, "DELETE", path)
        reals = [real for _, real in responses("DELETE", pattern)]
        assert reals
        assert {**reals[-1], "id": own["id"]} == own
        assert list(reals[-1]) == list(own)


def test_a_vector_store_made_with_the_same_request_is_shown_as_recorded() -> None:
    compared = 0
    for request, real in responses("POST", "/vector_stores"):
        upstream = OfflineUpstream()
        for file in request.get("file_ids") or ():
            upstream.put_file("a.txt", "hello", id=file)
        own = ours(upstream, "POST", "/vector_stores", request)
        assert_same(real, own, "store")
        for key in ("name", "status", "file_counts", "usage_bytes", "expires_after", "metadata"):
            assert own[key] == real[key], key
        if real["expires_at"]:
            assert own["expires_at"] - own["last_active_at"] == real["expires_at"] - real["last_active_at"]
        compared += 1
    assert compared > 20


def test_files_and_batches_of_a_store_are_shown_as_recorded() -> None:
    upstream = OfflineUpstream()
    store = upstream.put_vector_store()
    for path, pattern in (("files", r"/vector_stores/\w+/files"), ("file_batches", r"/vector_stores/\w+/file_batches")):
        for request, real in responses("POST", pattern):
            for file in request.get("file_ids") or [request.get("file_id")]:
                upstream.put_file("a.txt", "hello", id=file)
            own = ours(upstream, "POST", f"/vector_stores/{store}/{path}", request)
            assert_same(real, own, path)
            assert (own["status"], own.get("file_counts")) == (real["status"], real.get("file_counts"))
            listed = f"/{own['id']}/files" if path == "file_batches" else ""
            for _, real_list in responses("GET", pattern + (r"/\w+/files" if listed else "")):
                # Until October 2025 a batch's files were shown with fewer keys than a store's.
                if "usage_bytes" in real_list["data"][0]:
                    assert_same(real_list, ours(upstream, "GET", f"/vector_stores/{store}/{path}{listed}"), "list")


def test_containers_and_their_files_are_shown_as_recorded() -> None:
    upstream = OfflineUpstream()
    compared = 0
    for request, real in responses("POST", "/containers"):
        own = ours(upstream, "POST", "/containers", request)
        assert_same(real, own, "container")
        assert {key: own[key] for key in real if key in request} == {key: real[key] for key in real if key in request}
        file = upload(upstream, f"/containers/{own['id']}/files")
        for pattern, path in (
            (r"/containers", "/containers"),
            (r"/containers/\w+", f"/containers/{own['id']}"),
            (r"/containers/\w+/files", f"/containers/{own['id']}/files"),
            (r"/containers/\w+/files/\w+", f"/containers/{own['id']}/files/{file['id']}"),
        ):
            for _, shown in responses("GET", pattern):
                assert_same(shown, ours(upstream, "GET", path), path)
                compared += 1
    assert compared > 10


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/files", 400), ("DELETE", "/files/fake_id", 404), ("GET", "/files/fake_id", 404), ("GET", "/files/fake_id/content", 404)],
)
def test_what_is_refused_is_refused_in_the_recorded_words(method: str, path: str, status: int) -> None:
    (real, *_) = [real for _, real in responses(method, path, status)]
    upstream = OfflineUpstream()
    own = upload(upstream, path, "world_domination") if method == "POST" else ours(upstream, method, path)
    assert own == real
    assert list(own) == list(real)


def test_conversations_are_shown_as_recorded() -> None:
    compared = 0
    for request, real in responses("POST", "/conversations"):
        upstream = OfflineUpstream()
        own = ours(upstream, "POST", "/conversations", request)
        assert_same(real, own, "conversation")
        assert own["metadata"] == real["metadata"]
        assert [len(own["id"]), own["id"][:5]] == [len(real["id"]), "conv_"]
        for _, deleted in responses("DELETE", r"/conversations/\w+"):
            assert_same(deleted, ours(upstream, "DELETE", f"/conversations/{own['id']}"), "deletion")
            break
        compared += 1
    assert compared >= 6


def test_items_of_a_conversation_are_shown_as_recorded() -> None:
    compared = 0
    for request, real in responses("POST", r"/conversations/\w+/items"):
        upstream = OfflineUpstream()
        conversation = ours(upstream, "POST", "/conversations", {})["id"]
        own = ours(upstream, "POST", f"/conversations/{conversation}/items?include[]=web_search_call.action.sources", request)
        assert_same(real, own, "created")
        assert len(own["first_id"]) == len(real["first_id"])
        for _, listed in responses("GET", r"/conversations/\w+/items"):
            if listed["data"][0]["role"] == "user":
                assert_same(listed, ours(upstream, "GET", f"/conversations/{conversation}/items"), "list")
        compared += 1
    assert compared >= 2


def test_the_input_of_a_response_is_listed_as_recorded() -> None:
    upstream = OfflineUpstream()
    compared = 0
    for _, real in responses("GET", r"/responses/\w+/input_items"):
        given = [{key: value for key, value in item.items() if key not in ("id", "status")} for item in reversed(real["data"])]
        if any("input_file" in json.dumps(item) for item in given):  # without what the file held it cannot be sent
            continue
        made = ours(upstream, "POST", "/responses", {"model": "gpt-4o-mini", "input": given})
        own = ours(upstream, "GET", f"/responses/{made['id']}/input_items")
        assert_same(real, own, "list")
        for theirs, item in zip(real["data"], own["data"], strict=True):
            assert_same(theirs, item, theirs["type"])
            assert {**item, "id": theirs["id"]} == theirs
        compared += 1
    assert compared > 40
