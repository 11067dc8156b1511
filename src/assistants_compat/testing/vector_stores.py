"""Vector stores in the memory of the process: their files, how these are indexed, when a store expires, and what a search finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assistants_compat.testing.search_index import Attributes, chunks, matches, score, text_of

Json = dict[str, Any]
AUTO_CHUNKING: Json = {"type": "static", "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}}
_DAY = 86_400
_UNREADABLE: Json = {"code": "invalid_file", "message": "The file could not be parsed."}


@dataclass
class StoreFile:
    """A file in a store. It is ready once `polls` looks at it have said "in_progress" and the clock has reached `ready_at`."""

    id: str
    filename: str
    content: bytes
    store_id: str
    created_at: int
    ready_at: float
    polls: int
    chunking: Json
    attributes: Attributes
    batch_id: str | None = None
    status: str = "in_progress"

    def shown(self) -> Json:
        return {
            "id": self.id,
            "object": "vector_store.file",
            "usage_bytes": len(self.content) if self.status == "completed" else 0,
            "created_at": self.created_at,
            "vector_store_id": self.store_id,
            "status": self.status,
            "last_error": dict(_UNREADABLE) if self.status == "failed" else None,
            "chunking_strategy": self.chunking,
            "attributes": dict(self.attributes),
        }

    def settle(self, now: float, *, looked_at: bool) -> None:
        if self.status != "in_progress":
            return
        if self.polls > 0 or now < self.ready_at:
            self.polls -= looked_at
        else:
            self.status = "completed" if text_of(self.content) is not None else "failed"

    def chunks(self) -> list[str]:
        sizes = self.chunking["static"]
        return chunks(text_of(self.content) or "", sizes["max_chunk_size_tokens"], sizes["chunk_overlap_tokens"])


@dataclass(frozen=True)
class Hit:
    file: StoreFile
    text: str
    score: float


@dataclass
class VectorStore:
    id: str
    created_at: int
    name: str | None
    description: str | None
    expires_after: Json | None
    metadata: Json
    last_active_at: int
    files: dict[str, StoreFile] = field(default_factory=dict)
    batches: dict[str, Json] = field(default_factory=dict)

    @property
    def expires_at(self) -> int | None:
        return None if self.expires_after is None else self.last_active_at + self.expires_after["days"] * _DAY

    def expired(self, now: float) -> bool:
        return self.expires_at is not None and now >= self.expires_at

    def settle(self, now: float, *, looked_at: bool = False) -> None:
        for file in self.files.values():
            file.settle(now, looked_at=looked_at)

    def shown(self, now: float) -> Json:
        counts = file_counts(self.files.values())
        return {
            "id": self.id,
            "object": "vector_store",
            "created_at": self.created_at,
            "name": self.name,
            "description": self.description,
            "usage_bytes": sum(file.shown()["usage_bytes"] for file in self.files.values()),
            "file_counts": counts,
            "status": "expired" if self.expired(now) else "in_progress" if counts["in_progress"] else "completed",
            "expires_after": self.expires_after,
            "expires_at": self.expires_at,
            "last_active_at": self.last_active_at,
            "metadata": self.metadata,
        }

    def files_of(self, batch_id: str) -> list[StoreFile]:
        return [file for file in self.files.values() if file.batch_id == batch_id]

    def cancel_batch(self, id: str) -> None:
        self.batches[id]["cancelled"] = True
        for file in self.files_of(id):
            file.status = "cancelled" if file.status == "in_progress" else file.status

    def shown_batch(self, id: str) -> Json:
        batch = self.batches[id]
        counts = file_counts(self.files_of(id))
        status = "in_progress" if counts["in_progress"] else "cancelled" if batch["cancelled"] else "completed"
        return {
            "id": id,
            "object": "vector_store.file_batch",
            "created_at": batch["created_at"],
            "status": status,
            "vector_store_id": self.id,
            "file_counts": counts,
        }


def file_counts(files: Iterable[StoreFile]) -> dict[str, int]:
    counted = Counter(file.status for file in files)
    return {**{status: counted[status] for status in ("in_progress", "completed", "failed", "cancelled")}, "total": counted.total()}


def search(
    stores: Iterable[VectorStore],
    queries: Iterable[str],
    *,
    most: int = 20,
    threshold: float = 0.0,
    condition: Mapping[str, Any] | None = None,
) -> list[Hit]:
    """The best chunks first; the order of the stores and of their files breaks ties. What shares no word is not found."""
    asked = list(queries)
    hits = [
        Hit(file, chunk, points)
        for store in stores
        for file in store.files.values()
        if file.status == "completed" and matches(condition, file.attributes)
        for chunk in file.chunks()
        if (points := score(asked, chunk)) > 0 and points >= threshold
    ]
    return sorted(hits, key=lambda hit: -hit.score)[:most]
