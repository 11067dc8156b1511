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
from assistants_compat.transfer.checks import (
    Check,
    Refused,
    a_file_id,
    a_list,
    a_moment,
    a_number,
    a_text,
    an_id,
    an_object,
    member,
    objects,
    one_of,
    whole_number,
    without_nulls,
)
from assistants_compat.transfer.kinds import KINDS, REQUIRED, Kind, KindName
from assistants_compat.transfer.schemas import OWN

Json = dict[str, Any]

_TOOLS_OF_V1 = {"retrieval": "file_search"}
_RUNNABLE_TOOLS = ("code_interpreter", "file_search", "function")


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
def _fields(kind: KindName) -> list[tuple[str, Any, Check | None]]:
    """The keys of a kind, each with its default and its check."""
    keys = KINDS[kind].keys.items()
    return [(name, default, _CHECKS.get(f"{kind}.{name}") or _CHECKS.get(name)) for name, default in keys]


_STATE_OF_MESSAGE = ("status", "incomplete_details", "incomplete_at", "completed_at")


# What it is in the API's form.


def _resources(value: Any, path: str) -> Json:
    found: Json = {}
    for name, each in without_nulls(an_object(value, path)).items():
        found[name] = without_nulls(an_object(each, f"{path}.{name}"))
        for ids in ("file_ids", "vector_store_ids"):
            for index, id in enumerate(a_list(found[name].get(ids, []), f"{path}.{name}.{ids}")):
                a_text(id, f"{path}.{name}.{ids}[{index}]")
    return found


def _tools(value: Any, path: str) -> list[Json]:
    return [_tool(tool, f"{path}[{index}]") for index, tool in enumerate(objects(value, path))]


def _tool(tool: Json, path: str) -> Json:
    kind = member(tool, "type", path, a_text)
    kind = _TOOLS_OF_V1.get(kind, kind)
    rest = without_nulls({name: each for name, each in tool.items() if name != "type"})
    if kind == "function":
        function = member(rest, "function", path, an_object)
        member(function, "name", f"{path}.function", a_text)
        rest["function"] = _function(function)
    elif kind == "file_search":
        rest["file_search"] = _search(an_object(rest.get("file_search", {}), f"{path}.file_search"), f"{path}.file_search")
    return {"type": kind, **rest}


def _function(function: Json) -> Json:
    described = {} if function.get("description") is None else {"description": function["description"]}
    form = {"parameters": function.get("parameters") or {"type": "object", "properties": {}}, "strict": bool(function.get("strict"))}
    rest = {name: each for name, each in function.items() if name not in ("name", "description", "parameters", "strict")}
    return {"name": function["name"], **described, **form, **without_nulls(rest)}


def _search(options: Json, path: str) -> Json:
    """With the ranking that the API showed (recorded)."""
    ranking = an_object(options.get("ranking_options") or {}, f"{path}.ranking_options")
    usual = {"ranker": "default_2024_08_21", "score_threshold": 0.0}
    shown = {**usual, **without_nulls(ranking)}
    if "hybrid_search" in ranking or not ranking:
        shown["hybrid_search"] = ranking.get("hybrid_search")
    return {**without_nulls({**options, "ranking_options": None}), "ranking_options": shown}


def _response_format(value: Any, path: str) -> Any:
    if isinstance(value, str):
        return value
    found = an_object(value, path)
    member(found, "type", path, a_text)
    if found["type"] != "json_schema":
        return found
    schema = member(found, "json_schema", path, an_object)
    member(schema, "name", f"{path}.json_schema", a_text)
    return {**found, "json_schema": {"schema" if name == "schema_" else name: each for name, each in schema.items()}}


def _tool_choice(value: Any, path: str) -> Any:
    if isinstance(value, str):
        return value
    member(an_object(value, path), "type", path, a_text)
    return without_nulls(value)


def _usage(value: Any, path: str) -> Json:
    found = without_nulls(an_object(value, path))
    first = [name for name in ("prompt_tokens", "completion_tokens", "total_tokens") if name in found]
    for name in first:
        whole_number(found[name], f"{path}.{name}")
    return {**{name: found.pop(name) for name in first}, **found}


def _attachments(value: Any, path: str) -> list[Json]:
    found = []
    for index, each in enumerate(objects(value, path)):
        tools = objects(each.get("tools") or [], f"{path}[{index}].tools")
        found.append({**without_nulls(each), "file_id": member(each, "file_id", f"{path}[{index}]", a_text), "tools": tools})
    return found


def _content(value: Any, path: str) -> list[Json]:
    if isinstance(value, str):  # as programs give it, and some have kept it
        value = [{"type": "text", "text": value}]
    return [_part(part, f"{path}[{index}]") for index, part in enumerate(objects(value, path))]


def _part(part: Json, path: str) -> Json:
    kind = one_of("text", "image_file", "image_url", "refusal")(part.get("type"), f"{path}.type")
    if kind == "refusal":
        return {"type": kind, "refusal": member(part, "refusal", path, a_text)}
    if kind == "text":
        said = {"value": part["text"], "annotations": []} if isinstance(part.get("text"), str) else member(part, "text", path, an_object)
        annotations = _annotations(said.get("annotations") or [], f"{path}.text.annotations")
        return {"type": kind, "text": {"value": member(said, "value", f"{path}.text", a_text), "annotations": annotations}}
    image = member(part, kind, path, an_object)
    source = {"image_file": "file_id", "image_url": "url"}[kind]
    detail = {"detail": image["detail"]} if image.get("detail") is not None else {}
    return {"type": kind, kind: {source: member(image, source, f"{path}.{kind}", a_text), **detail}}


def _annotations(value: Any, path: str) -> list[Json]:
    for index, each in enumerate(objects(value, path)):
        for name, check in (("type", a_text), ("text", a_text), ("start_index", whole_number), ("end_index", whole_number)):
            member(each, name, f"{path}[{index}]", check)
    order = ("type", "text", "start_index", "end_index")
    return [{**{name: each[name] for name in order}, **without_nulls(each)} for each in value]


def _check_what_a_user_says(body: Json) -> None:
    for index, part in enumerate(body.get("content", ()) if body["role"] == "user" else ()):
        if part["type"] == "refusal":
            raise Refused(f"content[{index}] is a refusal, which a user cannot give")
        if part["type"] != "text":
            part[part["type"]].setdefault("detail", "auto")


def _step_details(value: Any, path: str) -> Json:
    details = without_nulls(an_object(value, path))
    member(details, "type", path, one_of("message_creation", "tool_calls"))
    if details["type"] == "tool_calls":
        calls = objects(details.get("tool_calls", []), f"{path}.tool_calls")
        details["tool_calls"] = [_call(call, f"{path}.tool_calls[{index}]") for index, call in enumerate(calls)]
    return {"type": details.pop("type"), **details}


def _call(call: Json, path: str) -> Json:
    kind = member(call, "type", path, a_text)
    rest = without_nulls(call)
    if kind == "file_search":
        told = rest.get("file_search")
        search: Json = told if isinstance(told, dict) else {}
        results = objects(search.get("results") or [], f"{path}.file_search.results")
        rest["file_search"] = {**without_nulls(search), "results": [without_nulls(result) for result in results]}
    if kind == "function":
        function = member(rest, "function", path, an_object)
        first = {name: member(function, name, f"{path}.function", a_text) for name in ("name", "arguments")}
        rest["function"] = {**first, **function}
    if kind == "code_interpreter":
        code = an_object(rest.get("code_interpreter") or {}, f"{path}.code_interpreter")
        for index, output in enumerate(objects(code.get("outputs") or [], f"{path}.code_interpreter.outputs")):
            member(output, "type", f"{path}.code_interpreter.outputs[{index}]", a_text)
            an_object(output.get("image") or {}, f"{path}.code_interpreter.outputs[{index}].image")
    first = {name: rest[name] for name in ("id", "type") if name in rest}
    return {**first, **rest}


def _item_body(value: Any, path: str) -> Json:
    body = an_object(value, path)
    needed = _ITEMS.get(str(body.get("type")))
    if needed is None:
        raise Refused(f"{path}.type is none of {', '.join(_ITEMS)}")
    for name, check in needed.items():
        member(body, name, path, check)
    return body


def _printed(value: Any, path: str) -> list[Json]:
    for index, output in enumerate(objects(value, path)):
        member(output, "logs", f"{path}[{index}]", a_text)
    return list(value)


def _item_extra(value: Any, path: str) -> Json:
    for index, name in enumerate(a_list(an_object(value, path).get("files", []), f"{path}.files")):
        a_text(name, f"{path}.files[{index}]")
    return dict(value)


_ITEMS: dict[str, Mapping[str, Check]] = {
    "reasoning": {},
    "function_call": {"call_id": a_text, "name": a_text, "arguments": a_text},
    "function_call_output": {"call_id": a_text, "output": a_text},
    "code_interpreter_call": {"id": a_text, "container_id": a_text, "code": a_text, "outputs": _printed},
}

_CHECKS: dict[str, Check] = {
    "id": an_id,
    "file.id": a_file_id,
    "created_at": a_moment,
    "started_at": a_moment,
    "expires_at": a_moment,
    "cancelled_at": a_moment,
    "failed_at": a_moment,
    "completed_at": a_moment,
    "incomplete_at": a_moment,
    "expired_at": a_moment,
    "thread_id": an_id,
    "run_id": an_id,
    "assistant_id": a_text,
    "name": a_text,
    "description": a_text,
    "model": a_text,
    "instructions": a_text,
    "reasoning_effort": a_text,
    "filename": a_text,
    "top_p": a_number,
    "temperature": a_number,
    "metadata": an_object,
    "tool_resources": _resources,
    "tools": _tools,
    "response_format": _response_format,
    "tool_choice": _tool_choice,
    "truncation_strategy": an_object,
    "last_error": an_object,
    "incomplete_details": an_object,
    "required_action": an_object,
    "usage": _usage,
    "role": one_of("user", "assistant"),
    "content": _content,
    "attachments": _attachments,
    "step_details": _step_details,
    "step.type": one_of("message_creation", "tool_calls"),
    "run.status": one_of(*MOVES),
    "step.status": one_of("in_progress", "completed", "cancelled", "failed", "expired"),
    "message.status": one_of("in_progress", "completed", "incomplete"),
    "item.body": _item_body,
    "item.extra": _item_extra,
    "item.before": an_id,
}


# What the first version of the API said otherwise.


def _message_of_v1(said: Json, notes: list[str]) -> None:
    """The second version shows `file_ids` too, in its replies to changes, where `attachments` are lost."""
    file_ids = said.pop("file_ids", None)
    if file_ids and said.get("attachments") is None:
        said["attachments"] = [{"file_id": id, "tools": []} for id in a_list(file_ids, "file_ids")]


def _assistant_of_v1(said: Json, notes: list[str]) -> None:
    file_ids = said.pop("file_ids", None)
    if not file_ids or said.get("tool_resources"):
        return
    kinds = {tool.get("type") for tool in said.get("tools") or () if isinstance(tool, dict)}
    if "code_interpreter" in kinds:
        said["tool_resources"] = {"code_interpreter": {"file_ids": a_list(file_ids, "file_ids")}}
    if "retrieval" in kinds:
        named = ", ".join(map(str, a_list(file_ids, "file_ids")))
        notes.append(f"it searched its own files, as assistants did in 2023: put {named} into a vector store, and name that to it")


_FROM_V1: dict[str, Callable[[Json, list[str]], None]] = {"message": _message_of_v1, "assistant": _assistant_of_v1}


def _only_runnable(tools: list[Json], notes: list[str]) -> list[Json]:
    others = [tool["type"] for tool in tools if tool["type"] not in _RUNNABLE_TOOLS]
    notes.extend(f"its tool {kind!r} is none that a run could use here, and was left out" for kind in dict.fromkeys(others))
    return [tool for tool in tools if tool["type"] in _RUNNABLE_TOOLS]


def _extra(kind: Kind, extra: Any) -> Json | None:
    if kind is KINDS["file"]:
        found = an_object(extra, OWN)
        source = member(found, "source", OWN, an_object)
        for name in ("container_id", "file_id"):
            if name not in source:
                raise Refused(f"{OWN}.source.{name} is missing")
        ids = {name: member(found, name, OWN, an_id) for name in ("thread_id", "run_id")}
        return {**ids, "source": source, "copied": bool(found.get("copied"))}
    return an_object(extra, OWN) if extra is not None and kind is KINDS["message"] else None
