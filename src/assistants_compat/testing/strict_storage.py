"""What a request names has to be there: vector stores, containers, files.

Reported by users, of a container that is gone: `Container is expired.` for a named one and for one of a previous response,
`Expected container_id: cntr_…` for a code_interpreter_call that is sent again, `Container with id '…' not found.` (404) for
a named one that never was or has been deleted. Of a store that is not there: `Vector store with id ['vs_…'] not found.`
Inferred: that at most two stores are searched, the refusal of an expired store, the words about files that are not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistants_compat.testing.memory import Memory
from assistants_compat.testing.rejection import Rejected, array_too_long, text
from assistants_compat.testing.storage import Storage

MOST_STORES = 2
MOST_FILES = 50


def check(body: dict[str, Any], memory: Memory, storage: Storage) -> None:
    for index, tool in enumerate(body.get("tools") or []):
        if tool["type"] == "file_search":
            _check_stores(f"tools[{index}].vector_store_ids", tool["vector_store_ids"], storage)
        elif tool["type"] == "code_interpreter":
            _check_container(f"tools[{index}].container", tool["container"], storage)
    own = body["input"] if isinstance(body.get("input"), list) else []
    for item in own:
        if item.get("type") == "code_interpreter_call" and not storage.containers.lives(item["container_id"]):
            raise Rejected(f"Expected container_id: {item['container_id']}", code=None, param=None)
    items = memory.input_items(body)
    for item in items[: len(items) - len(own)]:
        if item.get("type") == "code_interpreter_call":
            storage.containers.usable(item["container_id"])
    for file_id in _named_files(items):
        if storage.files.find(file_id) is None:
            raise Rejected(f"No such File object: {file_id}", code=None, param="input", status=404)


def _check_stores(path: str, ids: list[Any], storage: Storage) -> None:
    if len(ids) > MOST_STORES:
        raise array_too_long(path, MOST_STORES, len(ids))
    for index, id in enumerate(ids):
        if not text(f"{path}[{index}]", id).startswith("vs"):
            sentence = f"Invalid '{path}[{index}]': '{id}'. Expected an ID that begins with 'vs'."
            raise Rejected(sentence, code="invalid_value", param=f"{path}[{index}]")
    unknown = [id for id in ids if id not in storage.vector_stores.stored]
    if unknown:
        raise Rejected(f"Vector store with id {unknown} not found.", code=None, param=None, status=404)
    for id in ids:
        storage.vector_stores.usable(id)


def _check_container(path: str, container: str | dict[str, Any], storage: Storage) -> None:
    if isinstance(container, str):
        storage.containers.usable(container)
        return
    file_ids = container.get("file_ids") or []
    if len(file_ids) > MOST_FILES:
        raise array_too_long(f"{path}.file_ids", MOST_FILES, len(file_ids))
    for file_id in file_ids:
        if storage.files.find(file_id) is None:
            raise Rejected(f"No such File object: {file_id}", code=None, param=f"{path}.file_ids", status=404)


def _named_files(items: list[dict[str, Any]]) -> Iterator[str]:
    for item in items:
        for parts in (item.get("content"), item.get("output")):
            for part in parts if isinstance(parts, list) else ():
                if part.get("type") in ("input_image", "input_file") and part.get("file_id") is not None:
                    yield part["file_id"]
