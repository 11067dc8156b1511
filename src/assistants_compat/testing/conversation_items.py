"""/conversations/{id}/items: added, listed, looked at, taken out.

Recorded: the lists, newest first, with the keys in this order. Reported: that hosted calls need their id, that a reasoning item
with nothing in it is an `Invalid item`, and, of another server that was compared with the API, that an id the API knows stands for
the stored item and that one which is in the conversation already is refused. Documented: that deleting answers with the conversation.
Inferred: the words for an item that is not there, and that an unknown id is kept as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistants_compat.testing.conversation import Conversation
from assistants_compat.testing.identifiers import Family
from assistants_compat.testing.memory import Memory
from assistants_compat.testing.paging import page
from assistants_compat.testing.rejection import Rejected, array_too_long, empty_array, invalid_type, only_keys, required
from assistants_compat.testing.storage_call import Answer, Call
from assistants_compat.testing.stored_items import shown, stored
from assistants_compat.testing.strict_input import check_item, item_type

Json = dict[str, Any]
MOST_ITEMS = 20
"""In one call; a conversation has no bound."""


def answer_items(conversation: Conversation, call: Call, rest: Sequence[str], memory: Memory, family: Family) -> Answer | None:
    include = call.include()
    match (call.method, *rest):
        case ("POST",):
            return _add(conversation, call, memory, family)
        case ("GET",):
            return page([shown(item, include) for item in conversation.items], call.query, last_id_last=True)
        case ("GET", id):
            return shown(_find(conversation, id), include)
        case ("DELETE", id):
            item = _find(conversation, id)
            conversation.check_free()
            conversation.items.remove(item)
            return conversation.shown()
    return None


def checked_items(given: Any, conversation: Conversation, memory: Memory, family: Family) -> list[Json]:
    """The items as they are to be kept; Rejected for the first that the API would not take."""
    if not isinstance(given, list):
        raise invalid_type("items", "an array of objects", given)
    if len(given) > MOST_ITEMS:
        raise array_too_long("items", MOST_ITEMS, len(given))
    seen = {item["id"] for item in conversation.items}
    found = []
    for index, item in enumerate(given):
        check_item(f"items[{index}]", item)
        if item_type(item) == "reasoning" and not any(item.get(key) for key in ("id", "summary", "content", "encrypted_content")):
            raise Rejected("Invalid item", code="invalid_item", param="item")
        kept = _kept(item, memory, family)
        if kept["id"] in seen:
            sentence = f"Duplicate item found with id {kept['id']}. Remove duplicate items from your input and try again."
            raise Rejected(sentence, code=None, param="items")
        seen.add(kept["id"])
        found.append(kept)
    return found


def _add(conversation: Conversation, call: Call, memory: Memory, family: Family) -> Json:
    only_keys("", call.json, ("items",))
    required("", call.json, "items")
    if call.json["items"] == []:
        raise empty_array("items")
    items = checked_items(call.json["items"], conversation, memory, family)
    conversation.check_free()
    conversation.items.extend(items)
    memory.know(items)
    include = call.include()
    ends = {"first_id": items[0]["id"], "has_more": False, "last_id": items[-1]["id"]}
    return {"object": "list", "data": [shown(item, include) for item in items], **ends}


def _kept(item: Json, memory: Memory, family: Family) -> Json:
    known = memory.items.get(item.get("id") or "")
    if known is not None:
        return known
    if item_type(item) == "item_reference":
        raise Rejected(f"Item with id '{item['id']}' not found.", code=None, param="items", status=404)
    return stored(item, family.direct)


def _find(conversation: Conversation, id: str) -> Json:
    for item in conversation.items:
        if item["id"] == id:
            return item
    raise Rejected(f"Item with id '{id}' not found in conversation with id '{conversation.id}'.", code=None, param=None, status=404)
