"""The top-level parameters of a request: known names, types, ranges, and what the model supports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from assistants_compat.testing.models import Model
from assistants_compat.testing.rejection import (
    Rejected,
    invalid_type,
    missing,
    one_of,
    only_keys,
    out_of_range,
    pattern_mismatch,
    required,
    text,
)
from assistants_compat.testing.schemas import strict_schema_fault

_Types = tuple[type, ...]
_TEXT: tuple[_Types, str] = ((str,), "a string")
_FLAG: tuple[_Types, str] = ((bool,), "a boolean")
_INTEGER: tuple[_Types, str] = ((int,), "an integer")
_NUMBER: tuple[_Types, str] = ((int, float), "a decimal")
_OBJECT: tuple[_Types, str] = ((dict,), "an object")
_ARRAY: tuple[_Types, str] = ((list,), "an array")
_ANY: tuple[_Types, str] = ((object,), "anything")

PARAMETERS: dict[str, tuple[_Types, str]] = {
    "access_programs": _ANY,
    "background": _FLAG,
    "context_management": _ARRAY,
    "conversation": ((str, dict), "one of a string or object"),
    "image": _ANY,
    "include": _ARRAY,
    "input": ((str, list), "one of a string or array of objects"),
    "instructions": _TEXT,
    "max_output_tokens": _INTEGER,
    "max_tool_calls": _INTEGER,
    "metadata": _OBJECT,
    "model": _TEXT,
    "moderation": _OBJECT,
    "parallel_tool_calls": _FLAG,
    "previous_response_id": _TEXT,
    "prompt": _OBJECT,
    "prompt_cache_key": _TEXT,
    "prompt_cache_options": _OBJECT,
    "prompt_cache_retention": _TEXT,
    "reasoning": _OBJECT,
    "safety_identifier": _TEXT,
    "service_tier": _TEXT,
    "store": _FLAG,
    "stream": _FLAG,
    "stream_options": _OBJECT,
    "temperature": _NUMBER,
    "text": _OBJECT,
    "tool_choice": ((str, dict), "one of a string or object"),
    "tools": _ARRAY,
    "top_logprobs": _INTEGER,
    "top_p": _NUMBER,
    "truncation": _TEXT,
    "user": _TEXT,
}
_INCLUDABLE = (
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
)
_RANGES: dict[str, tuple[float, float | None]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "top_logprobs": (0, 20),
    "max_output_tokens": (16, None),
    "max_tool_calls": (1, None),
}


def check_shape(body: dict[str, Any]) -> None:
    only_keys("", body, PARAMETERS)
    for name, value in body.items():
        types, expected = PARAMETERS[name]
        wrong = not isinstance(value, types) or (isinstance(value, bool) and bool not in types and object not in types)
        if value is not None and wrong:
            raise invalid_type(name, expected, value)
    if not body.get("model"):
        raise missing("model")
    if body.get("input") is None and not body.get("previous_response_id") and not body.get("conversation"):
        raise missing("input")


def check_values(body: dict[str, Any], model: Model) -> None:
    for name, (lowest, highest) in _RANGES.items():
        value = body.get(name)
        if value is not None and value < lowest:
            raise out_of_range(name, value, lowest, below=True)
        if value is not None and highest is not None and value > highest:
            raise out_of_range(name, value, highest, below=False)
    for name, supported in (
        ("truncation", ("auto", "disabled")),
        ("service_tier", ("auto", "default", "flex", "fast", "priority", "ultrafast")),
        ("prompt_cache_retention", ("in_memory", "24h")),
    ):
        if body.get(name) is not None:
            one_of(name, body[name], supported)
    check_include(body.get("include") or ())
    if body.get("stream_options") is not None:
        if not body.get("stream"):
            sentence = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
            raise Rejected(sentence, code=None, param="stream_options")
        only_keys("stream_options", body["stream_options"], ("include_obfuscation",))
    if body.get("background") and body.get("store") is False:  # documented; the words are inferred
        raise Rejected("Background mode requires 'store' to be true.", code=None, param="background")
    check_metadata(body.get("metadata") or {})
    _check_text(body.get("text") or {})
    _check_model_support(body, model)


def _check_model_support(body: dict[str, Any], model: Model) -> None:
    reasoning = body.get("reasoning") or {}
    only_keys("reasoning", reasoning, ("context", "effort", "generate_summary", "mode", "summary"))
    if reasoning.get("effort") is not None:
        one_of("reasoning.effort", reasoning["effort"], ("none", "minimal", "low", "medium", "high", "xhigh", "max"))
    if reasoning.get("summary") is not None:
        one_of("reasoning.summary", reasoning["summary"], ("auto", "concise", "detailed"))
    if not model.reasons:
        for key, value in reasoning.items():
            if value is not None:
                sentence = f"Unsupported parameter: 'reasoning.{key}' is not supported with this model."
                raise Rejected(sentence, code="unsupported_parameter", param=f"reasoning.{key}")
        if "reasoning.encrypted_content" in (body.get("include") or ()):
            raise Rejected("Encrypted content is not supported with this model.", code=None, param="include")
        return
    if (reasoning.get("effort") or model.effort) == "none":
        return
    for name in ("temperature", "top_p"):
        value = body.get(name)
        if value is not None and value != 1:
            sentence = f"Unsupported value: '{name}' does not support {value} with this model. Only the default (1) value is supported."
            raise Rejected(sentence, code="unsupported_value", param=name)


def check_include(include: Sequence[Any]) -> None:
    for index, value in enumerate(include):
        one_of(f"include[{index}]", value, _INCLUDABLE)


def check_metadata(metadata: dict[str, Any]) -> None:
    if len(metadata) > 16:
        sentence = (
            f"Invalid 'metadata': too many properties. Expected an object with at most 16 properties, "
            f"but got an object with {len(metadata)} properties instead."
        )
        raise Rejected(sentence, code="object_above_max_properties", param="metadata")
    for key, value in metadata.items():
        if len(key) > 64:
            sentence = (
                f"Invalid property name in 'metadata': '{key}' is too long. Expected a string with maximum length 64, "
                f"but got a string with length {len(key)} instead."
            )
            raise Rejected(sentence, code="string_above_max_length", param="metadata")
        text(f"metadata.{key}", value, 512)


def _check_text(options: dict[str, Any]) -> None:
    only_keys("text", options, ("format", "verbosity"))
    if options.get("verbosity") is not None:
        one_of("text.verbosity", options["verbosity"], ("low", "medium", "high"))
    format = options.get("format")
    if format is None:
        return
    if not isinstance(format, dict):
        raise invalid_type("text.format", "an object", format)
    required("text.format", format, "type")
    one_of("text.format.type", format["type"], ("json_object", "json_schema", "text"))
    if format["type"] != "json_schema":
        only_keys("text.format", format, ("type",))
        return
    required("text.format", format, "name", "schema")
    only_keys("text.format", format, ("type", "name", "schema", "strict", "description"))
    name = text("text.format.name", format["name"], 64)
    if not re.fullmatch(r"[a-zA-Z0-9_-]+", name):
        raise pattern_mismatch("text.format.name", "^[a-zA-Z0-9_-]+$")
    if not isinstance(format["schema"], dict):
        raise invalid_type("text.format.schema", "an object", format["schema"])
    fault = strict_schema_fault(format["schema"]) if format.get("strict") else None
    if fault is not None:
        sentence = f"Invalid schema for response_format '{name}': {fault}"
        raise Rejected(sentence, code="invalid_json_schema", param="text.format.schema")
