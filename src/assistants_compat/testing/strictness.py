"""Whether the API would take a request: the order in which it looks, and the questions about the body as a whole.

Sentences are recorded ones or reported by users of the API. Inferred, for want of a recording: the refusals of a tool
choice that names an absent function and of a repeated call_id, and that earlier items count for JSON mode. A sampling
parameter is refused on a reasoning model unless its effort is "none", asked for or by default (recorded for gpt-5.6-sol).
"""

from __future__ import annotations

from typing import Any

from assistants_compat.testing import strict_context, strict_input, strict_parameters, strict_storage, strict_tools
from assistants_compat.testing.answers import HttpError
from assistants_compat.testing.effective_input import as_asked
from assistants_compat.testing.memory import Memory
from assistants_compat.testing.models import Model
from assistants_compat.testing.rejection import Rejected
from assistants_compat.testing.storage import Storage
from assistants_compat.testing.tokens import input_tokens


def check(body: dict[str, Any], model: Model | None, memory: Memory | None = None, storage: Storage | None = None) -> HttpError | None:
    """What POST /responses would refuse `body` with; None when it would answer. `model` is None for an unknown one.
    Without a storage, every file, vector store and container counts as there."""
    memory = memory or Memory()
    try:
        strict_parameters.check_shape(body)
        if model is None:
            name = body["model"]
            raise Rejected(f"The requested model '{name}' does not exist.", code="model_not_found", param="model")
        strict_parameters.check_values(body, model)
        strict_tools.check(body)
        strict_context.check(body, memory)
        strict_input.check(body, model, memory)
        if storage is not None:
            strict_storage.check(body, memory, storage)
        _check_json_mode(body, memory)
        _check_length(body, model, memory, storage)
    except Rejected as rejected:
        return rejected.error
    return None


def _check_json_mode(body: dict[str, Any], memory: Memory) -> None:
    """Only the input counts: the word in the instructions does not help."""
    format = (body.get("text") or {}).get("format") or {}
    if format.get("type") != "json_object":
        return
    if not any("json" in text.lower() for text in strict_input.message_texts(memory.input_items(body))):
        sentence = "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'."
        raise Rejected(sentence, code=None, param="input")


def _check_length(body: dict[str, Any], model: Model, memory: Memory, storage: Storage | None) -> None:
    items = as_asked(memory.input_items(body))
    whole = {**body, "input": items if storage is None else storage.inlined(items)}
    if body.get("truncation") != "auto" and input_tokens(whole) > model.context_window:
        sentence = "Your input exceeds the context window of this model. Please adjust your input and try again."
        raise Rejected(sentence, code="context_length_exceeded", param="input")
