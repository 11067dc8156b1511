"""pyproject.toml and Pipfile, changed as text: each change is parsed again and has to be exactly the one that was meant."""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from assistants_codemods.dependencies.literals import line_of, replaced, with_another, without
from assistants_codemods.dependencies.pins import (
    PACKAGE,
    SHIM_NEEDS,
    Adapted,
    Mentions,
    Note,
    allows_shim,
    from_poetry,
    is_for,
    may_lack_conversations,
    ours_beside,
    raised,
    specifier_of,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_STRING = re.compile(r"\"[^\"\r\n]*\"|'[^'\r\n]*'")
_KEY = re.compile(r"^[ \t]*[\"']?{name}[\"']?[ \t]*=[^\r\n]*(?:\r\n|\r|\n|\Z)", re.MULTILINE)


@dataclass(frozen=True)
class _List:
    """An array of requirements, by the keys that lead to it."""

    keys: tuple[str, ...]
    items: list[Any]


@dataclass(frozen=True)
class _Table:
    """A table of packages and versions, by the keys that lead to it."""

    keys: tuple[str, ...]
    packages: dict[str, Any]


def mentions(text: str) -> Mentions:
    """What the file has, optional dependencies and sources aside."""
    lists, tables = _places(_parse(text) or {})
    return Mentions(
        any(_index(place.items, "openai") is not None for place in lists) or any("openai" in place.packages for place in tables),
        any(_index(place.items, PACKAGE) is not None for place in lists) or any(PACKAGE in place.packages for place in tables),
    )


def can_gain(text: str) -> bool:
    """Whether there is a place for dependencies at all."""
    document = _parse(text) or {}
    return isinstance(document.get("project"), dict) and document["project"].get("name") != PACKAGE


def with_package(text: str) -> Adapted:
    """The file with our requirement after openai's, wherever that is."""
    document = _parse(text)
    if document is None:
        return Adapted(text, (Note("AC011", 1, "The file is not TOML."),))
    notes: list[Note] = []
    lists, tables = _places(document)
    for place in lists:
        text = _list_gains(text, place, notes)
    for table in tables:
        text = _table_gains(text, table, notes)
    if not any(_index(place.items, "openai") is not None for place in lists) and not any("openai" in place.packages for place in tables):
        notes.append(Note("AC011", 1, f"openai is not among the dependencies here: add {PACKAGE} where it belongs."))
    return Adapted(text, tuple(notes))


def without_package(text: str) -> Adapted:
    """The file without our requirement."""
    notes: list[Note] = []
    lists, tables = _places(_parse(text) or {})
    for place in lists:
        index = _index(place.items, PACKAGE)
        if index is not None:
            new = _changed(text, place.keys, _popper(index), _literals(text, place.items[index], without))
            text = _or_note(text, new, notes, f"{PACKAGE} is to be taken out by hand.")
    for table in tables:
        if PACKAGE in table.packages:
            candidates = (text[: key.start()] + text[key.end() :] for key in _key_lines(text, PACKAGE))
            text = _or_note(text, _changed(text, table.keys, _popper(PACKAGE), candidates), notes, f"Take {PACKAGE} out by hand.")
    return Adapted(text, tuple(notes))


def old_for_conversations(text: str) -> tuple[Note, ...]:
    """The requirements on openai that let in a version without the Conversations API."""
    notes = []
    lists, tables = _places(_parse(text) or {})
    for place in lists:
        index = _index(place.items, "openai")
        if index is not None and may_lack_conversations(specifier_of(place.items[index])):
            notes.append(
                Note("AC014", _line(text, place.items[index]), f"{place.items[index]} lets in an openai without the Conversations API.")
            )
    for table in tables:
        version = _version(table.packages.get("openai"))
        if version is not None and may_lack_conversations(from_poetry(version)):
            notes.append(Note("AC014", _key_line(text), f"openai {version} lets in one without the Conversations API."))
    return tuple(notes)


def _list_gains(text: str, place: _List, notes: list[Note]) -> str:
    index = _index(place.items, "openai")
    if index is None or _index(place.items, PACKAGE) is not None:
        return text
    requirement: str = place.items[index]
    line = _line(text, requirement)
    if not allows_shim(specifier_of(requirement)):
        better = raised(requirement)
        change = _setter(index, better)
        new = _changed(text, place.keys, change, _literals(text, requirement, replaced, better))
        if new is None:
            notes.append(Note("AC013", line, f"{requirement} is not what the shim supports."))
        else:
            notes.append(Note("AC012", line, f"{requirement} becomes {better}."))
            text, requirement = new, better
    ours = ours_beside(requirement)
    new = _changed(
        text,
        place.keys,
        lambda items: items.insert(index + 1, ours),
        _literals(text, requirement, with_another, ours),
    )
    return _or_note(text, new, notes, f"{'.'.join(place.keys)}: add {PACKAGE} by hand.", line)


def _table_gains(text: str, table: _Table, notes: list[Note]) -> str:
    if "openai" not in table.packages or PACKAGE in table.packages:
        return text
    version = _version(table.packages["openai"])
    line = _key_line(text)
    if version is not None and not allows_shim(from_poetry(version)):
        new = None
        if isinstance(table.packages["openai"], str):
            new = _changed(
                text,
                table.keys,
                _setter("openai", SHIM_NEEDS),
                _literals(text, version, replaced, SHIM_NEEDS),
            )
        if new is None:
            notes.append(Note("AC013", line, f"openai {version} is not what the shim supports."))
        else:
            notes.append(Note("AC012", line, f"openai {version} becomes {SHIM_NEEDS}."))
            text = new
    end = "\r\n" if "\r\n" in text else "\n"
    candidates = (
        f'{text[: key.end()]}{"" if key[0].endswith(end) else end}{PACKAGE} = "*"{end if key[0].endswith(end) else ""}{text[key.end() :]}'
        for key in _key_lines(text, "openai")
    )
    new = _changed(text, table.keys, _setter(PACKAGE, "*"), candidates)
    return _or_note(text, new, notes, f"{'.'.join(table.keys)}: add {PACKAGE} by hand.", line)


def _setter(key: Any, value: Any) -> Callable[[Any], Any]:
    return lambda container: container.__setitem__(key, value)


def _popper(key: Any) -> Callable[[Any], Any]:
    return lambda container: container.pop(key)


def _changed(text: str, keys: tuple[str, ...], change: Callable[[Any], Any], candidates: Iterator[str]) -> str | None:
    """The first of `candidates` that parses to what `text` has after `change` at `keys`."""
    wanted = copy.deepcopy(_parse(text))
    container: Any = wanted
    for key in keys:
        container = container[key]
    change(container)
    return next((candidate for candidate in candidates if _parse(candidate) == wanted), None)


def _literals(text: str, value: str, make: Callable[..., str], *more: str) -> Iterator[str]:
    """`text` with `make` applied to one of the literals that are `value`, for each of them."""
    for match in _STRING.finditer(text):
        if match[0][1:-1] == value:
            yield make(text, match.start(), match.end(), *more)


def _or_note(text: str, new: str | None, notes: list[Note], message: str, line: int = 1) -> str:
    if new is None:
        notes.append(Note("AC011", line, message))
        return text
    return new


def _key_lines(text: str, name: str) -> Iterator[re.Match[str]]:
    return re.finditer(_KEY.pattern.replace("{name}", re.escape(name)), text, re.MULTILINE)


def _key_line(text: str) -> int:
    return next((line_of(text, key.start()) for key in _key_lines(text, "openai")), 1)


def _line(text: str, value: str) -> int:
    return next((line_of(text, match.start()) for match in _STRING.finditer(text) if match[0][1:-1] == value), 1)


def _places(document: dict[str, Any]) -> tuple[list[_List], list[_Table]]:
    lists: list[_List] = []
    tables: list[_Table] = []

    def look(kind: type, make: Callable[..., Any], into: list[Any], *keys: str) -> None:
        value: Any = document
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, kind):
            into.append(make(keys, value))

    def below(*keys: str) -> list[str]:
        value: Any = document
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return list(value) if isinstance(value, dict) else []

    look(list, _List, lists, "project", "dependencies")
    for group in below("dependency-groups"):
        look(list, _List, lists, "dependency-groups", group)
    look(dict, _Table, tables, "tool", "poetry", "dependencies")
    for group in below("tool", "poetry", "group"):
        look(dict, _Table, tables, "tool", "poetry", "group", group, "dependencies")
    look(dict, _Table, tables, "packages")
    look(dict, _Table, tables, "dev-packages")
    return lists, tables


def _index(items: list[Any], name: str) -> int | None:
    return next((index for index, item in enumerate(items) if isinstance(item, str) and is_for(item, name)), None)


def _version(value: Any) -> str | None:
    value = value.get("version") if isinstance(value, dict) else value
    return value if isinstance(value, str) else None


def _parse(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError:
        return None
