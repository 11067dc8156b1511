"""Fields of recorded objects, whatever a recording has in their place: what has not the form that the API gave it is absent. Pure."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def inside(value: Any, *keys: str) -> Any:
    """What is at the end of the keys; None where the way there is not of objects."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def objects(value: Any, *keys: str) -> list[Json]:
    """The objects of a list."""
    found = inside(value, *keys)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def text(value: Any, *keys: str) -> str:
    """A text; "" where there is none."""
    found = inside(value, *keys)
    return found if isinstance(found, str) else ""


def number(value: Any, *keys: str) -> float:
    """A number; 0 where there is none."""
    found = inside(value, *keys)
    return found if isinstance(found, (int, float)) and not isinstance(found, bool) else 0
