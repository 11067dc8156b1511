"""What a saved object says, in the form in which the API would have said it. Pure.

Saved objects are raw replies, or dumps of the SDK's models, with nulls for what was not said and names of Python's; or of the first
version of the API. What a run, a list or a stream would stumble over is refused here, with the place in the object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from assistants_compat.runs.lifecycle import MOVES
from assistants_compat.transfer.kinds import KINDS, REQUIRED, Kind, KindName
from assistants_compat.transfer.schemas import MOST_ID, OWN, is_id

Json = dict[str, Any]

_MOST_SECONDS = 2**53
_TOOLS_OF_V1 = {"retrieval": "file_search"}
_RUNNABLE_TOOLS = ("code_interpreter", "file_search", "function")


class Refused(ValueError):
    """What is wrong with an object, and where in it."""


@dataclass
class Given:
    """Attributes:
    body: what was said, the keys in wire order, those that are not known last.
    extra: what only this package knows of it.
    notes: what could not be kept as it was.
    """

    body: Json
    extra: Json | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.body["id"])


def given(kind: Kind, value: Json) -> Given:
    """What `value` says as an object of this kind.

    Raises:
        Refused: it cannot be one.
    """
    said = dict(value)
    notes: list[str] = []
    extra = said.pop(OWN, None)
    for name in kind.members:
        said.pop(name, None)
    if kind.name in _FROM_V1:
        _FROM_V1[kind.name](said, notes)
    if kind.name == "message" and said.get("status") is None:
        said = {name: each for name, each in said.items() if name not in _STATE_OF_MESSAGE or each is not None}
    body: Json = {}
    for name, default, check in _fields(kind.name):
        is_said = name in said
        each = said.pop(name, None) if name != "object" else kind.object
        if each is not None:
            body[name] = each if check is None else check(each, name)
        elif default is REQUIRED:
            raise Refused(f"{name} is missing")
        elif is_said and (default is None or name in kind.nullable):
            body[name] = None
    body |= {name: each for name, each in said.items() if each is not None and name != "object"}
    if kind.name == "assistant" and "tools" in body:
        body["tools"] = _only_runnable(body["tools"], notes)
    if kind.name == "message":
        _check_what_a_user_says(body)
    return Given(body, _extra(kind, extra), notes)


@cache
def _fields(kind: KindName) -> list[tuple[str, Any, Callable[[Any, str], Any] | None]]:
    """The keys of a kind, each with its default and its check."""
    keys = KINDS[kind].keys.items()
    return [(name, default, _CHECKS.get(f"{kind}.{name}") or _CHECKS.get(name)) for name, default in keys]


_STATE_OF_MESSAGE = ("status", "incomplete_details", "incomplete_at", "completed_at")


# What one value has to be.


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise Refused(f"{path} is no text")
    return value


def _id(value: Any, path: str) -> str:
    if not is_id(value):
        raise Refused(f"{path} is no id of at most {MOST_ID} letters, digits, '-' and '_'")
    return str(value)


def _file_id(value: Any, path: str) -> str:
    if not is_id(value) or "_" in value:
        raise Refused(f"{path} is no id that a file can be kept under")
    return str(value)


def _seconds(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1 or not 0 <= value < _MOST_SECONDS:
        raise Refused(f"{path} is no time in seconds since 1970")
    return int(value)


def _number(value: Any, path: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused(f"{path} is no number")
    return value


def _place(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(f"{path} is no whole number")
    return value


def _object(value: Any, path: str) -> Json:
    if not isinstance(value, dict):
        raise Refused(f"{path} is no object")
    return value


def _objects(value: Any, path: str) -> list[Json]:
    if not isinstance(value, list):
        raise Refused(f"{path} is no list")
    return [_object(each, f"{path}[{index}]") for index, each in enumerate(value)]


def _one_of(*values: str) -> Callable[[Any, str], str]:
    def check(value: Any, path: str) -> str:
        if value not in values:
            raise Refused(f"{path} is {str(value)[:40]!r}, none of {', '.join(values)}")
        return str(value)

    return check


def _member(value: Json, name: str, path: str, check: Callable[[Any, str], Any]) -> Any:
    if value.get(name) is None:
        raise Refused(f"{path}.{name} is missing")
    return check(value[name], f"{path}.{name}")


def _without_nulls(value: Json) -> Json:
    return {name: each for name, each in value.items() if each is not None}


# What it is in the API's form.


def _resources(value: Any, path: str) -> Json:
    found: Json = {}
    for name, each in _without_nulls(_object(value, path)).items():
        found[name] = _without_nulls(_object(each, f"{path}.{name}"))
        for ids in ("file_ids", "vector_store_ids"):
            for index, id in enumerate(_list(found[name].get(ids, []), f"{path}.{name}.{ids}")):
                _text(id, f"{path}.{name}.{ids}[{index}]")
    return found


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise Refused(f"{path} is no list")
    return value


def _tools(value: Any, path: str) -> list[Json]:
    return [_tool(tool, f"{path}[{index}]") for index, tool in enumerate(_objects(value, path))]


def _tool(tool: Json, path: str) -> Json:
    kind = _member(tool, "type", path, _text)
    kind = _TOOLS_OF_V1.get(kind, kind)
    rest = _without_nulls({name: each for name, each in tool.items() if name != "type"})
    if kind == "function":
        function = _member(rest, "function", path, _object)
        _member(function, "name", f"{path}.function", _text)
        rest["function"] = _function(function)
    elif kind == "file_search":
        rest["file_search"] = _search(_object(rest.get("file_search", {}), f"{path}.file_search"), f"{path}.file_search")
    return {"type": kind, **rest}


def _function(function: Json) -> Json:
    described = {} if function.get("description") is None else {"description": function["description"]}
    form = {"parameters": function.get("parameters") or {"type": "object", "properties": {}}, "strict": bool(function.get("strict"))}
    rest = {name: each for name, each in function.items() if name not in ("name", "description", "parameters", "strict")}
    return {"name": function["name"], **described, **form, **_without_nulls(rest)}


def _search(options: Json, path: str) -> Json:
    """With the ranking that the API showed (recorded)."""
    ranking = _object(options.get("ranking_options") or {}, f"{path}.ranking_options")
    usual = {"ranker": "default_2024_08_21", "score_threshold": 0.0}
    shown = {**usual, **_without_nulls(ranking)}
    if "hybrid_search" in ranking or not ranking:
        shown["hybrid_search"] = ranking.get("hybrid_search")
    return {**_without_nulls({**options, "ranking_options": None}), "ranking_options": shown}


def _response_format(value: Any, path: str) -> Any:
    if isinstance(value, str):
        return value
    found = _object(value, path)
    _member(found, "type", path, _text)
    if found["type"] != "json_schema":
        return found
    schema = _member(found, "json_schema", path, _object)
    _member(schema, "name", f"{path}.json_schema", _text)
    return {**found, "json_schema": {"schema" if name == "schema_" else name: each for name, each in schema.items()}}


def _tool_choice(value: Any, path: str) -> Any:
    if isinstance(value, str):
        return value
    _member(_object(value, path), "type", path, _text)
    return _without_nulls(value)


def _usage(value: Any, path: str) -> Json:
    found = _without_nulls(_object(value, path))
    first = [name for name in ("prompt_tokens", "completion_tokens", "total_tokens") if name in found]
    for name in first:
        _place(found[name], f"{path}.{name}")
    return {**{name: found.pop(name) for name in first}, **found}


def _attachments(value: Any, path: str) -> list[Json]:
    found = []
    for index, each in enumerate(_objects(value, path)):
        tools = _objects(each.get("tools") or [], f"{path}[{index}].tools")
        found.append({**_without_nulls(each), "file_id": _member(each, "file_id", f"{path}[{index}]", _text), "tools": tools})
    return found


def _content(value: Any, path: str) -> list[Json]:
    if isinstance(value, str):  # as programs give it, and some have kept it
        value = [{"type": "text", "text": value}]
    return [_part(part, f"{path}[{index}]") for index, part in enumerate(_objects(value, path))]


def _part(part: Json, path: str) -> Json:
    kind = _one_of("text", "image_file", "image_url", "refusal")(part.get("type"), f"{path}.type")
    if kind == "refusal":
        return {"type": kind, "refusal": _member(part, "refusal", path, _text)}
    if kind == "text":
        text = {"value": part["text"], "annotations": []} if isinstance(part.get("text"), str) else _member(part, "text", path, _object)
        annotations = _annotations(text.get("annotations") or [], f"{path}.text.annotations")
        return {"type": kind, "text": {"value": _member(text, "value", f"{path}.text", _text), "annotations": annotations}}
    image = _member(part, kind, path, _object)
    source = {"image_file": "file_id", "image_url": "url"}[kind]
    detail = {"detail": image["detail"]} if image.get("detail") is not None else {}
    return {"type": kind, kind: {source: _member(image, source, f"{path}.{kind}", _text), **detail}}


def _annotations(value: Any, path: str) -> list[Json]:
    for index, each in enumerate(_objects(value, path)):
        for name, check in (("type", _text), ("text", _text), ("start_index", _place), ("end_index", _place)):
            _member(each, name, f"{path}[{index}]", check)
    order = ("type", "text", "start_index", "end_index")
    return [{**{name: each[name] for name in order}, **_without_nulls(each)} for each in value]


def _check_what_a_user_says(body: Json) -> None:
    for index, part in enumerate(body.get("content", ()) if body["role"] == "user" else ()):
        if part["type"] == "refusal":
            raise Refused(f"content[{index}] is a refusal, which a user cannot give")
        if part["type"] != "text":
            part[part["type"]].setdefault("detail", "auto")


def _step_details(value: Any, path: str) -> Json:
    details = _without_nulls(_object(value, path))
    _member(details, "type", path, _one_of("message_creation", "tool_calls"))
    if details["type"] == "tool_calls":
        calls = _objects(details.get("tool_calls", []), f"{path}.tool_calls")
        details["tool_calls"] = [_call(call, f"{path}.tool_calls[{index}]") for index, call in enumerate(calls)]
    return {"type": details.pop("type"), **details}


def _call(call: Json, path: str) -> Json:
    kind = _member(call, "type", path, _text)
    rest = _without_nulls(call)
    if kind == "file_search":
        told = rest.get("file_search")
        search: Json = told if isinstance(told, dict) else {}
        results = _objects(search.get("results") or [], f"{path}.file_search.results")
        rest["file_search"] = {**_without_nulls(search), "results": [_without_nulls(result) for result in results]}
    if kind == "function":
        function = _member(rest, "function", path, _object)
        first = {name: _member(function, name, f"{path}.function", _text) for name in ("name", "arguments")}
        rest["function"] = {**first, **function}
    first = {name: rest[name] for name in ("id", "type") if name in rest}
    return {**first, **rest}


def _item_body(value: Any, path: str) -> Json:
    body = _object(value, path)
    needed = _ITEMS.get(str(body.get("type")))
    if needed is None:
        raise Refused(f"{path}.type is none of {', '.join(_ITEMS)}")
    for name, check in needed.items():
        _member(body, name, path, check)
    return body


_ITEMS: dict[str, Mapping[str, Callable[[Any, str], Any]]] = {
    "reasoning": {},
    "function_call": {"call_id": _text, "name": _text},
    "function_call_output": {"call_id": _text},
    "code_interpreter_call": {"id": _text, "container_id": _text, "code": _text, "outputs": _objects},
}

_CHECKS: dict[str, Callable[[Any, str], Any]] = {
    "id": _id,
    "file.id": _file_id,
    "created_at": _seconds,
    "started_at": _seconds,
    "expires_at": _seconds,
    "cancelled_at": _seconds,
    "failed_at": _seconds,
    "completed_at": _seconds,
    "incomplete_at": _seconds,
    "expired_at": _seconds,
    "thread_id": _id,
    "run_id": _id,
    "assistant_id": _text,
    "name": _text,
    "description": _text,
    "model": _text,
    "instructions": _text,
    "reasoning_effort": _text,
    "filename": _text,
    "top_p": _number,
    "temperature": _number,
    "metadata": _object,
    "tool_resources": _resources,
    "tools": _tools,
    "response_format": _response_format,
    "tool_choice": _tool_choice,
    "truncation_strategy": _object,
    "last_error": _object,
    "incomplete_details": _object,
    "required_action": _object,
    "usage": _usage,
    "role": _one_of("user", "assistant"),
    "content": _content,
    "attachments": _attachments,
    "step_details": _step_details,
    "step.type": _one_of("message_creation", "tool_calls"),
    "run.status": _one_of(*MOVES),
    "step.status": _one_of("in_progress", "completed", "cancelled", "failed", "expired"),
    "message.status": _one_of("in_progress", "completed", "incomplete"),
    "item.body": _item_body,
    "item.extra": _object,
    "item.before": _id,
}


# What the first version of the API said otherwise.


def _message_of_v1(said: Json, notes: list[str]) -> None:
    """The second version shows `file_ids` too, in its replies to changes, where `attachments` are lost."""
    file_ids = said.pop("file_ids", None)
    if file_ids and said.get("attachments") is None:
        said["attachments"] = [{"file_id": id, "tools": []} for id in _list(file_ids, "file_ids")]


def _assistant_of_v1(said: Json, notes: list[str]) -> None:
    file_ids = said.pop("file_ids", None)
    if not file_ids or said.get("tool_resources"):
        return
    kinds = {tool.get("type") for tool in said.get("tools") or () if isinstance(tool, dict)}
    if "code_interpreter" in kinds:
        said["tool_resources"] = {"code_interpreter": {"file_ids": _list(file_ids, "file_ids")}}
    if "retrieval" in kinds:
        named = ", ".join(map(str, _list(file_ids, "file_ids")))
        notes.append(f"it searched its own files, as assistants did in 2023: put {named} into a vector store, and name that to it")


_FROM_V1: dict[str, Callable[[Json, list[str]], None]] = {"message": _message_of_v1, "assistant": _assistant_of_v1}


def _only_runnable(tools: list[Json], notes: list[str]) -> list[Json]:
    others = [tool["type"] for tool in tools if tool["type"] not in _RUNNABLE_TOOLS]
    notes.extend(f"its tool {kind!r} is none that a run could use here, and was left out" for kind in dict.fromkeys(others))
    return [tool for tool in tools if tool["type"] in _RUNNABLE_TOOLS]


def _extra(kind: Kind, extra: Any) -> Json | None:
    if kind is KINDS["file"]:
        found = _object(extra, OWN)
        source = _member(found, "source", OWN, _object)
        for name in ("container_id", "file_id"):
            if name not in source:
                raise Refused(f"{OWN}.source.{name} is missing")
        ids = {name: _member(found, name, OWN, _id) for name in ("thread_id", "run_id")}
        return {**ids, "source": source, "copied": bool(found.get("copied"))}
    return _object(extra, OWN) if extra is not None and kind is KINDS["message"] else None
