"""What this version does not do yet, refused in a sentence that says so, before anything is written."""

from __future__ import annotations

from typing import Any

from assistants_compat.api.errors import ApiError

Json = dict[str, Any]

_UNTIL = "assistants-compat does not support {what} yet. See docs/compatibility.md."


def _not_yet(what: str, param: str) -> ApiError:
    return ApiError(_UNTIL.format(what=what), param=param, code="unsupported_parameter")


def refuse_vector_store_creation(tool_resources: Json | None, param: str) -> None:
    """`vector_stores` would have to be made upstream."""
    if tool_resources and "vector_stores" in (tool_resources.get("file_search") or {}):
        raise _not_yet("making vector stores (create one with client.vector_stores)", f"{param}.file_search.vector_stores")


def refuse_attachments(message: Json, param: str) -> None:
    if message.get("attachments"):
        raise _not_yet("message attachments", f"{param}attachments")


def refuse_run(run: Json) -> None:
    """A run that would need a tool that is not there yet."""
    for index, tool in enumerate(run["tools"]):
        if tool["type"] == "file_search":
            raise _not_yet("runs with the tool 'file_search'", f"tools[{index}].type")
    if any((run["tool_resources"].get("code_interpreter") or {}).get("file_ids") or ()):
        raise _not_yet("files for the code interpreter", "tool_resources.code_interpreter.file_ids")
