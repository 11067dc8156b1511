"""What tools may use: vector stores made upstream on the way, and attachments put where their tools find them.

As the original did: a store that a thread needs for its attachments is made on the first need and expires seven days after it was
last used; an assistant's, made with its `vector_stores`, does not expire.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from assistants_compat.api.errors import ApiError
from assistants_compat.api.exchange import Request
from assistants_compat.runs.effects import Asked, Call, ConnectionLost
from assistants_compat.runs.handing_over import NotHandedOver, hand_over
from assistants_compat.runs.recovery import error_of
from assistants_compat.store import files

Json = dict[str, Any]
Calls = Generator[Asked, Any, Any]

EXPIRES: Json = {"anchor": "last_active_at", "days": 7}


def asks_for_stores(tool_resources: Json | None) -> bool:
    return "vector_stores" in ((tool_resources or {}).get("file_search") or {})


def has_attachments(messages: Sequence[Json] | None) -> bool:
    return any(message.get("attachments") for message in messages or ())


def with_stores(request: Request, tool_resources: Json | None, *, expires: bool) -> Calls:
    """The resources, with the ids of stores made upstream in the place of `vector_stores`.

    Raises:
        ApiError: what the upstream said when it would not make one.
    """
    if tool_resources is None or not asks_for_stores(tool_resources):
        return tool_resources or {}
    stores = tool_resources["file_search"]["vector_stores"]  # one at most
    if not stores:
        return {**tool_resources, "file_search": {}}
    body = {**stores[0], **({"expires_after": EXPIRES} if expires else {})}
    if body.get("file_ids"):
        body["file_ids"] = yield from _upstream_ids(request, body["file_ids"])
    made = yield from _make_store(body)
    return {**tool_resources, "file_search": {"vector_store_ids": [made]}}


def with_attachments(request: Request, tool_resources: Json, messages: Sequence[Json]) -> Calls:
    """A thread's resources once the messages' attachments are where their tools find them.

    Raises:
        ApiError: what the upstream said when it would not take a file.
    """
    wanted = [(tool["type"], a["file_id"]) for message in messages for a in message.get("attachments") or () for tool in a["tools"]]
    resources = dict(tool_resources)
    searched = list(dict.fromkeys(file_id for tool, file_id in wanted if tool == "file_search"))
    computed = [file_id for tool, file_id in wanted if tool == "code_interpreter"]
    if computed:
        before = (resources.get("code_interpreter") or {}).get("file_ids") or []
        resources["code_interpreter"] = {"file_ids": list(dict.fromkeys([*before, *computed]))}
    if searched:
        searched = yield from _upstream_ids(request, searched)
        stores = (resources.get("file_search") or {}).get("vector_store_ids") or []
        if stores:
            for file_id in searched:
                yield from _asked("POST", f"/vector_stores/{stores[0]}/files", {"file_id": file_id})
        else:
            stores = [(yield from _make_store({"file_ids": searched, "expires_after": EXPIRES}))]
        resources["file_search"] = {"vector_store_ids": stores}
    return resources


def _upstream_ids(request: Request, file_ids: Sequence[str]) -> Calls:
    """The ids that the upstream knows these files by: those that code has made it is given now."""
    with request.runtime.database.read() as connection:
        found = [file for id in file_ids if (file := files.get(connection, request.tenant, id)) is not None]
    try:
        ids = yield from hand_over(request.runtime, request.upstream.server, found)
    except NotHandedOver as refused:
        raise ApiError(str(refused), status=refused.status if refused.status >= 400 else 502, param="file_id") from None
    return [ids.get(id, id) for id in file_ids]


def _make_store(body: Json) -> Calls:
    store = yield from _asked("POST", "/vector_stores", body)
    return store["id"]


def _asked(method: str, path: str, body: Json) -> Calls:
    try:
        called = yield Call(method, path, body)
    except ConnectionLost as lost:
        raise ApiError(f"{method} {path} got no answer: {lost}.", status=503, type="server_error") from lost
    if called.status != 200 or not isinstance(called.body, dict):
        error = error_of(called.body)
        raise ApiError(
            str(error.get("message") or f"{method} {path} was answered with status {called.status}."),
            status=called.status if called.status >= 400 else 502,
            type=str(error.get("type") or "invalid_request_error"),
            param=error.get("param"),
            code=error.get("code"),
        )
    return called.body


def of_run(assistant: Json, thread: Json, own: Json | None) -> Json:
    """What a run may use, merged: the assistant's resources, or the run's own in their place, and the thread's.

    `thread_store` is the one whose files are waited for before the run begins.
    """
    base = assistant["tool_resources"] | (own or {})
    thread_stores = _ids(thread["tool_resources"], "file_search", "vector_store_ids")
    return {
        "vector_store_ids": list(dict.fromkeys([*_ids(base, "file_search", "vector_store_ids"), *thread_stores])),
        "thread_store": thread_stores[0] if thread_stores else None,
        "file_ids": list(
            dict.fromkeys([*_ids(base, "code_interpreter", "file_ids"), *_ids(thread["tool_resources"], "code_interpreter", "file_ids")])
        ),
    }


def _ids(resources: Json, tool: str, kind: str) -> list[str]:
    return (resources.get(tool) or {}).get(kind) or []
