"""Streams with pieces of the same thing put together: how a function's arguments or code come in pieces is up to the model. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from typing import Any

Json = dict[str, Any]
Event = tuple[str, Any]


def merged(events: Iterable[Event]) -> Iterator[Event]:
    """The events, with pieces of text, arguments and code that follow each other as one."""
    last: Event | None = None
    for name, data in events:
        if last is not None and name == last[0] and name.endswith(".delta") and _join(last[1], data):
            continue
        if last is not None:
            yield last
        last = (name, deepcopy(data))
    if last is not None:
        yield last


def _join(one: Any, other: Any) -> bool:
    """Add a further piece to what is there; False where `other` is none, or has anything else in it."""
    before, more = _part(one), _part(other)
    if before is None or more is None or one.get("id") != other.get("id") or before.get("index") != more.get("index"):
        return False
    for kind, text, form in _PIECES:
        so_far, added = before.get(kind), more.get(kind)
        if not isinstance(so_far, dict) or not isinstance(added, dict):
            continue
        whole, piece = so_far.get(text), added.get(text)
        # The first piece of a call carries its name, and stays by itself.
        if (
            isinstance(whole, str)
            and isinstance(piece, str)
            and "id" not in before
            and _is_alike(other, form(other["id"], more["index"], piece))
        ):
            so_far[text] = whole + piece
            return True
    return False


def _text(id: str, index: int, piece: str) -> Json:
    content = [{"index": index, "type": "text", "text": {"value": piece}}]
    return {"id": id, "object": "thread.message.delta", "delta": {"content": content}}


def _call(kind: str, name: str) -> Callable[[str, int, str], Json]:
    def form(id: str, index: int, piece: str) -> Json:
        details = {"type": "tool_calls", "tool_calls": [{"index": index, "type": kind, kind: {name: piece}}]}
        return {"id": id, "object": "thread.run.step.delta", "delta": {"step_details": details}}

    return form


# What a further piece is of, where in that its text is, and all that it consists of.
_PIECES: tuple[tuple[str, str, Callable[[str, int, str], Json]], ...] = (
    ("text", "value", _text),
    ("function", "arguments", _call("function", "arguments")),
    ("code_interpreter", "input", _call("code_interpreter", "input")),
)


def _is_alike(one: Json, other: Json) -> bool:
    """With the order of keys."""
    return json.dumps(one) == json.dumps(other)


def _part(data: Any) -> Json | None:
    """The one part that a delta is about."""
    delta = data.get("delta") if isinstance(data, dict) else None
    if not isinstance(delta, dict):
        return None
    details = delta.get("step_details")
    parts = details.get("tool_calls") if isinstance(details, dict) else delta.get("content")
    return parts[0] if isinstance(parts, list) and len(parts) == 1 and isinstance(parts[0], dict) else None
