"""Giving the upstream its own copy of a generated file, when a program uses one as it would any other file: its id is known here
only. Made once a file; programs go on to see the id they know.
"""

from __future__ import annotations

import random
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from assistants_compat.runs import recovery
from assistants_compat.runs.effects import Asked, Called, ClientClosed, ConnectionLost, InStore, Sleep, Upload
from assistants_compat.store import files

if TYPE_CHECKING:
    from assistants_compat.runs.runtime import Runtime

Json = dict[str, Any]

PURPOSE = "assistants"


class NotHandedOver(Exception):
    """The upstream did not take a file, or it is not here. The text says which, and why."""

    def __init__(self, message: str, status: int = 404) -> None:
        super().__init__(message)
        self.status = status


def named_files(request: Json) -> Iterator[str]:
    """Ids of files that a model call names: images in its input, files for its code."""
    for item in request["input"]:
        content = item.get("content")
        for part in content if isinstance(content, list) else ():
            if part["type"] == "input_image" and part.get("file_id"):
                yield part["file_id"]
    for tool in request.get("tools", ()):
        if tool["type"] == "code_interpreter":
            yield from tool["container"].get("file_ids", ())


def with_upstream_ids(request: Json, ids: Mapping[str, str]) -> Json:
    """The request as the upstream understands it."""

    def renamed(value: Any) -> Any:
        if isinstance(value, list):
            return [renamed(each) for each in value]
        if isinstance(value, dict):
            return {key: renamed_ids(key, each) for key, each in value.items()}
        return value

    def renamed_ids(key: str, value: Any) -> Any:
        if key == "file_id":
            return ids.get(value, value)
        if key == "file_ids":
            return [ids.get(id, id) for id in value]
        return renamed(value)

    tools = {"tools": renamed(request["tools"])} if "tools" in request else {}
    return {**request, **tools, "input": renamed(request["input"])}


def hand_over(runtime: Runtime, server: str, found: Iterable[files.File]) -> Generator[Asked, Any, dict[str, str]]:
    """A server's ids of generated files, which are uploaded where they have none.

    Args:
        server: the upstream's base URL.

    Raises:
        NotHandedOver: the first that cannot be.
    """
    ids: dict[str, str] = {}
    for file in found:
        if server not in file.upstream_ids:
            ids[file.id] = yield from _uploaded(runtime, file)
            set_ids = partial(files.set_upstream_ids, id=file.id, upstream_ids={**file.upstream_ids, server: ids[file.id]})
            yield InStore(partial(runtime.database.transact, set_ids))
        else:
            ids[file.id] = file.upstream_ids[server]
    return ids


_NO_SUCH_FILE = re.compile(r"No such File object: (file-\w+)")


def forget_copy(runtime: Runtime, server: str, thread_id: str, error: Json) -> str | None:
    """Where a server says that it has not got a file which was its copy of a generated one: let it be handed over again.

    Programs tidy up among the uploaded files, and copies look like any other. Returns the id that programs know the file by.
    """
    named = _NO_SUCH_FILE.search(str(error.get("message") or ""))
    if named is None:
        return None
    upstream_id = named[1]

    def forget(connection: sa.Connection) -> str | None:
        file = files.copied_as(connection, thread_id, server, upstream_id)
        if file is None:
            return None
        rest = {other: id for other, id in file.upstream_ids.items() if other != server}
        files.set_upstream_ids(connection, file.id, rest)
        return file.id

    return runtime.database.transact(forget)


def _uploaded(runtime: Runtime, file: files.File) -> Generator[Asked, Any, str]:
    blob = runtime.blobs.path(file.id)
    if not file.copied or not blob.is_file():
        raise NotHandedOver(f"The file {file.id} is not available. {file.body['status_details'] or 'Its bytes are missing.'}")
    name = str(file.body["filename"]).rpartition("/")[2]
    attempt = 0
    while True:
        attempt += 1
        try:
            called: Called = yield Upload("/files", {"purpose": PURPOSE}, name, blob)
        except ConnectionLost as lost:
            called = Called(503, {"error": {"message": str(lost)}})
        except ClientClosed:
            raise
        except Exception as unexpected:
            raise NotHandedOver(f"The file {file.id} could not be uploaded: {type(unexpected).__name__}: {unexpected}") from unexpected
        if called.status == 200 and isinstance(called.body, dict):
            return str(called.body["id"])
        error = recovery.error_of(called.body)
        verdict = recovery.decide(called.status, called.headers, error, attempt, runtime.settings.max_retries, random.random())
        if not isinstance(verdict, recovery.Wait):
            why = str(error.get("message") or f"status {called.status}")
            raise NotHandedOver(f"The file {file.id} could not be uploaded: {why}", called.status)
        yield Sleep(verdict.seconds)


def in_request(runtime: Runtime, server: str, thread_id: str, request: Json) -> Generator[Asked, Any, Json]:
    """A model call with the upstream's ids in the place of generated files'. Raises NotHandedOver."""
    named: Sequence[str] = list(dict.fromkeys(named_files(request)))
    if not named:
        return request

    def among() -> list[files.File]:
        with runtime.database.read() as connection:
            return files.among(connection, thread_id, named)

    found = yield InStore(among)
    return with_upstream_ids(request, (yield from hand_over(runtime, server, found))) if found else request
