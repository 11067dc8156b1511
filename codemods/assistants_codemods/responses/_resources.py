"""What an assistant's tools may use: `tool_resources`, and the `file_ids` of version 1.

tool_resources={"file_search": {"vector_store_ids": [store.id]}}              →  [store.id]
tool_resources={"file_search": {"vector_stores": [{"file_ids": [file.id]}]}}  →  [client.vector_stores.create(file_ids=[file.id]).id]
file_ids=[file.id]                                                            →  the same, for version 1's tool "retrieval"
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import Given, entries, expression
from assistants_codemods.flow.program import CallSite
from assistants_codemods.plan import Plan
from assistants_codemods.responses._flat_tool import Resources

_STORE = ("file_ids", "name", "metadata", "chunking_strategy", "expires_after")


def understood(plan: Plan, site: CallSite) -> bool:
    """Whether the resources given to `site`, if any, are written out and understood."""
    given = site.argument("tool_resources")
    if given is None:
        return True
    found = entries(given.node.value)
    if found is None or not set(found) <= {"file_search", "code_interpreter"}:
        return False
    search = entries(found["file_search"]) if "file_search" in found else {}
    files = entries(found["code_interpreter"]) if "code_interpreter" in found else {}
    if search is None or files is None or not set(files) <= {"file_ids"} or len(search) > 1:
        return False
    return set(search) <= {"vector_store_ids"} or ("vector_stores" in search and _helper(search["vector_stores"]) is not None)


def names_stores(site: CallSite) -> bool:
    """Whether the call says which vector stores are searched."""
    given = site.argument("tool_resources")
    search = entries((entries(given.node.value) or {}).get("file_search")) if given is not None else None
    return bool(search) or site.argument("file_ids") is not None


def resources_of(given: Given, client: cst.BaseExpression | None, is_awaited: bool) -> Resources:
    """The resources that a call is given, which have been found to be understood."""
    found = entries(given.value("tool_resources")) or {}
    search = entries(found.get("file_search")) or {}
    files = (entries(found.get("code_interpreter")) or {}).get("file_ids")
    stores = search.get("vector_store_ids")
    if "vector_stores" in search:
        stores = _made(client, _helper(search["vector_stores"]) or {}, is_awaited)
    of_version_1 = given.value("file_ids")
    if of_version_1 is not None:
        stores, files = _made(client, {"file_ids": of_version_1}, is_awaited), of_version_1
    return Resources(stores, files)


def _helper(node: cst.BaseExpression) -> dict[str, cst.BaseExpression] | None:
    """What the one store to make is made with."""
    if not isinstance(node, cst.List) or len(node.elements) != 1:
        return None
    found = entries(node.elements[0].value)
    return found if found is not None and set(found) <= set(_STORE) else None


def _made(client: cst.BaseExpression | None, given: dict[str, cst.BaseExpression], is_awaited: bool) -> cst.BaseExpression:
    assert client is not None
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    args = [cst.Arg(value.deep_clone(), keyword=cst.Name(name), equal=equal) for name, value in given.items()]
    call = cst.Call(cst.parse_expression("x.create"), args).with_changes(
        func=cst.Attribute(cst.Attribute(client.deep_clone(), cst.Name("vector_stores")), cst.Name("create"))
    )
    return expression("[(await {call}).id]" if is_awaited else "[{call}.id]", call=call)
