"""Output items and what is in them in the Responses API's form, from whatever form a server gives them. Pure.

What has that form already is returned as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def output_item(given: Any) -> Json | None:
    """An output item; None where it is none."""
    if not isinstance(given, dict):
        return None
    item: Json = given
    if isinstance(item.get("type"), str):
        return item
    return {**item, "type": "message"} if item.get("role") == "assistant" else None


def parts_of(content: Any) -> list[Json]:
    """A message's text and refusals in the Responses API's form; the list itself where it is that already."""
    if isinstance(content, str):
        content = [{"type": "output_text", "text": content}]
    parts = [part_of(part) for part in content or ()]
    return [part for part in parts if part is not None]


def part_of(given: Any) -> Json | None:
    """A text or a refusal; None for any other part."""
    if not isinstance(given, dict):
        return None
    part: Json = given
    if part.get("type") == "refusal":
        return part if isinstance(part.get("refusal"), str) else None
    if part.get("type") not in ("output_text", "text") or not isinstance(part.get("text"), str):
        return None
    part = part if part["type"] == "output_text" else {**part, "type": "output_text"}
    if not part.get("annotations"):
        return part
    told = [annotation_of(one, len(part["text"])) for one in part["annotations"]]
    kept = [one for one in told if one is not None]
    return part if kept == part["annotations"] else {**part, "annotations": kept}


def annotation_of(annotation: Any, place: int) -> Json | None:
    """An annotation; a citation without a place in the text gets `place`. None where it is none."""
    if not isinstance(annotation, dict) or not isinstance(annotation.get("type"), str):
        return None
    if annotation["type"] == "container_file_citation":
        return _file_of_container(annotation)
    if annotation["type"] != "file_citation":
        return annotation
    if not isinstance(annotation.get("file_id"), str):
        return None
    return annotation if isinstance(annotation.get("index"), int) else {**annotation, "index": place}


def _file_of_container(citation: Json) -> Json | None:
    """A citation of a file that code made; None where it does not say where the file is. One without a place in the text has 0, 0."""
    if not (isinstance(citation.get("container_id"), str) and isinstance(citation.get("file_id"), str)):
        return None
    right: Json = {}
    if not all(isinstance(citation.get(name), int) for name in ("start_index", "end_index")):
        right = {"start_index": 0, "end_index": 0}
    if not isinstance(citation.get("filename"), str | None):
        right["filename"] = None
    return {**citation, **right} if right else citation


def ended_call(item: Json) -> Json:
    """A call of a tool of the server's with what came of it: what is none is left out. The item itself where all is well."""
    name, read = _RESULTS.get(item["type"], ("", list))
    if not item.get(name):
        return item
    right = read(item[name])
    return item if item[name] == right else {**item, name: right}


def search_results(results: Any) -> list[Json]:
    """What a file search found, with blanks for what the server does not say."""
    blank = {"filename": "", "score": 0.0, "text": ""}
    named = [result for result in _list(results) if isinstance(result, dict) and isinstance(result.get("file_id"), str)]
    return [{**result, **{name: value for name, value in blank.items() if result.get(name) is None}} for result in named]


def code_outputs(outputs: Any) -> list[Json]:
    """What code printed and drew, from outputs that may not say which of both they are."""
    found = []
    for output in _list(outputs):
        if not isinstance(output, dict):
            continue
        kind = next((kind for kind, name in _OUTPUTS.items() if isinstance(output.get(name), str)), None)
        if kind is not None and output.get("type", kind) == kind:
            found.append(output if "type" in output else {**output, "type": kind})
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


_OUTPUTS = {"logs": "logs", "image": "url"}
_RESULTS: dict[str, tuple[str, Callable[[Any], list[Json]]]] = {
    "file_search_call": ("results", search_results),
    "code_interpreter_call": ("outputs", code_outputs),
}


def said(part: Json) -> str:
    """The words of a part."""
    return str(part.get("text") or part.get("refusal") or "")


def usage_of(usage: Any) -> Json | None:
    """The counts that a run needs; Chat Completions' names for them are understood."""
    if not isinstance(usage, dict):
        return None
    names = {"input_tokens": "prompt_tokens", "output_tokens": "completion_tokens"}
    if all(isinstance(usage.get(name), int) for name in (*names, "total_tokens")):
        return usage
    counts = {name: _count(usage.get(name)) or _count(usage.get(other)) for name, other in names.items()}
    return {**usage, **counts, "total_tokens": _count(usage.get("total_tokens")) or sum(counts.values())}


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) else 0


def is_json(text: str) -> bool:
    """Whether a call's arguments are whole."""
    try:
        json.loads(text or "{}")
    except ValueError:
        return False
    return True
