"""The response object: the newest key set, in the API's order, with the request's parameters echoed as the API echoes them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from assistants_compat.testing.composition import Composition
from assistants_compat.testing.conversation import Conversation
from assistants_compat.testing.models import Model
from assistants_compat.testing.schemas import made_strict, strict_schema_fault
from assistants_compat.testing.tokens import input_tokens

Json = dict[str, Any]


def opened(id: str, body: Mapping[str, Any], model: Model, conversation: Conversation | None = None) -> Json:
    """The response as `response.created` shows it."""
    return {
        "id": id,
        "object": "response",
        "created_at": int(time.time()),
        "status": "queued" if body.get("background") else "in_progress",
        "background": bool(body.get("background")),
        "completed_at": None,
        **({"conversation": {"id": conversation.id}} if conversation is not None else {}),
        "error": None,
        "frequency_penalty": 0.0,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "max_tool_calls": body.get("max_tool_calls"),
        "model": model.snapshot,
        "moderation": None,
        "output": [],
        "parallel_tool_calls": _or(body, "parallel_tool_calls", True),
        "presence_penalty": 0.0,
        "previous_response_id": body.get("previous_response_id"),
        "prompt_cache_key": body.get("prompt_cache_key"),
        "prompt_cache_retention": _or(body, "prompt_cache_retention", model.cache_retention),
        "reasoning": _reasoning(body.get("reasoning") or {}, model),
        "safety_identifier": body.get("safety_identifier"),
        "service_tier": _or(body, "service_tier", "auto"),
        "store": _or(body, "store", True),
        "temperature": float(_or(body, "temperature", 1.0)),
        "text": _text(body.get("text") or {}),
        "tool_choice": _or(body, "tool_choice", "auto"),
        "tool_usage": _tool_usage(),
        "tools": [_tool(tool) for tool in body.get("tools") or []],
        "top_logprobs": _or(body, "top_logprobs", 0),
        "top_p": float(_or(body, "top_p", model.top_p)),
        "truncation": _or(body, "truncation", "disabled"),
        "usage": None,
        "user": body.get("user"),
        "metadata": body.get("metadata") or {},
    }


def ended(response: Json, composition: Composition, usage: Json) -> Json:
    """The response as `response.completed` or `response.incomplete` shows it."""
    return {
        **response,
        "status": "incomplete" if composition.cut else "completed",
        "completed_at": None if composition.cut else int(time.time()),
        "incomplete_details": {"reason": composition.cut} if composition.cut else None,
        "output": [made.item for made in composition.made],
        "service_tier": "default" if response["service_tier"] == "auto" else response["service_tier"],
        "usage": usage,
    }


def failed(response: Json, composition: Composition, code: str, message: str) -> Json:
    output = [made.item for made in composition.made]
    return {**response, "status": "failed", "error": {"code": code, "message": message}, "output": output}


def billed(response: Json) -> Json:
    """A response outside a stream says who pays; one in a stream does not."""
    position = list(response).index("background") + 1
    entries = list(response.items())
    return dict([*entries[:position], ("billing", {"payer": "developer"}), *entries[position:]])


def usage(body: Mapping[str, Any], composition: Composition, given: Mapping[str, int] | None) -> Json:
    """The counts of `tokens`, or the script's own where it gives some."""
    given = given or {}
    into = given.get("input_tokens", max(1, input_tokens(body)))
    out = given.get("output_tokens", composition.output_tokens)
    return {
        "input_tokens": into,
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": given.get("cached_tokens", 0)},
        "output_tokens": out,
        "output_tokens_details": {"reasoning_tokens": given.get("reasoning_tokens", composition.reasoning_tokens)},
        "total_tokens": into + out,
    }


def _or(body: Mapping[str, Any], key: str, default: Any) -> Any:
    value = body.get(key)
    return default if value is None else value


def _reasoning(asked: Mapping[str, Any], model: Model) -> Json:
    summary = asked.get("summary") or asked.get("generate_summary")
    if not model.reasons:
        return {"context": None, "effort": None, "summary": None}
    context = asked.get("context")
    return {
        "context": model.reasoning_context if context in (None, "auto") else context,
        "effort": asked.get("effort") or model.effort,
        "mode": asked.get("mode") or "standard",
        "summary": "detailed" if summary == "auto" else summary,
    }


def _text(asked: Mapping[str, Any]) -> Json:
    format = asked.get("format") or {"type": "text"}
    if format["type"] == "json_schema":
        strict = format.get("strict")
        format = {
            "type": "json_schema",
            "description": format.get("description"),
            "name": format["name"],
            "schema": format["schema"],
            "strict": strict_schema_fault(format["schema"]) is None if strict is None else strict,
        }
    return {"format": dict(format), "verbosity": asked.get("verbosity") or "medium"}


def _tool(tool: Mapping[str, Any]) -> Json:
    if tool["type"] == "function":
        parameters, strict = tool.get("parameters"), tool.get("strict")
        parameters = {"type": "object", "properties": {}} if parameters == {} else parameters
        return {
            "type": "function",
            "description": tool.get("description"),
            "name": tool["name"],
            "output_schema": tool.get("output_schema"),
            "parameters": made_strict(parameters) if strict is None and parameters else parameters,
            "strict": True if strict is None else strict,
        }
    if tool["type"] == "file_search":
        return {
            "type": "file_search",
            "filters": tool.get("filters"),
            "max_num_results": tool.get("max_num_results") or 20,
            "ranking_options": {"ranker": "auto", "score_threshold": 0.0, **(tool.get("ranking_options") or {})},
            "vector_store_ids": tool["vector_store_ids"],
        }
    return dict(tool)


def _tool_usage() -> Json:
    details = {"image_tokens": 0, "text_tokens": 0}
    images = {
        "input_tokens": 0,
        "input_tokens_details": details,
        "output_tokens": 0,
        "output_tokens_details": dict(details),
        "total_tokens": 0,
    }
    return {"image_gen": images, "web_search": {"num_requests": 0}}
