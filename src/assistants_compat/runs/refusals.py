"""Reading a refusal: which part of the request an error is about, if that part can go. Pure.

Every server has its own wording. Phrases are those of OpenAI, and those found in the sources, bug trackers and answers of the servers in
docs/upstreams.md. What a code or a parameter says is taken at its word; a sentence alone is a guess, to be remembered if it has helped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistants_compat.runs.models import is_named
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
    r"unknown|unsupported|unrecogni[sz]ed|unexpected (?:keyword|field|argument|parameter|propert|key|input)"
    r"|(?:not|n't) (?:yet |currently |be )*(?:support|allow|permit|implement|recogni[sz]e"
    r"|accept|available|enabled)|only supports?|supported (?:string )?values|extra (?:fields|inputs)|additional propert"
    r"|discriminator|expected tags|only .{0,20}function.{0,20} tools|literal_error|extra_forbidden|union_tag_invalid",
    re.I,
)
_UNKNOWN = re.compile(r"unknown|unsupported parameter|unrecogni[sz]ed|unexpected (?!error)|extra|additional propert", re.I)
_LISTS = re.compile(r"does not support parameters: [\[{]")
"""LiteLLM's, which comes with the status 500 and nothing else."""
_VALUE = re.compile(r"unsupported value|supported (?:string )?values", re.I)
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

_OTHER_MATTERS = re.compile(
    r"invalid schema for|flagged|\bvector.?store\b|\bvs_\w|unsupported image|mime type|file type|temporar|try again", re.I
)
"""What the program itself has put in, or what passes: nothing that is left out would change it."""
_OTHER_CODES = re.compile(r"invalid_function_parameters|invalid_prompt|invalid_image.*|image_.*|unsupported_file")
_PROGRAMS_OWN = frozenset({"image_url", "file_id", "file_data", "file_url", "filename", "text", "arguments", "output"})
"""Ends of places in the input whose content is the program's."""
_OF_THE_SHAPE = re.compile("invalid responses api request", re.I)

_NUMBERS = frozenset({"temperature", "top_p", "max_output_tokens", "tool_choice", "named_tool_choice", "reasoning"})
"""What has a value of the program's: with `invalid_value` it is the value that is wrong."""

_BARE_STORE = re.compile(
    r"(?:json: )?(?:unknown|unsupported|unrecogni[sz]ed|unexpected) [a-z ]*(?:\(s\))?[a-z ]*[: ]+[\[{]?[\w'\"`, ]+[\]}]?\.?", re.I
)
"""A sentence that is nothing but a list of names. Without `store: false` the server may keep the answer, so less will not do."""

_ELSEWHERE = frozenset({"vector_store_ids", "file_ids", "container", "parameters", "name"})
"""Parts of a tool that are the program's own: what is wrong with them is not that the tool is missing."""


@dataclass(frozen=True)
class Refused:
    """A part of the request that can go.

    Args:
        thing: named as in `upstream_profiles`.
        of_model: whether it is this model that refuses it, rather than the server.
        is_guess: whether no more than a sentence says so, or not even that: worth remembering only once it has helped.
        of_value: whether it is only this value that is refused: not worth remembering.
    """

    thing: str
    of_model: bool = False
    is_guess: bool = False
    of_value: bool = False


def refused(error: Json, request: Json | None = None) -> Refused | None:
    """The part of `request` that an error (of `error_of`) is about, if it can be left out. Without a request, anything may be in it."""
    message, code, param = str(error.get("message") or ""), error.get("code"), error.get("param")
    if _is_another_matter(message, code, param):
        return None
    says_so = code in _CODES or _UNSUPPORTED.search(message) is not None
    if says_so:
        is_unknown = code in ("unknown_parameter", "extra_forbidden", "unrecognized_keys") or _UNKNOWN.search(message) is not None
        for path in [_path(param)] if isinstance(param, str) else _paths(message):
            thing = _thing_at(path, request, message, is_unknown)
            if thing in LEARNT and (request is None or has(request, thing)):
                return _weighed(thing, error, request)
    of_the_input = isinstance(param, str) and _path(param)[:1] == ("input",)
    if request is not None and (_SHAPE.search(message) if not of_the_input else says_so or _SHAPE.search(f"{code} {message}")):
        guess = next((thing for thing in _IN_INPUT if has(request, thing)), None)
        return None if guess is None else Refused(guess, is_guess=True)
    return None


def _is_another_matter(message: str, code: Any, param: Any) -> bool:
    """Whether the request is refused for what is in it, not for having it."""
    if _OTHER_MATTERS.search(message):
        return True
    if isinstance(param, str) and param.startswith("input") and _path(param)[-1] in _PROGRAMS_OWN:
        return True
    return isinstance(code, str) and _OTHER_CODES.fullmatch(code) is not None and not _OF_THE_SHAPE.search(message)


def _weighed(thing: str, error: Json, request: Json | None) -> Refused | None:
    """How sure it is that `thing` is refused, and by whom."""
    message, code, param = str(error.get("message") or ""), error.get("code"), error.get("param")
    if code == "invalid_value" and thing in _NUMBERS:
        return None
    is_bare = code not in _CODES and not isinstance(param, str) and not _LISTS.search(message)
    if is_bare and thing == "store" and not _BARE_STORE.fullmatch(message.strip()):
        return None
    model = "" if request is None else request["model"]
    of_model = thing in OF_THE_MODEL or re.search(r"\bmodel\b", message) is not None or is_named(model, message)
    of_value = thing == "reasoning" and (code == "unsupported_value" or _VALUE.search(message) is not None)
    return Refused(thing, of_model, is_guess=is_bare, of_value=of_value)


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
        return _tool_at(path, request, message)
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


def _tool_at(path: Path, request: Json | None, message: str) -> str | None:
    """The tool at a place; without a place the one that the message names, else the first that is no function."""
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
    kinds = [tool["type"] for tool in tools if tool["type"] != "function"]
    return next((kind for kind in kinds if kind in message), next(iter(kinds), None))


def _included_at(path: Path, request: Json | None, message: str, is_unknown: bool) -> str:
    wanted = [] if request is None else request.get("include") or []
    if len(path) > 1 and isinstance(path[1], int) and path[1] < len(wanted):
        return str(wanted[path[1]])
    named = next((value for value in wanted if value in message), None)
    if named is not None:
        return str(named)
    return "include" if is_unknown or (request is not None and ENCRYPTED_REASONING not in wanted) else ENCRYPTED_REASONING
