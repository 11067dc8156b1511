"""The input as a history: items that need each other, ids that must be known, reasoning that must be ours.

Recorded: a reasoning item that carries its id is refused when a bare `{"role": "assistant", "content": …}` follows it;
it wants the item it was made with. One without an id is content with any assistant message or call after it.
"""

from __future__ import annotations

from typing import Any

from assistants_compat.testing.conversation import Conversation
from assistants_compat.testing.memory import Memory
from assistants_compat.testing.models import Model
from assistants_compat.testing.rejection import Rejected

# Calls of built-in tools need an id, and say all there is to know about themselves. That an id which is not stored does
# no harm there is inferred from OpenAI's own advice to append a response's output to the next input under `store: false`.
_SELF_CONTAINED = ("file_search_call", "code_interpreter_call")


def check(body: dict[str, Any], model: Model, memory: Memory) -> None:
    given = body.get("input")
    if isinstance(given, list):
        _check_repeated(given, memory.conversation_of(body))
        stored = body.get("store") is not False
        _check_ids(given, memory, stored=stored)
        _check_encrypted(given, model, memory)
    _check_reasoning(memory.input_items(body), memory)
    _check_calls(memory.input_items(body))


def _check_repeated(items: list[dict[str, Any]], conversation: Conversation | None) -> None:
    """Each item once. Reported: those of the conversation count as well; those of a previous response do not."""
    seen = {item["id"] for item in conversation.items} if conversation is not None else set()
    for item in items:
        id = item.get("id")
        if id is not None and id in seen:
            sentence = f"Duplicate item found with id {id}. Remove duplicate items from your input and try again."
            raise Rejected(sentence, code=None, param="input")
        seen.add(id)


def _check_ids(items: list[dict[str, Any]], memory: Memory, *, stored: bool) -> None:
    """An item with an id stands for the stored one; sealed reasoning is the one thing that needs no store."""
    for item in items:
        id = item.get("id")
        if id is None:
            continue
        if memory.knows(id) or item.get("encrypted_content") or item.get("type") in _SELF_CONTAINED:
            continue
        sentence = f"Item with id '{id}' not found."
        if not stored:
            sentence += (
                " Items are not persisted when `store` is set to false. Try again with `store` set to true, "
                "or remove this item from your input."
            )
        raise Rejected(sentence, code=None, param="input", status=404)


def _check_encrypted(items: list[dict[str, Any]], model: Model, memory: Memory) -> None:
    for index, item in enumerate(items):
        sealed = item.get("encrypted_content")
        if item.get("type") == "reasoning" and not sealed and item.get("id") is None:
            raise Rejected(
                f"Missing required parameter: 'input[{index}].id'.", code="missing_required_parameter", param=f"input[{index}].id"
            )
        if sealed and not memory.seal.verify(str(sealed), model.snapshot):
            sentence = (
                f"The encrypted content {sealed[:4]}...{sealed[-4:]} could not be verified. "
                "Reason: Encrypted content could not be decrypted or parsed."
            )
            raise Rejected(sentence, code="invalid_encrypted_content", param=None)


def _check_reasoning(items: list[dict[str, Any]], memory: Memory) -> None:
    for index, item in enumerate(items):
        follower = items[index + 1] if index + 1 < len(items) else {}
        if item.get("type") == "reasoning" and not _follows(follower, item.get("id")):
            name = item.get("id") or f"input[{index}]"
            raise Rejected(f"Item '{name}' of type 'reasoning' was provided without its required following item.", code=None, param="input")
        wanted = memory.reasoning_before.get(item.get("id") or "")
        if wanted is not None and (index == 0 or items[index - 1].get("id") != wanted):
            kind = item.get("type", "message")
            sentence = f"Item '{item['id']}' of type '{kind}' was provided without its required 'reasoning' item: '{wanted}'."
            raise Rejected(sentence, code=None, param="input")


def _follows(item: dict[str, Any], reasoning_id: str | None) -> bool:
    kind = item.get("type", "message" if "role" in item else None)
    if kind == "message":
        return item.get("role") == "assistant" and (reasoning_id is None or item.get("id") is not None)
    return kind == "reasoning" or (kind is not None and kind.endswith("_call"))


def _check_calls(items: list[dict[str, Any]]) -> None:
    """Every call has one output, after it, and every output its call. The words for a repeated call_id are inferred."""
    called: set[str] = set()
    answered: set[str] = set()
    for item in items:
        call_id = item.get("call_id")
        kind = item.get("type", "message")
        if kind == "function_call" or (kind.endswith("_call") and call_id is not None):
            if call_id in called:
                raise Rejected(f"Duplicate function call with call_id {call_id}.", code=None, param="input")
            called.add(str(call_id))
        elif kind == "function_call_output":
            if call_id not in called:
                raise Rejected(f"No tool call found for function call output with call_id {call_id}.", code=None, param="input")
            if call_id in answered:
                raise Rejected(f"Duplicate function call output with call_id {call_id}.", code=None, param="input")
            answered.add(str(call_id))
    for item in items:
        if item.get("type") == "function_call" and item.get("call_id") not in answered:
            raise Rejected(f"No tool output found for function call {item['call_id']}.", code=None, param="input")
