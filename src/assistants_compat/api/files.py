"""/files, for the files that the code interpreter made and nothing else: whatever is not one of them is passed on.

The original kept them among the uploaded files, with the purpose `assistants_output` and their path in the container as the filename
(reported); keys and the reply to a DELETE are as recorded.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Mapping
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from assistants_compat.api.errors import ApiError
from assistants_compat.api.exchange import Answer, Blob, Errand, PassOn, Reply, Request
from assistants_compat.runs.copying import try_again
from assistants_compat.runs.effects import Call, Called
from assistants_compat.store import files
from assistants_compat.store.database import StoreError
from assistants_compat.store.pages import Cut, UnknownCursor

Json = dict[str, Any]
logger = logging.getLogger("assistants_compat")

PURPOSE = "assistants_output"
_MOST = 10_000  # in a list, as documented; also the default


def retrieve(request: Request, file_id: str) -> Answer:
    file = _ours(request, file_id)
    return PassOn() if file is None else Reply(file.body)


def content(request: Request, file_id: str) -> Answer:
    """The bytes. A file whose copy had failed is fetched now, if its container still lives."""
    file = _ours(request, file_id)
    if file is None:
        return PassOn()
    if not file.copied:
        return Errand(_fetched(request, file))
    return _blob(request, file)


def _fetched(request: Request, file: files.File) -> Generator[Any, Any, Blob]:
    if file.source["file_id"] is None:  # an image that came with the call's outputs, and could not be written then
        raise _not_here(file.id, str(file.body["status_details"]))
    file = yield from try_again(request.runtime, file)
    if not file.copied:
        raise _not_here(file.id, str(file.body["status_details"]))
    return _blob(request, file)


def _blob(request: Request, file: files.File) -> Blob:
    path = request.runtime.blobs.path(file.id)
    try:
        opened = path.open("rb")  # now: it may be deleted while it is read
    except OSError as error:
        raise _not_here(file.id, f"Its bytes are missing from {path.parent}: {error.strerror}.") from None
    return Blob(opened, str(file.body["filename"]), os.fstat(opened.fileno()).st_size)


def _not_here(file_id: str, details: str) -> ApiError:
    return ApiError(f"The content of file {file_id} is not available. {details}", status=404, param="id")


def delete(request: Request, file_id: str) -> Answer:
    """Deleted here, and where the upstream was given a copy, there."""
    file = _ours(request, file_id)
    if file is None:
        return PassOn()
    found = request.runtime.database.transact(lambda connection: files.delete(connection, request.tenant, file_id))
    if not found:  # somebody else was faster
        return PassOn()
    request.runtime.blobs.delete(file_id)
    reply = Reply({"object": "file", "deleted": True, "id": file_id})
    copy = file.upstream_ids.get(request.upstream.server)
    return reply if copy is None else Errand(_copy_deleted(file_id, copy, reply))


def _copy_deleted(file_id: str, copy: str, reply: Reply) -> Generator[Call, Called, Reply]:
    try:
        called = yield Call("DELETE", f"/files/{copy}")
        failed = None if called.status in (200, 404) else f"status {called.status}"
    except Exception as error:  # noqa: BLE001 - no connection, or a hook's of the program's: the file itself is deleted
        failed = str(error)
    if failed is not None:
        logger.warning("file %s is deleted, but the upstream's copy of it, %s, is not: %s", file_id, copy, failed)
    return reply


def list_(request: Request) -> Answer:
    """The upstream's files, and with them the generated ones: together, before the others, or after them in ascending order.

    A page that begins after one of the upstream's files in descending order has none of them, and is passed on.
    """
    query = dict(request.query)
    asked = _asked(query)
    if asked is None:
        return PassOn()
    try:
        with request.runtime.database.read() as connection:
            if not request.shares_upstream and not files.exist(connection, request.tenant):
                return PassOn()
            after = asked.after
            if after is not None and files.get(connection, request.tenant, after) is None:
                if asked.order == "desc":
                    return PassOn()
                asked = Cut(asked.limit, asked.order)
            own, more = files.list_page(connection, request.tenant, asked)
    except (StoreError, sa.exc.SQLAlchemyError, UnknownCursor) as error:
        return _without_store(request, error)
    if request.shares_upstream:
        return Reply(_page({"object": "list"}, own, more))
    ours_only = after is not None and asked.after is not None
    return Errand(_merged(query, asked, own, more, after_own=ours_only))


def _asked(query: Mapping[str, str]) -> Cut | None:
    """The part that is asked for; None where it cannot have generated files in it, or is for the upstream to refuse."""
    limit, order = query.get("limit") or str(_MOST), query.get("order") or "desc"
    if query.get("purpose") not in (None, "", PURPOSE) or order not in ("asc", "desc"):
        return None
    if not limit.isdecimal() or not 1 <= int(limit) <= _MOST:
        return None
    return Cut(int(limit), order, query.get("after") or None)


def _merged(
    query: Mapping[str, str], asked: Cut, own: list[Json], more: bool, *, after_own: bool
) -> Generator[Call, Called, Reply | PassOn]:
    """One page of both lists, one after the other. What the upstream refuses it refuses itself, by the request passed on."""
    ascending = asked.order == "asc"
    if after_own and (ascending or more):
        return Reply(_page({"object": "list"}, own, more))
    theirs = {name: value for name, value in query.items() if not (after_own and name == "after")}
    try:
        called = yield Call("GET", "/files" + (f"?{urlencode(theirs)}" if theirs else ""))
    except Exception:  # noqa: BLE001 - whatever it was: the request passed on has it from the upstream itself, or from the hook
        return PassOn()
    if called.status != 200 or not isinstance(called.body, dict) or not isinstance(called.body.get("data"), list):
        return PassOn()
    first, then = (called.body["data"], own) if ascending else (own, called.body["data"])
    if ascending and called.body.get("has_more"):
        then = []
    data = [*first, *then]
    return Reply(_page(called.body, data[: asked.limit], len(data) > asked.limit or more or bool(called.body.get("has_more"))))


def _page(envelope: Json, data: list[Json], has_more: bool) -> Json:
    ends = {"first_id": data[0]["id"] if data else None, "last_id": data[-1]["id"] if data else None}
    return {**envelope, "data": data, **ends, "has_more": has_more}


def _ours(request: Request, file_id: str) -> files.File | None:
    try:
        with request.runtime.database.read() as connection:
            return files.get(connection, request.tenant, file_id)
    except (StoreError, sa.exc.SQLAlchemyError) as error:
        _without_store(request, error)
        return None


def _without_store(request: Request, error: Exception) -> PassOn:
    """A store that fails must not stand in the way of files that it has nothing to do with."""
    request.runtime.warn_once("files without store", f"requests for files are passed on, for the store cannot be read: {error}")
    return PassOn()
