"""The vector stores of an upstream: which there are, which of them can be used, and how a file gets into one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from assistants_compat.testing.files import Files
from assistants_compat.testing.identifiers import Identifiers
from assistants_compat.testing.rejection import Rejected, invalid_type, one_of, out_of_range, required
from assistants_compat.testing.vector_stores import AUTO_CHUNKING, StoreFile, VectorStore

Json = dict[str, Any]
_EXTENSIONS = ".c .cpp .cs .css .doc .docx .go .html .java .js .json .md .pdf .php .pptx .py .rb .sh .tex .ts .txt"
SUPPORTED = frozenset(_EXTENSIONS.split())


@dataclass
class Shelf:
    """`indexing_time` seconds of the clock and `indexing_polls` looks pass before a file is ready."""

    clock: Callable[[], float]
    ids: Identifiers
    files: Files
    indexing_time: float = 0.0
    indexing_polls: int = 0
    stored: dict[str, VectorStore] = field(default_factory=dict)

    def get(self, id: str) -> VectorStore:
        if not id.startswith("vs"):
            sentence = f"Invalid 'vector_store_id': '{id}'. Expected an ID that begins with 'vs'."
            raise Rejected(sentence, code="invalid_value", param="vector_store_id")
        if id not in self.stored:
            raise Rejected(f"No vector store found with id '{id}'.", code=None, param=None, status=404)
        return self.stored[id]

    def looked_at(self, id: str) -> VectorStore:
        """For a request that shows the store or its files."""
        store = self.get(id)
        store.settle(self.clock(), looked_at=True)
        return store

    def usable(self, id: str) -> VectorStore:
        """A store that has not expired; using it keeps it alive."""
        store = self.get(id)
        if store.expired(self.clock()):
            raise Rejected(f"Vector store '{id}' has expired.", code=None, param=None)
        store.last_active_at = int(self.clock())
        store.settle(self.clock())
        return store

    def forget_file(self, file_id: str) -> None:
        for store in self.stored.values():
            store.files.pop(file_id, None)

    def addable(self, file_id: Any, param: str) -> str:
        """The id of a file that exists and is of a type the search reads."""
        if not isinstance(file_id, str):
            raise invalid_type(param, "a string", file_id)
        extension = PurePath(self.files.get(file_id).filename).suffix.lower()
        if extension and extension not in SUPPORTED:
            sentence = (
                f"Files with extensions [{extension}] are not supported for retrieval. "
                "See https://platform.openai.com/docs/assistants/tools/file-search/supported-files"
            )
            raise Rejected(sentence, code="unsupported_file", param=param)
        return file_id

    def add(
        self, store: VectorStore, file_id: str, chunking: Json, attributes: Json | None = None, batch_id: str | None = None
    ) -> StoreFile:
        now = self.clock()
        store.files[file_id] = StoreFile(
            file_id,
            self.files.get(file_id).filename,
            self.files.get(file_id).content,
            store.id,
            created_at=int(now),
            ready_at=now + self.indexing_time,
            polls=self.indexing_polls,
            chunking=chunking,
            attributes=attributes or {},
            batch_id=batch_id,
        )
        store.last_active_at = int(now)
        return store.files[file_id]


def chunking_of(strategy: Json | None) -> Json:
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
