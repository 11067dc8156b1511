"""/conversations: made, shown, changed, deleted.

Recorded: the object, the deletion, metadata replaced as a whole. Documented: at most 20 items a call, no list, and that the
items of a deleted conversation live on. Inferred: the words for one that is not there, and for an id of another kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assistants_compat.testing.conversation import Conversation
from assistants_compat.testing.conversation_items import answer_items, checked_items
from assistants_compat.testing.identifiers import Identifiers
from assistants_compat.testing.memory import Memory
from assistants_compat.testing.rejection import invalid_type, only_keys, required
from assistants_compat.testing.storage_call import Answer, Call
from assistants_compat.testing.strict_parameters import check_metadata

Json = dict[str, Any]


class Conversations:
    def __init__(self, clock: Callable[[], float], ids: Identifiers, memory: Memory) -> None:
        self._clock = clock
        self._ids = ids
        self._memory = memory

    def answer(self, call: Call) -> Answer | None:
        match (call.method, *call.path):
            case ("POST", "conversations"):
                return self._create(call.json).shown()
            case ("GET", "conversations", id):
                return self._memory.conversation(id, "conversation_id").shown()
            case ("POST", "conversations", id):
                return self._update(self._memory.conversation(id, "conversation_id"), call.json)
            case ("DELETE", "conversations", id):
                del self._memory.conversations[self._memory.conversation(id, "conversation_id").id]
                return {"id": id, "object": "conversation.deleted", "deleted": True}
            case (_, "conversations", id, "items", *rest):
                conversation = self._memory.conversation(id, "conversation_id")
                return answer_items(conversation, call, rest, self._memory, self._ids.family(conversation=id))
        return None

    def _create(self, body: Json) -> Conversation:
        only_keys("", body, ("items", "metadata"))
        family = self._ids.family()
        conversation = Conversation(family.direct("conv"), int(self._clock()), _metadata(body))
        conversation.items = checked_items(body.get("items") or [], conversation, self._memory, family)
        self._memory.conversations[conversation.id] = conversation
        self._memory.know(conversation.items)
        return conversation

    def _update(self, conversation: Conversation, body: Json) -> Json:
        only_keys("", body, ("metadata",))
        required("", body, "metadata")
        conversation.metadata = _metadata(body)
        return conversation.shown()


def _metadata(body: Json) -> Json:
    metadata = body.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise invalid_type("metadata", "an object", metadata)
    check_metadata(metadata or {})
    return metadata or {}
