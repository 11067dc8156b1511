"""What a request goes on from: a previous response or a conversation, not both; it has to be there, and to be free.

Reported: all sentences but two. Inferred: those about a conversation that is not there, and about an id of another kind.
"""

from __future__ import annotations

from typing import Any

from assistants_compat.testing.memory import Memory
from assistants_compat.testing.rejection import Rejected, only_keys, required, text


def check(body: dict[str, Any], memory: Memory, *, to_write: bool = True) -> None:
    """`to_write` is false for a request that only counts."""
    previous, named = body.get("previous_response_id"), body.get("conversation")
    if previous is not None and named is not None:
        sentence = "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only providing one of them."
        raise Rejected(sentence, code="mutually_exclusive_parameters", param=None)
    if previous is not None and previous not in memory.responses:
        sentence = f"Previous response with id '{previous}' not found."
        raise Rejected(sentence, code="previous_response_not_found", param="previous_response_id")
    if named is None:
        return
    param = "conversation"
    if isinstance(named, dict):
        required(param, named, "id")
        only_keys(param, named, ("id",))
        param = "conversation.id"
    conversation = memory.conversation(text(param, named["id"] if isinstance(named, dict) else named), param)
    if to_write:
        conversation.check_free()
