"""Assistants as the generated module writes them down: from the arguments of a create call, or from an exported assistants.json. Pure.

ASSISTANTS["math-tutor"] = Assistant(
    id="math-tutor",
    name="Math Tutor",
    model="gpt-4.1",
    truncation="auto",
)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from assistants_codemods.template import as_tools
from assistants_compat.model_retirement import retirement

Json = dict[str, Any]
_WIDTH = 100
_KEPT = ("name", "description", "metadata", "model", "instructions", "temperature", "top_p")


class NotAssistants(ValueError):
    """A text that is no export of assistants."""


def slug(name: str | None) -> str:
    """An id made of an assistant's name."""
    return re.sub(r"[^a-z0-9]+", "-", (name or "").lower()).strip("-") or "assistant"


def arguments_of(assistant: Mapping[str, Any]) -> Json:
    """What the generated module's `Assistant` takes for an assistant of the API, or for the arguments it was created with."""
    found = {name: assistant[name] for name in _KEPT if assistant.get(name) not in (None, {}, "")}
    for name in ("temperature", "top_p"):
        if found.get(name) == 1:  # the API's default, which reasoning models refuse to be told
            del found[name]
    if assistant.get("reasoning_effort") is not None:
        found["reasoning"] = {"effort": assistant["reasoning_effort"]}
    if format := format_of(assistant.get("response_format")):
        found["text"] = {"format": format}
    if tools := as_tools(assistant.get("tools"), assistant.get("tool_resources")):
        found["tools"] = tools
    return {**found, "truncation": "auto"}


def format_of(given: Any) -> Json | None:
    """A response_format as `text.format`; None for the default."""
    if not isinstance(given, dict):
        return None
    return {"type": given["type"], **(given.get("json_schema") or {})}


def source_of(identifier: str, arguments: Mapping[str, Any]) -> str:
    """The source of an assistant. `identifier` is source as well."""
    lines = [f"    id={identifier},"]
    for name, value in arguments.items():
        comment = _fate(value) if name == "model" else ""
        lines.append(f"    {name}={_python(value, 4, len(name) + 6)},{comment}")
    return "Assistant(\n" + "\n".join(lines) + "\n)"


def configurations(text: str) -> dict[str, str]:
    """The sources of the assistants of an exported assistants.json, by id.

    `text` is a list of assistants, pages of `assistants.list`, the file of an export tool, or JSON Lines.
    Raises `NotAssistants` for everything else.
    """
    return {assistant["id"]: source_of(text_literal(assistant["id"]), arguments_of(assistant)) for assistant in _assistants(_parsed(text))}


def _fate(model: str) -> str:
    """What is to be said of a model that is gone or going."""
    known = retirement(model)
    if known is None:
        return ""
    instead = f"; OpenAI recommends {known.replacement}" if known.replacement else ""
    return f"  # shut down on {known.shutdown}{instead}"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        try:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise NotAssistants(f"This is not JSON: {error}") from None


def _assistants(found: Any) -> Iterator[Json]:
    """The assistants in lists, pages and objects by id, however deep; `assistant` and `assistants` are what export tools call them."""
    if isinstance(found, list):
        for each in found:
            yield from _assistants(each)
    elif isinstance(found, dict) and str(found.get("id", "")).startswith("asst_") and "model" in found:
        if not isinstance(found["model"], str):
            raise NotAssistants(f"The model of {found['id']} is not a text")
        yield found
    elif isinstance(found, dict):
        inner = [found[key] for key in ("data", "assistants", "assistant") if key in found]
        inner = inner or [value for key, value in found.items() if key.startswith("asst_")]
        if not inner:
            raise NotAssistants(f"This has no assistants: an object with {', '.join(sorted(found)[:5]) or 'nothing'}")
        for each in inner:
            yield from _assistants(each)
    else:
        raise NotAssistants(f"This has no assistants: {json.dumps(found)[:60]}")


def _python(value: Any, indent: int, used: int) -> str:
    """`value` as source, on one line where it fits; `used` columns of the line are taken."""
    if isinstance(value, str):
        return _long_text(value, indent) if "\n" in value.rstrip("\n") else text_literal(value)
    line = _line(value)
    if used + len(line) <= _WIDTH or not isinstance(value, dict | list) or not value:
        return line
    pad, inner = " " * indent, " " * (indent + 4)
    if isinstance(value, dict):
        parts = [f"{text_literal(str(key))}: {_python(item, indent + 4, indent + len(str(key)) + 9)}" for key, item in value.items()]
    else:
        parts = [_python(item, indent + 4, indent + 5) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return "\n".join([opening, *(f"{inner}{part}," for part in parts), f"{pad}{closing}"])


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{text_literal(str(key))}: {_line(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_line, value)) + "]"
    return text_literal(value) if isinstance(value, str) else repr(value)


def _long_text(value: str, indent: int) -> str:
    """A text of several lines, each on its own."""
    pad = " " * (indent + 4)
    return "(\n" + "\n".join(f"{pad}{text_literal(line)}" for line in value.splitlines(keepends=True)) + f"\n{' ' * indent})"


def text_literal(value: str) -> str:
    """The source of a text, in double quotes where it has none."""
    literal = repr(value)
    return f'"{literal[1:-1]}"' if literal.startswith("'") and '"' not in value and "\\'" not in literal else literal
