"""/vector_stores: made, shown, changed, deleted, searched.

Recorded: the objects, the lists and their order. Reported by users: the 404s and the refusal of file types. Inferred: the
refusal of an expired store's use beyond its first words, the answer to a search (the specification's), and the limits' sentences.
"""

from __future__ import annotations

from typing import Any

from assistants_compat.testing.paging import page
from assistants_compat.testing.rejection import one_of, only_keys, out_of_range, required
from assistants_compat.testing.storage_call import Answer, Call
from assistants_compat.testing.strict_parameters import check_metadata
from assistants_compat.testing.vector_store_files import answer_batches, answer_files
from assistants_compat.testing.vector_store_shelf import Shelf, chunking_of
from assistants_compat.testing.vector_stores import VectorStore, search

Json = dict[str, Any]


class VectorStores(Shelf):
    def answer(self, call: Call) -> Answer | None:
        match (call.method, *call.path):
            case ("POST", "vector_stores"):
                return self.create(call.json).shown(self.clock())
            case ("GET", "vector_stores"):
                return page([self.looked_at(id).shown(self.clock()) for id in self.stored], call.query)
            case ("GET", "vector_stores", id):
                return self.looked_at(id).shown(self.clock())
            case ("POST", "vector_stores", id):
                return self._update(self.get(id), call.json)
            case ("DELETE", "vector_stores", id):
                del self.stored[self.get(id).id]
                return {"id": id, "object": "vector_store.deleted", "deleted": True}
            case ("POST", "vector_stores", id, "search"):
                return self._search(self.usable(id), call.json)
            case (_, "vector_stores", id, "files", *rest):
                return answer_files(self, call, id, rest)
            case (_, "vector_stores", id, "file_batches", *rest):
                return answer_batches(self, call, id, rest)
        return None

    def create(self, body: Json, *, id: str | None = None) -> VectorStore:
        only_keys("", body, ("name", "description", "file_ids", "expires_after", "chunking_strategy", "metadata"))
        _check_common(body)
        chunking = chunking_of(body.get("chunking_strategy"))
        file_ids = [self.addable(file_id, "file_ids") for file_id in body.get("file_ids") or ()]
        now = int(self.clock())
        store = VectorStore(
            id or self.ids.timed("vs", 32),
            created_at=now,
            name=body.get("name"),
            description=body.get("description"),
            expires_after=body.get("expires_after"),
            metadata=body.get("metadata") or {},
            last_active_at=now,
        )
        self.stored[store.id] = store
        for file_id in file_ids:
            self.add(store, file_id, chunking)
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
