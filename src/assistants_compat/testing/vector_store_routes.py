"""/vector_stores with their files, file batches and searches.

Recorded: the objects, the lists and their order, "in_progress" in the reply to whatever adds a file. Reported by users: the
404s and the refusal of file types. Inferred: the refusal of an expired store's use beyond its first words, and the limits' sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from assistants_compat.testing.files import Files
from assistants_compat.testing.identifiers import Identifiers
from assistants_compat.testing.paging import page
from assistants_compat.testing.rejection import Rejected, invalid_type, missing, one_of, only_keys, out_of_range, required
from assistants_compat.testing.storage_call import Answer, Call
from assistants_compat.testing.strict_parameters import check_metadata
from assistants_compat.testing.vector_stores import AUTO_CHUNKING, StoreFile, VectorStore, search

Json = dict[str, Any]
_SUPPORTED = set(
    [
        "c",
        "cpp",
        "cs",
        "css",
        "doc",
        "docx",
        "go",
        "html",
        "java",
        "js",
        "json",
        "md",
        "pdf",
        "php",
        "pptx",
        "py",
        "rb",
        "sh",
        "tex",
        "ts",
        "txt",
    ]
)
_STATUSES = ("in_progress", "completed", "failed", "cancelled")
_MOST_FILES = 500


@dataclass
class VectorStores:
    """`indexing_time` seconds of the clock and `indexing_polls` looks pass before a file is ready."""

    clock: Callable[[], float]
    ids: Identifiers
    files: Files
    indexing_time: float = 0.0
    indexing_polls: int = 0
    stored: dict[str, VectorStore] = field(default_factory=dict)

    def answer(self, call: Call) -> Answer | None:
        match (call.method, *call.path):
            case ("POST", "vector_stores"):
                return self.create(call.json).shown(self.clock())
            case ("GET", "vector_stores"):
                return page([self._looked_at(id).shown(self.clock()) for id in self.stored], call.query)
            case ("GET", "vector_stores", id):
                return self._looked_at(id).shown(self.clock())
            case ("POST", "vector_stores", id):
                return self._update(self.get(id), call.json)
            case ("DELETE", "vector_stores", id):
                del self.stored[self.get(id).id]
                return {"id": id, "object": "vector_store.deleted", "deleted": True}
            case ("POST", "vector_stores", id, "search"):
                return self._search(self.usable(id), call.json)
            case (_, "vector_stores", id, "files", *rest):
                return self._files(call, id, rest)
            case (_, "vector_stores", id, "file_batches", *rest):
                return self._batches(call, id, rest)
        return None

    def get(self, id: str) -> VectorStore:
        if not id.startswith("vs"):
            sentence = f"Invalid 'vector_store_id': '{id}'. Expected an ID that begins with 'vs'."
            raise Rejected(sentence, code="invalid_value", param="vector_store_id")
        if id not in self.stored:
            raise Rejected(f"No vector store found with id '{id}'.", code=None, param=None, status=404)
        return self.stored[id]

    def usable(self, id: str) -> VectorStore:
        """A store that has not expired; using it keeps it alive."""
        store = self.get(id)
        if store.expired(self.clock()):
            raise Rejected(f"Vector store '{id}' has expired.", code=None, param=None)
        store.last_active_at = int(self.clock())
        store.settle(self.clock())
        return store

    def create(self, body: Json, *, id: str | None = None) -> VectorStore:
        only_keys("", body, ("name", "description", "file_ids", "expires_after", "chunking_strategy", "metadata"))
        _check_common(body)
        chunking = _chunking(body.get("chunking_strategy"))
        now = int(self.clock())
        store = VectorStore(
            id or self.ids.timed("vs", 32),
            now,
            body.get("name"),
            body.get("description"),
            body.get("expires_after"),
            body.get("metadata") or {},
            now,
        )
        found = [self._addable(file_id, "file_ids") for file_id in body.get("file_ids") or ()]
        self.stored[store.id] = store
        for file_id in found:
            self._add(store, file_id, chunking, {})
        return store

    def forget_file(self, file_id: str) -> None:
        for store in self.stored.values():
            store.files.pop(file_id, None)

    # ------------------------------------------------------------------------------------------------ a store

    def _looked_at(self, id: str) -> VectorStore:
        store = self.get(id)
        store.settle(self.clock(), looked_at=True)
        return store

    def _update(self, store: VectorStore, body: Json) -> Json:
        only_keys("", body, ("name", "expires_after", "metadata"))
        _check_common(body)
        store.settle(self.clock())
        store.name = body.get("name", store.name)
        store.expires_after = body.get("expires_after", store.expires_after)
        store.metadata = body["metadata"] or {} if "metadata" in body else store.metadata
        return store.shown(self.clock())

    def _search(self, store: VectorStore, body: Json) -> Json:
        required("", body, "query")
        only_keys("", body, ("query", "filters", "max_num_results", "ranking_options", "rewrite_query"))
        most = body.get("max_num_results") or 10
        if not 1 <= most <= 50:
            raise out_of_range("max_num_results", most, 1 if most < 1 else 50, below=most < 1)
        options = body.get("ranking_options") or {}
        one_of("ranking_options.ranker", options.get("ranker", "auto"), ("none", "auto", "default-2024-11-15"))
        queries = [body["query"]] if isinstance(body["query"], str) else list(body["query"])
        hits = search([store], queries, most=most, threshold=options.get("score_threshold") or 0.0, condition=body.get("filters"))
        data = [
            {
                "file_id": hit.file.id,
                "filename": hit.file.filename,
                "score": hit.score,
                "attributes": dict(hit.file.attributes),
                "content": [{"type": "text", "text": hit.text}],
            }
            for hit in hits
        ]
        return {"object": "vector_store.search_results.page", "search_query": queries, "data": data, "has_more": False, "next_page": None}

    # ------------------------------------------------------------------------------------------------ its files

    def _files(self, call: Call, id: str, rest: list[str]) -> Answer | None:
        match (call.method, *rest):
            case ("POST",):
                required("", call.json, "file_id")
                only_keys("", call.json, ("file_id", "attributes", "chunking_strategy"))
                file_id = self._addable(call.json["file_id"], "file_id")
                chunking = _chunking(call.json.get("chunking_strategy"))
                return self._add(self.usable(id), file_id, chunking, call.json.get("attributes") or {}).shown()
            case ("GET",):
                return self._list(self._looked_at(id).files.values(), call.query)
            case ("GET", file_id):
                return self._file(self._looked_at(id), file_id).shown()
            case ("GET", file_id, "content"):
                parts = [{"type": "text", "text": chunk} for chunk in self._file(self.get(id), file_id).chunks()]
                return {"object": "vector_store.file_content.page", "data": parts, "has_more": False, "next_page": None}
            case ("POST", file_id):
                required("", call.json, "attributes")
                file = self._file(self.get(id), file_id)
                file.attributes = call.json["attributes"] or {}
                return file.shown()
            case ("DELETE", file_id):
                del self.get(id).files[self._file(self.get(id), file_id).id]
                return {"id": file_id, "object": "vector_store.file.deleted", "deleted": True}
        return None

    def _file(self, store: VectorStore, file_id: str) -> StoreFile:
        if file_id not in store.files:
            sentence = f"No file found with id '{file_id}' in vector store '{store.id}'."
            raise Rejected(sentence, code=None, param=None, status=404)
        return store.files[file_id]

    def _list(self, files: Any, query: Mapping[str, str]) -> Json:
        wanted = query.get("filter")
        if wanted is not None:
            one_of("filter", wanted, _STATUSES)
        return page([file.shown() for file in files if wanted in (None, file.status)], query)

    def _addable(self, file_id: Any, param: str) -> str:
        """The id of a file that exists and is of a type the search reads."""
        if not isinstance(file_id, str):
            raise invalid_type(param, "a string", file_id)
        extension = PurePath(self.files.get(file_id).filename).suffix.lower()
        if extension and extension[1:] not in _SUPPORTED:
            sentence = (
                f"Files with extensions [{extension}] are not supported for retrieval. "
                "See https://platform.openai.com/docs/assistants/tools/file-search/supported-files"
            )
            raise Rejected(sentence, code="unsupported_file", param=param)
        return file_id

    def _add(self, store: VectorStore, file_id: str, chunking: Json, attributes: Json, batch_id: str | None = None) -> StoreFile:
        file, now = self.files.get(file_id), self.clock()
        ready_at = now + self.indexing_time
        added = StoreFile(
            file_id,
            file.filename,
            file.content,
            store.id,
            int(now),
            ready_at,
            self.indexing_polls,
            chunking,
            attributes,
            batch_id,
        )
        store.files[file_id] = added
        store.last_active_at = int(now)
        return added

    # ------------------------------------------------------------------------------------------------ batches

    def _batches(self, call: Call, id: str, rest: list[str]) -> Answer | None:
        match (call.method, *rest):
            case ("POST",):
                return self._create_batch(self.usable(id), call.json)
            case ("GET", batch_id):
                return self._batch(self._looked_at(id), batch_id).shown_batch(batch_id)
            case ("GET", batch_id, "files"):
                store = self._batch(self._looked_at(id), batch_id)
                return self._list([file for file in store.files.values() if file.batch_id == batch_id], call.query)
            case ("POST", batch_id, "cancel"):
                store = self._batch(self.get(id), batch_id)
                store.settle(self.clock())
                store.batches[batch_id]["cancelled"] = True
                for file in store.files.values():
                    file.status = "cancelled" if (file.batch_id, file.status) == (batch_id, "in_progress") else file.status
                return store.shown_batch(batch_id)
        return None

    def _batch(self, store: VectorStore, batch_id: str) -> VectorStore:
        if batch_id not in store.batches:
            sentence = f"No file batch found with id '{batch_id}' in vector store '{store.id}'."
            raise Rejected(sentence, code=None, param=None, status=404)
        return store

    def _create_batch(self, store: VectorStore, body: Json) -> Json:
        only_keys("", body, ("file_ids", "files", "attributes", "chunking_strategy"))
        listed = body.get("files") or [{"file_id": file_id} for file_id in body.get("file_ids") or ()]
        if not listed:
            raise missing("file_ids")
        if len(listed) > _MOST_FILES:
            sentence = f"Invalid 'file_ids': array too long. Expected an array with maximum length {_MOST_FILES}, "
            sentence += f"but got an array with length {len(listed)} instead."
            raise Rejected(sentence, code="array_above_max_length", param="file_ids")
        whole = {"attributes": body.get("attributes"), "chunking_strategy": body.get("chunking_strategy")}
        entries = [{**whole, **entry, "file_id": self._addable(entry.get("file_id"), "file_ids")} for entry in listed]
        batch_id = f"vsfb_ibj_{self.ids.hex(32)}"
        store.batches[batch_id] = {"created_at": int(self.clock()), "cancelled": False}
        for entry in entries:
            self._add(store, entry["file_id"], _chunking(entry["chunking_strategy"]), entry["attributes"] or {}, batch_id)
        return store.shown_batch(batch_id)


def _check_common(body: Json) -> None:
    check_metadata(body.get("metadata") or {})
    expires_after = body.get("expires_after")
    if expires_after is None:
        return
    required("expires_after", expires_after, "anchor", "days")
    one_of("expires_after.anchor", expires_after["anchor"], ("last_active_at",))
    days = expires_after["days"]
    if not 1 <= days <= 365:
        raise out_of_range("expires_after.days", days, 1 if days < 1 else 365, below=days < 1)


def _chunking(strategy: Json | None) -> Json:
    """ "auto" is shown as the static strategy it stands for, as recorded."""
    if strategy is None or strategy.get("type") == "auto":
        return AUTO_CHUNKING
    one_of("chunking_strategy.type", strategy.get("type"), ("auto", "static"))
    sizes = strategy.get("static") or {}
    required("chunking_strategy.static", sizes, "max_chunk_size_tokens", "chunk_overlap_tokens")
    size, overlap = sizes["max_chunk_size_tokens"], sizes["chunk_overlap_tokens"]
    if not 100 <= size <= 4096:
        name = "chunking_strategy.static.max_chunk_size_tokens"
        raise out_of_range(name, size, 100 if size < 100 else 4096, below=size < 100)
    if overlap > size // 2:
        raise out_of_range("chunking_strategy.static.chunk_overlap_tokens", overlap, size // 2, below=False)
    return {"type": "static", "static": {"max_chunk_size_tokens": size, "chunk_overlap_tokens": overlap}}
