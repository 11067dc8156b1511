"""A quoted requirement in a list of them, as text: one more beside it, one less, another in its place. The writing stays as it is."""

from __future__ import annotations

import re


def with_another(text: str, start: int, end: int, requirement: str) -> str:
    """`text` with `requirement` after the literal at `start:end`: on a line of its own where that has one."""
    quote = text[start]
    new = quote + requirement.replace(quote, "'" if quote == '"' else '"') + quote
    line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    rest = re.compile(r"([ \t]*,)?[ \t]*(?:#[^\r\n]*)?(\r\n|\r|\n)").match(text, end)
    indent = text[line_start:start]
    if rest is None or indent.strip():
        return f"{text[:end]}, {new}{text[end:]}"
    comma = "" if rest[1] else ","
    return f"{text[:end]}{comma}{text[end : rest.end()]}{indent}{new}{',' if rest[1] else ''}{rest[2]}{text[rest.end() :]}"


def without(text: str, start: int, end: int) -> str:
    """`text` without the literal at `start:end`, its comma, and its line where it has one."""
    line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    rest = re.compile(r"[ \t]*,?[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)").match(text, end)
    if rest is not None and not text[line_start:start].strip():
        return text[:line_start] + text[rest.end() :]
    following = re.compile(r"[ \t]*,[ \t]*").match(text, end)
    if following:
        return text[:start] + text[following.end() :]
    before = re.compile(r"[ \t]*,[ \t]*$").search(text, 0, start)
    return text[: before.start() if before else start] + text[end:]


def replaced(text: str, start: int, end: int, requirement: str) -> str:
    """`text` with `requirement` in the place of the literal at `start:end`."""
    quote = text[start]
    return text[:start] + quote + requirement.replace(quote, "'" if quote == '"' else '"') + quote + text[end:]


def line_of(text: str, position: int) -> int:
    """The line that a position is in, from 1."""
    return text.count("\n", 0, position) + 1
