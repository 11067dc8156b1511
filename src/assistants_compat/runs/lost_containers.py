"""A container that is gone: what ran in it is told in words from then on, and the files it left are there again in the next one.

Containers end twenty minutes after they were last used, which the upstream says when a call that ran in one is sent again.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from assistants_compat.runs.effects import Asked, InStore
from assistants_compat.runs.handing_over import NotHandedOver, hand_over
from assistants_compat.store import files, items

if TYPE_CHECKING:
    from assistants_compat.runs.runtime import Runtime

Json = dict[str, Any]

MOST_FILES = 50
"""What a container takes, as documented; the newest go in."""


def give_up(connection: sa.Connection, thread_id: str, container_id: str | None) -> None:
    """Remember that a container, or every one that the thread has used, is gone."""
    lost: dict[str, str] = {}  # container → its last call
    for call in items.code_calls(connection, thread_id):
        container = call.body["container_id"]
        if container_id in (None, container) and not call.extra.get("expired"):
            items.set_extra(connection, call.id, {"expired": True})
            lost[container] = call.id
    left: dict[str, list[str]] = {}
    for file in files.made_in(connection, thread_id):
        container = file.source["container_id"]
        if container in lost and file.source["file_id"] is not None:  # an image that was only shown was never a file to the code
            files.set_source(connection, file.id, {**file.source, "lost": True})
            left.setdefault(container, []).append(PurePosixPath(file.body["filename"]).name)
    for container, names in left.items():
        items.set_extra(connection, lost[container], {"expired": True, "files": list(dict.fromkeys(names))})


def with_files_left(runtime: Runtime, server: str, thread_id: str, request: Json) -> Generator[Asked, Any, Json]:
    """A model call whose code finds what the code of lost containers had left: of each path the newest, and as many as fit.

    A file that the upstream does not take is missed by the code, and told in a warning: the thread goes on without it.
    """
    if not any(tool["type"] == "code_interpreter" for tool in request.get("tools", ())):
        return request

    def lost_files() -> list[files.File]:
        with runtime.database.read() as connection:
            return [file for file in files.made_in(connection, thread_id) if file.source.get("lost")]

    newest = {file.body["filename"]: file for file in (yield InStore(lost_files))}
    own = next(tool["container"].get("file_ids", []) for tool in request["tools"] if tool["type"] == "code_interpreter")
    room = max(0, MOST_FILES - len(own))
    found = [file for file in newest.values() if file.upstream_ids.get(server) not in own]
    more: list[str] = []
    for file in found[len(found) - room :] if len(found) > room else found:
        try:
            more += (yield from hand_over(runtime, server, [file])).values()
        except NotHandedOver as refused:
            name = PurePosixPath(file.body["filename"]).name
            runtime.warn_once(
                f"lost {file.id}", f"code in thread {thread_id} goes on without {name}, made in a session that has ended: {refused}"
            )
    if not more:
        return request

    def restocked(tool: Json) -> Json:
        if tool["type"] != "code_interpreter":
            return tool
        return {**tool, "container": {**tool["container"], "file_ids": [*own, *more]}}

    return {**request, "tools": [restocked(tool) for tool in request["tools"]]}
