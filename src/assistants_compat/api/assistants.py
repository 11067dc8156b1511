"""/assistants"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from assistants_compat.api import resources
from assistants_compat.api.errors import not_found
from assistants_compat.api.exchange import Errand, Reply, Request
from assistants_compat.api.pages import deleted, listing
from assistants_compat.api.parameters import CREATE_ASSISTANT, LIST_ASSISTANTS, MODIFY_ASSISTANT
from assistants_compat.ids import new_id
from assistants_compat.store import assistants

Json = dict[str, Any]

# In wire order, each with what it is when it is not given, or given as null.
_DEFAULTS: tuple[tuple[str, Any], ...] = (
    ("name", None),
    ("description", None),
    ("model", None),
    ("instructions", None),
    ("tools", []),
    ("top_p", 1.0),
    ("temperature", 1.0),
    ("reasoning_effort", None),
    ("tool_resources", {}),
    ("metadata", {}),
    ("response_format", "auto"),
)


def create(request: Request) -> Reply | Errand:
    given = CREATE_ASSISTANT.check(request.body())
    if resources.asks_for_stores(given.get("tool_resources")):
        return Errand(_create_with_stores(request, given))
    return _created(request, given)


def _create_with_stores(request: Request, given: Json) -> resources.Calls:
    made = yield from resources.with_stores(request, given["tool_resources"], expires=False)
    return _created(request, {**given, "tool_resources": made})


def _created(request: Request, given: Json) -> Reply:
    assistant: Json = {"id": new_id("asst"), "object": "assistant", "created_at": request.runtime.now()}
    for name, default in _DEFAULTS:
        value = given.get(name)
        assistant[name] = default if value is None else value
    _show_resources(assistant)
    request.runtime.database.transact(lambda connection: assistants.insert(connection, request.tenant, assistant))
    return Reply(assistant)


def retrieve(request: Request, assistant_id: str) -> Reply:
    with request.runtime.database.read() as connection:
        assistant = assistants.get(connection, request.tenant, assistant_id)
    if assistant is None:
        raise not_found("assistant", assistant_id)
    return Reply(assistant)


def modify(request: Request, assistant_id: str) -> Reply:
    given = MODIFY_ASSISTANT.check(request.body())

    def modified(connection: sa.Connection) -> Json:
        assistant = assistants.get(connection, request.tenant, assistant_id, to_write=True)
        if assistant is None:
            raise not_found("assistant", assistant_id)
        for name, default in _DEFAULTS:
            if name in given and not (name == "model" and given[name] is None):
                assistant[name] = default if given[name] is None else given[name]
        _show_resources(assistant)
        assistants.replace(connection, request.tenant, assistant)
        return assistant

    return Reply(request.runtime.database.transact(modified))


def delete(request: Request, assistant_id: str) -> Reply:
    if not request.runtime.database.transact(lambda connection: assistants.delete(connection, request.tenant, assistant_id)):
        raise not_found("assistant", assistant_id)
    return deleted("assistant", assistant_id)


def list_(request: Request) -> Reply:
    query = LIST_ASSISTANTS.check(request.query)
    with request.runtime.database.read() as connection:
        return listing("assistant", query, lambda cut: assistants.list_page(connection, request.tenant, cut))


def _show_resources(assistant: Json) -> None:
    """An assistant with a code interpreter shows its files, even none, and these after what was given (recorded)."""
    if any(tool["type"] == "code_interpreter" for tool in assistant["tools"]):
        given = assistant["tool_resources"]
        assistant["tool_resources"] = {**given, "code_interpreter": given.get("code_interpreter", {"file_ids": []})}
