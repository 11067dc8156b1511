"""Streams with pieces of the same thing put together: how a function's arguments or code come in pieces is up to the model. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


# What a further piece consists of, and where in it the text is.
_PIECES = (
    (frozenset({"index", "type", "text"}), "text", "value"),
    (frozenset({"index", "type", "function"}), "function", "arguments"),
    (frozenset({"index", "type", "code_interpreter"}), "code_interpreter", "input"),
)


def _join(one: Any, other: Any) -> bool:
    """Add a further piece to what is there; False where `other` is none, or not of the same thing."""
    before, more = _part(one), _part(other)
    if before is None or more is None or one.get("id") != other.get("id") or before.get("index") != more.get("index"):
        return False
    for keys, part, text in _PIECES:
        if set(more) == keys and isinstance(more[part], dict) and set(more[part]) == {text}:
            so_far = before.get(part)
            # The first piece of a call carries its name, and stays by itself.
            if isinstance(so_far, dict) and isinstance(so_far.get(text), str) and isinstance(more[part][text], str) and "id" not in before:
                so_far[text] += more[part][text]
                return True
    return False


def _part(data: Any) -> Json | None:
    """The one part that a delta is about."""
    if not isinstance(data, dict) or not isinstance(data.get("delta"), dict):
        return None
    parts = data["delta"].get("content")
    if parts is None:
        parts = (data["delta"].get("step_details") or {}).get("tool_calls")
    return parts[0] if isinstance(parts, list) and len(parts) == 1 and isinstance(parts[0], dict) else None
