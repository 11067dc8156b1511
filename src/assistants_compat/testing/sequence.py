"""The event sequence of a streamed response, numbered from 0, in the order and with the keys of the real one.

There is no `[DONE]` at the end: the last event is `response.completed`, `response.incomplete` or `response.failed`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from assistants_compat.testing.composition import Composition, Made
from assistants_compat.testing.identifiers import Family

Json = dict[str, Any]
_QUOTA = "insufficient_quota"
_RATE = "rate_limit_exceeded"


def encode(event: Json) -> bytes:
    """One event as it goes over the wire. Half a surrogate pair is escaped, as there is no other way to send it."""
    data = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
    return f"event: {event['type']}\ndata: {data}\n\n".encode(errors="backslashreplace")


def events(opening: Json, composition: Composition, final: Json, ids: Family, *, obfuscate: bool) -> list[Json]:
    """`opening` is the response in progress, `final` as it ends; its status names the last event."""
    sequence: list[Json] = []
    for unnumbered in _unnumbered(opening, composition, final, ids, obfuscate):
        type = unnumbered.pop("type")
        rest = sorted({**unnumbered, "sequence_number": len(sequence)}.items())
        sequence.append({"type": type, **dict(rest)})
    return sequence


def _unnumbered(opening: Json, composition: Composition, final: Json, ids: Family, obfuscate: bool) -> Iterator[Json]:
    yield {"type": "response.created", "response": opening}
    if opening["background"]:
        yield {"type": "response.queued", "response": opening}
    yield {"type": "response.in_progress", "response": {**opening, "status": "in_progress"}}
    for index, made in enumerate(composition.made):
        yield {"type": "response.output_item.added", "item": made.opening, "output_index": index}
        place = {"item_id": made.item["id"], "output_index": index}
        if made.item["type"] == "message":
            yield from _message(made, place, ids, obfuscate)
        elif made.item["type"] == "function_call":
            yield from _deltas("response.function_call_arguments.delta", made, place, ids, obfuscate)
            yield {"type": "response.function_call_arguments.done", "arguments": made.item["arguments"], **place}
        elif made.item["type"] == "file_search_call":
            for step in ("in_progress", "searching", "completed"):
                yield {"type": f"response.file_search_call.{step}", **place}
        elif made.item["type"] == "code_interpreter_call":
            yield from _code(made, place, ids, obfuscate)
        else:
            yield from _reasoning(made, place, ids, obfuscate)
        yield {"type": "response.output_item.done", "item": made.item, "output_index": index}
    if final["status"] == "failed":
        yield {"type": "error", "error": _stream_error(final["error"])}
    yield {"type": f"response.{final['status']}", "response": final}


def _deltas(type: str, made: Made, place: Json, ids: Family, obfuscate: bool) -> Iterator[Json]:
    for delta in made.deltas:
        padding = {"obfuscation": ids.padding(delta)} if obfuscate else {}
        yield {"type": type, **place, "delta": delta, **padding}


def _message(made: Made, place: Json, ids: Family, obfuscate: bool) -> Iterator[Json]:
    part = made.item["content"][0]
    place = {**place, "content_index": 0}
    if part["type"] == "refusal":
        yield {"type": "response.content_part.added", **place, "part": {"type": "refusal", "refusal": ""}}
        yield from _deltas("response.refusal.delta", made, place, ids, obfuscate)
        yield {"type": "response.refusal.done", **place, "refusal": part["refusal"]}
        yield {"type": "response.content_part.done", **place, "part": part}
        return
    yield {"type": "response.content_part.added", **place, "part": {**part, "annotations": [], "text": ""}}
    waiting = list(enumerate(part["annotations"]))
    said = 0
    spoken = _deltas("response.output_text.delta", made, {**place, "logprobs": []}, ids, obfuscate)
    for delta, event in zip(made.deltas, spoken, strict=True):
        yield event
        said += len(delta)
        while waiting and _position(waiting[0][1], part["text"]) <= said:
            index, annotation = waiting.pop(0)
            yield {"type": "response.output_text.annotation.added", **place, "annotation": annotation, "annotation_index": index}
    yield {"type": "response.output_text.done", **place, "logprobs": [], "text": part["text"]}
    yield {"type": "response.content_part.done", **place, "part": part}


def _position(annotation: Json, text: str) -> int:
    """Recorded: the citation of a searched file comes as soon as its place is reached, those of a container's files last."""
    return int(annotation["index"]) if annotation["type"] == "file_citation" else len(text)


def _code(made: Made, place: Json, ids: Family, obfuscate: bool) -> Iterator[Json]:
    yield {"type": "response.code_interpreter_call.in_progress", **place}
    yield from _deltas("response.code_interpreter_call_code.delta", made, place, ids, obfuscate)
    yield {"type": "response.code_interpreter_call_code.done", "code": made.item["code"], **place}
    for step in ("interpreting", "completed") if made.item["status"] == "completed" else ():
        yield {"type": f"response.code_interpreter_call.{step}", **place}


def _reasoning(made: Made, place: Json, ids: Family, obfuscate: bool) -> Iterator[Json]:
    for index, part in enumerate(made.item["summary"]):
        place = {**place, "summary_index": index}
        yield {"type": "response.reasoning_summary_part.added", **place, "part": {"type": "summary_text", "text": ""}}
        yield from _deltas("response.reasoning_summary_text.delta", made, place, ids, obfuscate)
        yield {"type": "response.reasoning_summary_text.done", **place, "text": part["text"]}
        yield {"type": "response.reasoning_summary_part.done", **place, "part": part}


def _stream_error(error: Json) -> Json:
    """In its own event an error has a type and a param as well; an exhausted quota is a type of its own."""
    type = {_QUOTA: _QUOTA, _RATE: "tokens", "server_error": "server_error"}.get(error["code"], "invalid_request_error")
    return {"type": type, "code": error["code"], "message": error["message"], "param": None}
