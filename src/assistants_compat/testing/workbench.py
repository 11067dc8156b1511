"""The built-in tools of one response: where its searches look, where its code runs, and what its texts may cite."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from assistants_compat.testing.answers import Text
from assistants_compat.testing.containers import FOLDER, Container, ContainerFile
from assistants_compat.testing.storage import Storage
from assistants_compat.testing.tool_answers import Cite, CodeInterpreter, FileSearch, Found
from assistants_compat.testing.vector_stores import search

Json = dict[str, Any]
_LINK = re.compile(rf"sandbox:({FOLDER}/[^\s)\]\"'>]+)")


class Workbench:
    """`items` is the whole input of the request: a container that a call in it names is used again if it lives."""

    def __init__(self, body: Mapping[str, Any], items: list[Any], storage: Storage) -> None:
        self._tools = {tool["type"]: tool for tool in body.get("tools") or []}
        self._include = body.get("include") or ()
        self._items = items
        self._storage = storage
        self._container: Container | None = None
        self._pictures: list[ContainerFile] = []
        self._found: list[Json] = []

    # ------------------------------------------------------------------------------------------------ file search

    def results(self, call: FileSearch) -> list[Json]:
        """The call's results, as a response shows them to a request that includes them."""
        tool = self._tool("file_search")
        found = self._searched(call, tool) if call.results is None else [self._given(result, tool) for result in call.results]
        self._found += found
        return found

    @property
    def shows_results(self) -> bool:
        return "file_search_call.results" in self._include

    def _searched(self, call: FileSearch, tool: Json) -> list[Json]:
        stores = [self._storage.vector_stores.usable(id) for id in tool["vector_store_ids"]]
        threshold = (tool.get("ranking_options") or {}).get("score_threshold") or 0.0
        hits = search(stores, call.queries, most=tool.get("max_num_results") or 20, threshold=threshold, condition=tool.get("filters"))
        return [_result(hit.file.attributes, hit.file.id, hit.file.filename, hit.score, hit.text, hit.file.store_id) for hit in hits]

    def _given(self, result: Found, tool: Json) -> Json:
        file_id, filename = result.file_id, result.filename
        if file_id is None:
            file_id = self._id_of(filename, tool) or self._storage.ids.file()
        elif not filename:
            known = self._storage.files.find(file_id)
            filename = known.filename if known is not None else file_id
        store_id = result.vector_store_id or tool["vector_store_ids"][0]
        return _result(result.attributes, file_id, filename, result.score, result.text, store_id)

    def _id_of(self, filename: str, tool: Json) -> str | None:
        stores = [self._storage.vector_stores.get(id) for id in tool["vector_store_ids"]]
        return next((file.id for store in stores for file in store.files.values() if file.filename == filename), None)

    # ------------------------------------------------------------------------------------------------ code

    def container(self) -> Container:
        """The one the request names, or one that a call in its input used, or a new one."""
        if self._container is None:
            self._container = self._take_container(self._tool("code_interpreter")["container"])
        return self._container

    def _take_container(self, wanted: str | Json) -> Container:
        containers = self._storage.containers
        if isinstance(wanted, str):
            return containers.usable(wanted)
        used = [item["container_id"] for item in self._items if item.get("type") == "code_interpreter_call"]
        alive = next((id for id in reversed(used) if containers.lives(id)), None)
        settings = {key: wanted[key] for key in ("memory_limit", "network_policy") if wanted.get(key)}
        container = containers.usable(alive) if alive is not None else containers.create({"name": "auto", **settings})
        for file_id in wanted.get("file_ids") or ():
            containers.add_upload(container, self._storage.files.get(file_id))
        return container

    def run(self, call: CodeInterpreter) -> list[Json]:
        """Leave the call's files in the container; its outputs, as a response shows them to a request that includes them."""
        container = self.container()
        for name, content in call.files.items():
            self._storage.containers.add(container, f"{FOLDER}/{name}", content, "assistant")
        for output in call.outputs:
            if isinstance(output, bytes):
                self._pictures.append(self._storage.containers.add_image(container, output))
        return [_output(output) for output in call.outputs]

    @property
    def shows_outputs(self) -> bool:
        return "code_interpreter_call.outputs" in self._include

    # ------------------------------------------------------------------------------------------------ citations

    def annotations(self, text: Text) -> list[Json]:
        """The text's own citations, then the pictures shown since the last text, then the files it links to."""
        own = [self._cited(given, text.text) if isinstance(given, Cite) else dict(given) for given in text.annotations]
        pictures, self._pictures = self._pictures, []
        shown = [_citation(picture, 0, 0) for picture in pictures]
        return [*own, *shown, *self._links(text.text)]

    def _links(self, text: str) -> list[Json]:
        if self._container is None:
            return []
        linked = ((self._container.at(match[1]), match) for match in _LINK.finditer(text))
        return [_citation(file, match.start(), match.end()) for file, match in linked if file is not None and file.source == "assistant"]

    def _cited(self, cite: Cite, text: str) -> Json:
        index = cite.index_in(text)
        for result in self._found:
            if cite.file in (result["file_id"], result["filename"]):
                return _file_citation(result["file_id"], result["filename"], index)
        for file in self._storage.files.stored.values():
            if cite.file in (file.id, file.filename):
                return _file_citation(file.id, file.filename, index)
        raise ValueError(f"the script cites {cite.file!r}, which neither a search of this turn nor /files has")

    def _tool(self, type: str) -> Json:
        if type not in self._tools:
            raise ValueError(f"the script uses {type}, but the request has no such tool")
        return dict(self._tools[type])


def _result(attributes: Mapping[str, Any], file_id: str, filename: str, score: float, text: str, store_id: str) -> Json:
    return {
        "attributes": dict(attributes),
        "file_id": file_id,
        "filename": filename,
        "score": score,
        "text": text,
        "vector_store_id": store_id,
    }


def _output(output: str | bytes) -> Json:
    if isinstance(output, str):
        return {"type": "logs", "logs": output}
    return {"type": "image", "url": f"data:image/png;base64,{base64.b64encode(output).decode()}"}


def _file_citation(file_id: str, filename: str, index: int) -> Json:
    return {"type": "file_citation", "file_id": file_id, "filename": filename, "index": index}


def _citation(file: ContainerFile, start: int, end: int) -> Json:
    return {
        "type": "container_file_citation",
        "container_id": file.container_id,
        "end_index": end,
        "file_id": file.id,
        "filename": PurePosixPath(file.path).name,
        "start_index": start,
    }
