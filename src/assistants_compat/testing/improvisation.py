"""What the model says when the script is exhausted: a small, deterministic function of the request.

It calls a function the user seems to ask for, repeats the outputs of functions, fills a JSON schema, looks questions up,
computes and draws with the tools it has, solves `3x + 11 = 14`, and otherwise repeats what it was told together with the
number of user messages it sees.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from typing import Any

from assistants_compat.testing.answers import FunctionCall, Item, Reasoning, Text, Turn
from assistants_compat.testing.models import find_model
from assistants_compat.testing.schemas import instance
from assistants_compat.testing.storage import Storage
from assistants_compat.testing.tool_improvisation import built_in

_EQUATION = re.compile(r"(?P<a>-?\d*)\s*\*?\s*x\s*(?P<sign>[+-])\s*(?P<b>\d+)\s*=\s*(?P<c>-?\d+)", re.IGNORECASE)
_PLACE = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][a-z]+(?:\s[A-Z][a-z]+)*")
_NOT_PLACES = {"I", "What", "How", "Please", "Json"}


def improvise(body: Mapping[str, Any], storage: Storage | None = None) -> Turn:
    """The default answer. It depends on nothing but the request and the files it gives the tools."""
    given = body.get("input") or []
    items = [{"role": "user", "content": given}] if isinstance(given, str) else list(given)
    said = _answer(body, items, storage)
    model = find_model(str(body.get("model")))
    return Turn(Reasoning("Considering the request."), *said) if model is not None and model.reasons else Turn(*said)


def _answer(body: Mapping[str, Any], items: list[Mapping[str, Any]], storage: Storage | None) -> list[Item]:
    outputs = _trailing_outputs(items)
    users = [text for item in items if item.get("role") == "user" and (text := _text(item))]
    asked = users[-1] if users else ""
    tool = None if outputs else _wanted_function(body, asked)
    if tool is not None:
        return _calls(tool, asked, parallel=body.get("parallel_tool_calls") is not False)
    format = (body.get("text") or {}).get("format") or {}
    if format.get("type") in ("json_schema", "json_object"):
        return [Text(_json_answer(format, asked))]
    if outputs:
        return [Text(" ".join(f"According to {name}: {output}" for name, output in outputs))]
    solution = _solve(asked)
    used = built_in(body, asked, solution, storage)
    if used is not None:
        return used
    if solution is not None:
        return [Text(solution)]
    count = len(users)
    return [Text(f'You said: "{asked}" That is message {count} from you in this conversation.')]


def _text(item: Mapping[str, Any]) -> str:
    content = item.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(str(part["text"]) for part in content or () if isinstance(part, Mapping) and "text" in part)


def _trailing_outputs(items: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    names = {item.get("call_id"): str(item.get("name")) for item in items if item.get("type") == "function_call"}
    found: list[tuple[str, str]] = []
    for item in reversed(items):
        if item.get("type") != "function_call_output":
            break
        output = item.get("output")
        text = output if isinstance(output, str) else _text({"content": output})
        found.append((names.get(item.get("call_id"), "the function"), text))
    return found[::-1]


def _wanted_function(body: Mapping[str, Any], asked: str) -> Mapping[str, Any] | None:
    functions = [tool for tool in body.get("tools") or [] if tool["type"] == "function"]
    choice = body.get("tool_choice")
    if choice == "none" or not functions:
        return None
    if isinstance(choice, Mapping) and choice.get("type") == "function":
        return next((tool for tool in functions if tool["name"] == choice.get("name")), None)
    words = set(re.findall(r"[a-z]{4,}", asked.lower()))
    named = next((tool for tool in functions if words & set(re.findall(r"[a-z]{4,}", tool["name"].lower()))), None)
    return functions[0] if named is None and choice == "required" else named


def _calls(tool: Mapping[str, Any], asked: str, *, parallel: bool) -> list[Item]:
    """One call for every place the user names, as far as the function takes a free string."""
    places = _places(asked)
    schema = tool.get("parameters") or {"type": "object"}
    calls: list[Item] = []
    for place in places or [""]:
        call = FunctionCall(tool["name"], instance(schema, partial(_place_or_name, place)))
        if call not in calls:
            calls.append(call)
    return calls if parallel else calls[:1]


def _place_or_name(place: str, name: str) -> str:
    return place or name


def _places(asked: str) -> list[str]:
    found = [match[0] for match in _PLACE.finditer(asked) if match[0].split()[0] not in _NOT_PLACES]
    return list(dict.fromkeys(found))


def _json_answer(format: Mapping[str, Any], asked: str) -> str:
    if format["type"] == "json_object":
        return json.dumps({"answer": asked}, ensure_ascii=False)
    places = _places(asked)
    return json.dumps(instance(format["schema"], lambda name: places[0] if places else name), ensure_ascii=False)


def _solve(asked: str) -> str | None:
    match = _EQUATION.search(asked)
    if match is None:
        return None
    factor = int({"": "1", "-": "-1"}.get(match["a"], match["a"]))
    if factor == 0:
        return None
    constant, right = int(match["sign"] + match["b"]), int(match["c"])
    x = Fraction(right - constant, factor)
    first = f"Subtract {constant} from" if constant >= 0 else f"Add {-constant} to"
    return f"{first} both sides and divide by {factor}: the solution of {match[0].strip()} is x = {x}."
