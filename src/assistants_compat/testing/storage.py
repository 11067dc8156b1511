"""Everything the upstream keeps besides responses: files, vector stores, containers, conversations. Each lives as long as the instance."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from assistants_compat.testing.containers import Containers
from assistants_compat.testing.conversations import Conversations
from assistants_compat.testing.files import Files
from assistants_compat.testing.identifiers import Identifiers
from assistants_compat.testing.memory import Memory
from assistants_compat.testing.multipart import Form
from assistants_compat.testing.rejection import Rejected
from assistants_compat.testing.replies import Send, UpstreamReply, error_reply, json_reply, usual_headers
from assistants_compat.testing.search_index import text_of
from assistants_compat.testing.storage_call import Call, Download
from assistants_compat.testing.vector_store_routes import VectorStores

_IMAGE = "data:image"


class Storage:
    def __init__(self, ids: Identifiers, clock: Callable[[], float] = time.time, memory: Memory | None = None) -> None:
        self.ids = ids
        self.files = Files(clock, ids, lambda id: self.vector_stores.forget_file(id))
        self.vector_stores = VectorStores(clock, ids, self.files)
        self.containers = Containers(clock, ids, self.files)
        self.conversations = Conversations(clock, ids, memory or Memory())

    def reply(self, method: str, path: str, route: str, body: Any, form: Form | None, rest: str = "") -> UpstreamReply | None:
        """None for what is no resource of this kind. `rest` is the header `Range`."""
        call = Call.of(method, path, route, body, form)
        resources: dict[str, Files | VectorStores | Containers | Conversations] = {
            "files": self.files,
            "vector_stores": self.vector_stores,
            "containers": self.containers,
            "conversations": self.conversations,
        }
        resource = call.path[0]
        if resource not in resources:
            return None
        headers = usual_headers(self.ids.request())
        try:
            answer = resources[resource].answer(call)
        except Rejected as rejected:
            return error_reply(rejected.error, headers["x-request-id"], detail=resource == "files")
        if answer is None:
            return None
        if isinstance(answer, Download):
            return _download(answer, headers, rest)
        return json_reply(200, answer, headers)

    def inlined(self, value: Any) -> Any:
        """Input items with the files they name in place of the ids, for counting."""
        if isinstance(value, list):
            return [self.inlined(inner) for inner in value]
        if not isinstance(value, Mapping):
            return value
        if value.get("type") == "input_image" and value.get("file_id"):
            return {"type": "input_image", "image_url": _IMAGE}
        if value.get("type") == "input_file" and value.get("file_id"):
            file = self.files.find(str(value["file_id"]))
            return {"type": "input_file", "text": (text_of(file.content) if file is not None else None) or _IMAGE}
        return {key: self.inlined(inner) for key, inner in value.items()}


_REST = re.compile(r"bytes=(\d+)-")


def _download(answer: Download, headers: Mapping[str, str], asked: str) -> UpstreamReply:
    """All of it, or from a byte on. That the API answers to `Range` is inferred: whoever asks has to take all of it as well."""
    rest = _REST.fullmatch(asked)
    whole = {**headers, **answer.headers}
    if rest is None:
        return UpstreamReply(200, whole, (Send(answer.content),))
    start, size = int(rest[1]), len(answer.content)
    if start >= size:
        return UpstreamReply(416, {**headers, "content-range": f"bytes */{size}", "content-length": "0"}, ())
    content = answer.content[start:]
    part = {**whole, "content-range": f"bytes {start}-{size - 1}/{size}", "content-length": str(len(content))}
    return UpstreamReply(206, part, (Send(content),))
