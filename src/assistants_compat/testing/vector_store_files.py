"""/vector_stores/{id}/files and /vector_stores/{id}/file_batches: what adds a file is answered with "in_progress", as recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assistants_compat.testing.paging import page
from assistants_compat.testing.rejection import Rejected, missing, one_of, only_keys, required
from assistants_compat.testing.storage_call import Answer, Call
from assistants_compat.testing.vector_store_shelf import Shelf, chunking_of
from assistants_compat.testing.vector_stores import StoreFile, VectorStore

Json = dict[str, Any]
_STATUSES = ("in_progress", "completed", "failed", "cancelled")
_MOST_IN_A_BATCH = 500


def answer_files(shelf: Shelf, call: Call, id: str, rest: list[str]) -> Answer | None:
    match (call.method, *rest):
        case ("POST",):
            required("", call.json, "file_id")
            only_keys("", call.json, ("file_id", "attributes", "chunking_strategy"))
            file_id = shelf.addable(call.json["file_id"], "file_id")
            chunking = chunking_of(call.json.get("chunking_strategy"))
            return shelf.add(shelf.usable(id), file_id, chunking, call.json.get("attributes")).shown()
        case ("GET",):
            return _list(shelf.looked_at(id).files.values(), call.query)
        case ("GET", file_id):
            return _file(shelf.looked_at(id), file_id).shown()
        case ("GET", file_id, "content"):
            parts = [{"type": "text", "text": chunk} for chunk in _file(shelf.get(id), file_id).chunks()]
            return {"object": "vector_store.file_content.page", "data": parts, "has_more": False, "next_page": None}
        case ("POST", file_id):
            required("", call.json, "attributes")
            file = _file(shelf.get(id), file_id)
            file.attributes = call.json["attributes"] or {}
            return file.shown()
        case ("DELETE", file_id):
            del shelf.get(id).files[_file(shelf.get(id), file_id).id]
            return {"id": file_id, "object": "vector_store.file.deleted", "deleted": True}
    return None


def answer_batches(shelf: Shelf, call: Call, id: str, rest: list[str]) -> Answer | None:
    match (call.method, *rest):
        case ("POST",):
            return _create_batch(shelf, shelf.usable(id), call.json)
        case ("GET", batch_id):
            return _with_batch(shelf.looked_at(id), batch_id).shown_batch(batch_id)
        case ("GET", batch_id, "files"):
            return _list(_with_batch(shelf.looked_at(id), batch_id).files_of(batch_id), call.query)
        case ("POST", batch_id, "cancel"):
            store = _with_batch(shelf.get(id), batch_id)
            store.settle(shelf.clock())
            store.cancel_batch(batch_id)
            return store.shown_batch(batch_id)
    return None


def _file(store: VectorStore, file_id: str) -> StoreFile:
    if file_id not in store.files:
        sentence = f"No file found with id '{file_id}' in vector store '{store.id}'."
        raise Rejected(sentence, code=None, param=None, status=404)
    return store.files[file_id]


def _list(files: Iterable[StoreFile], query: Mapping[str, str]) -> Json:
    wanted = query.get("filter")
    if wanted is not None:
        one_of("filter", wanted, _STATUSES)
    return page([file.shown() for file in files if wanted in (None, file.status)], query)


def _with_batch(store: VectorStore, batch_id: str) -> VectorStore:
    """The store, once it is known to have the batch. The sentence is inferred."""
    if batch_id not in store.batches:
        sentence = f"No file batch found with id '{batch_id}' in vector store '{store.id}'."
        raise Rejected(sentence, code=None, param=None, status=404)
    return store


def _create_batch(shelf: Shelf, store: VectorStore, body: Json) -> Json:
    only_keys("", body, ("file_ids", "files", "attributes", "chunking_strategy"))
    listed = body.get("files") or [{"file_id": file_id} for file_id in body.get("file_ids") or ()]
    if not listed:
        raise missing("file_ids")
    if len(listed) > _MOST_IN_A_BATCH:
        sentence = f"Invalid 'file_ids': array too long. Expected an array with maximum length {_MOST_IN_A_BATCH}, "
        sentence += f"but got an array with length {len(listed)} instead."
        raise Rejected(sentence, code="array_above_max_length", param="file_ids")
    whole = {"attributes": body.get("attributes"), "chunking_strategy": body.get("chunking_strategy")}
    entries = [{**whole, **entry, "file_id": shelf.addable(entry.get("file_id"), "file_ids")} for entry in listed]
    batch_id = f"vsfb_ibj_{shelf.ids.hex(32)}"
    store.batches[batch_id] = {"created_at": int(shelf.clock()), "cancelled": False}
    for entry in entries:
        shelf.add(store, entry["file_id"], chunking_of(entry["chunking_strategy"]), entry["attributes"], batch_id)
    return store.shown_batch(batch_id)
