"""Which files and vector stores of the upstream an object names. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistants_compat.transfer.kinds import KindName

Json = dict[str, Any]


def references(name: KindName, body: Json) -> Iterator[tuple[str, str]]:
    """Pairs of a kind, `file` or `vector_store`, and an id. Of a run's and its steps' only what a program may still ask for."""
    for resources in (body.get("tool_resources") or {}).values():
        yield from (("file", id) for id in resources.get("file_ids") or ())
        yield from (("vector_store", id) for id in resources.get("vector_store_ids") or ())
    if name == "message":
        yield from (("file", attachment["file_id"]) for attachment in body.get("attachments") or ())
        for part in body.get("content") or ():
            yield from (("file", id) for id in _of_part(part))
    elif name == "step":
        for call in body["step_details"].get("tool_calls") or ():
            yield from (("file", id) for id in _images(call))


def _of_part(part: Json) -> Iterator[str]:
    if part["type"] == "image_file":
        yield part["image_file"]["file_id"]
    elif part["type"] == "text":
        for annotation in part["text"]["annotations"]:
            named = annotation.get(annotation["type"])
            if isinstance(named, dict) and isinstance(named.get("file_id"), str):
                yield named["file_id"]


def _images(call: Json) -> Iterator[str]:
    code = call.get("code_interpreter")
    for output in code.get("outputs") or () if isinstance(code, dict) else ():
        image = output.get("image") if isinstance(output, dict) else None
        if isinstance(image, dict) and isinstance(image.get("file_id"), str):
            yield image["file_id"]
