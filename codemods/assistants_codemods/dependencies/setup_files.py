"""setup.cfg, and setup.py where its list of requirements is written out."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator

from assistants_codemods.dependencies.literals import line_of, replaced, with_another, without
from assistants_codemods.dependencies.pins import (
    PACKAGE,
    Adapted,
    Mentions,
    Note,
    allows_shim,
    is_for,
    may_lack_conversations,
    ours_beside,
    raised,
    specifier_of,
)

_ITEM = re.compile(r"^([ \t]+)([^\s#;][^\r\n#]*?)([ \t]*(?:#[^\r\n]*)?)(\r\n|\r|\n|\Z)", re.MULTILINE)


def cfg_mentions(text: str) -> Mentions:
    """What install_requires has."""
    items = _install_requires(text)
    return Mentions(any(is_for(item, "openai") for item in items), any(is_for(item, PACKAGE) for item in items))


def cfg_with_package(text: str) -> Adapted:
    """setup.cfg with our requirement after openai's."""
    notes: list[Note] = []
    wanted = _install_requires(text)
    index = next((index for index, item in enumerate(wanted) if is_for(item, "openai")), None)
    if index is None:
        return Adapted(text, (Note("AC011", 1, f"openai is not among install_requires: add {PACKAGE} where it belongs."),))
    old = wanted[index]
    kept = old if allows_shim(specifier_of(old)) else raised(old)
    wanted[index : index + 1] = [kept, ours_beside(old)]
    for item in _ITEM.finditer(text):
        if item[2].strip() != old:
            continue
        end = item[4] or ("\r\n" if "\r\n" in text else "\n")
        new = f"{item[1]}{kept}{item[3]}{end}{item[1]}{ours_beside(old)}{item[4]}"
        candidate = text[: item.start()] + new + text[item.end() :]
        if _install_requires(candidate) == wanted:
            if kept != old:
                notes.append(Note("AC012", line_of(text, item.start()), f"{old} becomes {kept}."))
            return Adapted(candidate, tuple(notes))
    return Adapted(text, (Note("AC011", 1, f"install_requires: add {PACKAGE} by hand."),))


def cfg_without_package(text: str) -> Adapted:
    """setup.cfg without our requirement."""
    wanted = [item for item in _install_requires(text) if not is_for(item, PACKAGE)]
    for item in _ITEM.finditer(text):
        if is_for(item[2], PACKAGE):
            candidate = text[: item.start()] + text[item.end() :]
            if _install_requires(candidate) == wanted:
                return Adapted(candidate)
    return Adapted(text, (Note("AC011", 1, f"install_requires: take {PACKAGE} out by hand."),))


def cfg_old_for_conversations(text: str) -> tuple[Note, ...]:
    """The requirements on openai that let in a version without the Conversations API."""
    return tuple(
        Note("AC014", line_of(text, max(0, text.find(item))), f"{item} lets in an openai without the Conversations API.")
        for item in _install_requires(text)
        if is_for(item, "openai") and may_lack_conversations(specifier_of(item))
    )


def py_mentions(text: str) -> Mentions:
    """What setup.py names anywhere, in a list or not."""
    names = [value for _, _, value in _strings(text)]
    return Mentions(any(is_for(name, "openai") for name in names), any(is_for(name, PACKAGE) for name in names))


def py_with_package(text: str) -> Adapted:
    """setup.py with our requirement after openai's, where install_requires is a list that is written out."""
    for start, end, value in _written_out(text):
        if is_for(value, "openai"):
            notes: tuple[Note, ...] = ()
            new = text
            if not allows_shim(specifier_of(value)):
                better = raised(value)
                new = replaced(text, start, end, better)
                end += len(new) - len(text)
                notes = (Note("AC012", line_of(text, start), f"{value} becomes {better}."),)
            new = with_another(new, start, end, ours_beside(value))
            if any(is_for(item, PACKAGE) for _, _, item in _written_out(new)):
                return Adapted(new, notes)
    where = next((line_of(text, start) for start, _, value in _strings(text) if is_for(value, "openai")), 1)
    return Adapted(text, (Note("AC011", where, f"install_requires is not a list that is written out: add {PACKAGE} by hand."),))


def py_without_package(text: str) -> Adapted:
    """setup.py without our requirement."""
    for start, end, value in _written_out(text):
        if is_for(value, PACKAGE):
            return Adapted(without(text, start, end))
    return Adapted(text, (Note("AC011", 1, f"Take {PACKAGE} out by hand."),))


def py_old_for_conversations(text: str) -> tuple[Note, ...]:
    """The requirements on openai that let in a version without the Conversations API."""
    return tuple(
        Note("AC014", line_of(text, start), f"{value} lets in an openai without the Conversations API.")
        for start, _, value in _strings(text)
        if is_for(value, "openai") and may_lack_conversations(specifier_of(value))
    )


def _install_requires(text: str) -> list[str]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return []
    value = parser.get("options", "install_requires", fallback="")
    return [line.split(" #")[0].strip() for line in value.splitlines() if line.strip() and not line.strip().startswith("#")]


def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _strings(text: str) -> Iterator[tuple[int, int, str]]:
    tree = _tree(text)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield (*_span(text, node), node.value)


def _written_out(text: str) -> Iterator[tuple[int, int, str]]:
    """The strings of the list that is `install_requires`, or that a name given to it stands for."""
    tree = _tree(text)
    if tree is None:
        return
    lists = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "install_requires":
            value = lists.get(node.value.id) if isinstance(node.value, ast.Name) else node.value
            for item in value.elts if isinstance(value, ast.List) else ():
                start, end = _span(text, item)
                if isinstance(item, ast.Constant) and isinstance(item.value, str) and text[start] in "\"'" and "\n" not in text[start:end]:
                    yield start, end, item.value


def _span(text: str, node: ast.expr) -> tuple[int, int]:
    lines = re.split(r"(?<=\n)", text)

    def position(line: int, column: int) -> int:
        return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode("utf-8", "ignore"))

    return position(node.lineno, node.col_offset), position(node.end_lineno or node.lineno, node.end_col_offset or 0)
