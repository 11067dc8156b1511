"""Reading a refusal: what an error's body says, in whatever form it comes, and which part of the request it is about. Pure.

Every server has its own wording. Forms and phrases are those of OpenAI, and those found in the sources, bug trackers and answers of
the servers in docs/upstreams.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistants_compat.runs.profiles import has
from assistants_compat.upstream_profiles import ENCRYPTED_REASONING, LEARNT, OF_THE_MODEL

Json = dict[str, Any]
Path = tuple[str | int, ...]

STATUSES = frozenset({400, 404, 405, 415, 422, 500, 501})
"""Those that a refusal of a part of the request may have. LiteLLM uses 500."""

_CODES = frozenset(
    """
    unsupported_value unsupported_parameter unknown_parameter missing extra_forbidden value_error.extra literal_error
    invalid_literal invalid_string invalid_enum_value invalid_union invalid_union_discriminator union_tag_invalid unrecognized_keys
    """.split()  # noqa: SIM905 - a list of words reads best as one
)
"""Codes of OpenAI, pydantic and zod for what is not known or not supported, as against a value that is out of range."""

_UNSUPPORTED = re.compile(
    r"unknown|unsupported|unrecogni[sz]ed|unexpected|(?:not|n't) (?:yet |currently |be )*(?:support|allow|permit|implement|recogni[sz]e"
    r"|accept|available|enabled)|only supports?|supported (?:string )?values|extra (?:fields|inputs)|additional propert"
    r"|discriminator|expected tags|only .{0,20}function.{0,20} tools|literal_error|extra_forbidden|union_tag_invalid",
    re.I,
)
_UNKNOWN = re.compile(r"unknown|unsupported parameter|unrecogni[sz]ed|unexpected|extra|additional propert", re.I)
_TOO_LONG = re.compile(r"context (?:length|window|size)|max_model_len|prompt is too long|too many tokens", re.I)
_SHAPE = re.compile(
    r"invalid responses api request|invalid type for 'input|validation errors?|invalid[_ ]union|unknown (?:content|input)", re.I
)

_QUOTED = re.compile(r"[`'\"]([A-Za-z_][\w.\[\]]*)[`'\"]")
_LISTED = re.compile(
    r"(?:argument|parameter|param|field|key|propert(?:y|ie)|input)s?(?:\(s\))?(?: in the request)?(?: supplied)?\s*[:=]\s*([\w., ]+)"
)
_UNMISTAKABLE = re.compile(r"\b(?:[a-z]+(?:_[a-z]+)+(?:\.[a-z_]+)*)\b|\b[a-z_]+(?==)")

_IN_INPUT = ("output_parts", "phase", "reasoning_items", "developer", "detail")
"""What is tried in turn where a server says no more than that the input is wrong."""

_CHAT_NAMES = {"reasoning_effort": "reasoning", "max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens"}
"""What a gateway calls things when it speaks Chat Completions to the server behind it."""

_ELSEWHERE = frozenset({"vector_store_ids", "file_ids", "container", "parameters", "name"})
"""Parts of a tool that are the program's own: what is wrong with them is not that the tool is missing."""


@dataclass(frozen=True)
class Refused:
    """A part of the request that can go.

    Args:
        thing: named as in `upstream_profiles`.
        of_model: whether it is this model that refuses it, rather than the server.
        is_guess: whether the server has not said so: worth remembering only once it has helped.
    """

    thing: str
    of_model: bool = False
    is_guess: bool = False


def error_of(body: Any) -> Json:
    """The error object of a reply's parsed body, or of its text, with `message`, `code` and `param` as OpenAI has them; `{}`: none."""
    error = _as_object(body)
    if not error:
        return {}
    message = error.get("message")
    text = message if isinstance(message, str) else "" if message is None else json.dumps(message)
    inner = _inner(error, body, text)
    codes = [_word(error.get("code")), _word(inner.get("code"))]
    code = next(filter(None, reversed(codes) if inner.get("param") else codes), None)
    if code is None and _TOO_LONG.search(text) and re.search("exceed|maximum|too (?:long|many)|larger|overflow", text, re.I):
        code = "context_length_exceeded"
    param = _word(error.get("param")) or _word(inner.get("param"))
    return {**error, "message": text, "code": code, "param": None if param is None else param.removeprefix("body.")}


def refused(error: Json, request: Json | None = None) -> Refused | None:
    """The part of `request` that an error (of `error_of`) is about, if it can be left out. Without a request, anything may be in it."""
    message, code, param = str(error.get("message") or ""), error.get("code"), error.get("param")
    says_so = code in _CODES or _UNSUPPORTED.search(message) is not None
    if says_so:
        is_unknown = code in ("unknown_parameter", "extra_forbidden", "unrecognized_keys") or _UNKNOWN.search(message) is not None
        for path in [_path(param)] if isinstance(param, str) else _paths(message):
            thing = _thing_at(path, request, message, is_unknown)
            if thing in LEARNT and (request is None or has(request, thing)):
                return Refused(thing, thing in OF_THE_MODEL or re.search(r"\bmodel\b", message) is not None)
    of_the_input = isinstance(param, str) and _path(param)[:1] == ("input",)
    if request is not None and (_SHAPE.search(message) if not of_the_input else says_so or _SHAPE.search(f"{code} {message}")):
        guess = next((thing for thing in _IN_INPUT if has(request, thing)), None)
        return None if guess is None else Refused(guess, is_guess=True)
    return None


# -- bodies


def _as_object(body: Any) -> Json:
    if isinstance(body, str):
        return {} if not body.strip() or body.lstrip().startswith("<") else {"message": body.strip()[:1000]}
    if not isinstance(body, dict):
        return {}
    error = body.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str):
        return {"message": error, "code": body.get("code")}
    detail = body.get("detail")
    if isinstance(detail, list) and detail and isinstance(detail[0], dict):  # FastAPI's
        return {
            "message": "; ".join(f"{_dotted(one.get('loc'))}: {one.get('msg')}" for one in detail[:3] if isinstance(one, dict)),
            "param": _dotted(detail[0].get("loc")),
            "code": detail[0].get("type"),
        }
    if isinstance(detail, dict):
        return detail
    if isinstance(detail, str):
        return {"message": detail}
    return body if isinstance(body.get("message"), str) else {}


def _inner(error: Json, body: Any, message: str) -> Json:
    """The error of the server behind a gateway, which the gateway hands on as text."""
    metadata = error.get("metadata") or (body.get("metadata") if isinstance(body, dict) else None)
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    for text in (raw, message):
        if isinstance(text, str) and "{" in text:
            try:
                found, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
            except ValueError:
                continue
            inner = _as_object(found)
            if isinstance(found.get("path"), list):  # zod's
                inner = {**found, "param": _dotted(found["path"])}
            if inner:
                return inner
    return {}


def _dotted(place: Any) -> str:
    """A place as pydantic and zod write it: `["body", "include", 0]`. Names of types that were tried are no part of it."""
    parts = (
        [str(part) for part in place if str(part) != "body" and not re.search(r"[\[\](){}]", str(part))] if isinstance(place, list) else []
    )
    return ".".join(parts)


def _word(value: Any) -> str | None:
    """LiteLLM writes None as a word, and the status as the code; vLLM's code is the status as a number."""
    return value if isinstance(value, str) and value not in ("", "None", "null") and not value.isdecimal() else None


# -- places in the request


def _path(place: str) -> Path:
    """`tools[0].type` or `tools.0.type` → ("tools", 0, "type")."""
    names = re.findall(r"[^.\[\]]+", place)
    return tuple(int(name) if name.isdecimal() else name for name in names)


def _paths(message: str) -> Iterator[Path]:
    """What a message names: first what it quotes, then what it lists, then what can be nothing else."""
    for quoted in _QUOTED.findall(message):
        yield _path(quoted)
    for listed in _LISTED.findall(message):
        for name in re.findall(r"[\w.]+", listed):
            yield _path(name.rstrip("."))
    for name in _UNMISTAKABLE.findall(message):
        yield _path(name)
    if re.search(r"only .{0,20}function.{0,20} tools|(?:built-?in|hosted) tools?", message, re.I):
        yield ("tools",)


def _thing_at(path: Path, request: Json | None, message: str, is_unknown: bool) -> str | None:
    """The name of what stands at a place of the request."""
    first, last = path[:1], path[-1] if path else None
    if first == ("tools",):
        return _tool_at(path, request)
    if first == ("include",):
        return _included_at(path, request, message, is_unknown)
    if first == ("input",):
        return last if last in ("phase", "detail") else "developer" if last == "role" else None
    if first == ("tool_choice",):
        forced = request is not None and isinstance(request.get("tool_choice"), dict)
        return "named_tool_choice" if forced and re.search(r"object|dict|string", message) else "tool_choice"
    if first == ("reasoning",):
        return ENCRYPTED_REASONING if last == "encrypted_content" else "reasoning"
    if path == ("encrypted_content",):
        return ENCRYPTED_REASONING
    if path in (("file_search",), ("code_interpreter",)):
        return str(last) if re.search(r"\btools?\b|\btag\b", message, re.I) else None
    name = ".".join(map(str, path))
    return _CHAT_NAMES.get(name, name)


def _tool_at(path: Path, request: Json | None) -> str | None:
    if path[-1] in ("strict", "ranking_options", "max_num_results"):
        return str(path[-1])
    if "ranking_options" in path:
        return "ranking_options"
    tools = [] if request is None else request.get("tools") or []
    if len(path) > 1 and isinstance(path[1], int):
        tools = tools[path[1] : path[1] + 1]
    elif len(path) > 1:
        return None
    if _ELSEWHERE & set(path):
        return None
    return next((tool["type"] for tool in tools if tool["type"] != "function"), None)


def _included_at(path: Path, request: Json | None, message: str, is_unknown: bool) -> str:
    wanted = [] if request is None else request.get("include") or []
    if len(path) > 1 and isinstance(path[1], int) and path[1] < len(wanted):
        return str(wanted[path[1]])
    named = next((value for value in wanted if value in message), None)
    if named is not None:
        return str(named)
    return "include" if is_unknown or (request is not None and ENCRYPTED_REASONING not in wanted) else ENCRYPTED_REASONING
