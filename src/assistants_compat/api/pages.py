"""Lists as the API sends them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assistants_compat.api.errors import not_found
from assistants_compat.api.exchange import Reply
from assistants_compat.store.pages import Cut, UnknownCursor

Json = dict[str, Any]


def listing(kind: str, query: Mapping[str, Any], fetch: Callable[[Cut], tuple[list[Json], bool]]) -> Reply:
    """A page in its envelope, keys in the recorded order; an empty one has null ids.

    Raises:
        ApiError: a cursor that names nothing in this list (inferred: the sentence of an unknown object).
    """
    cut = Cut(query["limit"], query["order"], query["after"], query["before"])
    try:
        data, more = fetch(cut)
    except UnknownCursor as unknown:
        raise not_found(kind, str(unknown)) from None
    return Reply(envelope(data, more))


def envelope(data: list[Json], has_more: bool) -> Json:
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": has_more,
    }


def deleted(kind: str, id: str) -> Reply:
    """The stub that a DELETE answers with."""
    return Reply({"id": id, "object": f"{kind}.deleted", "deleted": True})
