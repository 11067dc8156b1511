"""Pages of a list: `limit`, `order`, `after` and `before`, and the envelope around them.

The envelope's key order differs: containers have has_more before last_id, the rest after it. That of /files is inferred.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistants_compat.testing.rejection import Rejected, invalid_type, one_of, out_of_range

Json = dict[str, Any]


def page(items: Sequence[Json], query: Mapping[str, str], *, default: int = 20, most: int = 100, last_id_last: bool = False) -> Json:
    """`items` come oldest first; the newest comes first unless asked for otherwise."""
    limit = _limit(query.get("limit"), default, most)
    order = query.get("order") or "desc"
    one_of("order", order, ("asc", "desc"))
    rows = list(items) if order == "asc" else list(items)[::-1]
    if query.get("after"):
        rows = rows[_position(rows, "after", query["after"]) + 1 :]
    if query.get("before"):
        rows = rows[: _position(rows, "before", query["before"])]
        shown = rows[-limit:]
    else:
        shown = rows[:limit]
    first = {"first_id": shown[0]["id"] if shown else None}
    last = {"last_id": shown[-1]["id"] if shown else None}
    more = {"has_more": len(shown) < len(rows)}
    tail = {**first, **more, **last} if last_id_last else {**first, **last, **more}
    return {"object": "list", "data": shown, **tail}


def _limit(given: str | None, default: int, most: int) -> int:
    if given is None:
        return default
    if not given.lstrip("-").isdigit():
        raise invalid_type("limit", "an integer", given)
    limit = int(given)
    if not 1 <= limit <= most:
        raise out_of_range("limit", limit, 1 if limit < 1 else most, below=limit < 1)
    return limit


def _position(rows: Sequence[Json], name: str, id: str) -> int:
    """The sentence about an unknown cursor is inferred."""
    for index, row in enumerate(rows):
        if row["id"] == id:
            return index
    raise Rejected(f"Invalid '{name}': no object found with id '{id}'.", code="invalid_value", param=name)
