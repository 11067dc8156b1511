"""The one module that native code may need besides the SDK: configurations of assistants, and the few functions that programs share.

It is written into the user's tree and is theirs from then on; nothing in it knows of this project. Each part is a function or class
of `templates/`, which is Python that is tested as such, and is copied with what it needs of the others.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from assistants_codemods.configuring import text_literal

NAME = "assistants_config"
_HEADER = (
    '"""Assistants as settings of responses.create, and what code on it shares. Made by assistants-compat migrate, yours from now on."""'
)


def generated(parts: Iterable[str], configurations: Mapping[str, str], existing: str | None = None) -> str:
    """The text of the generated module with `parts` and what they need.

    `configurations` are the assistants it begins with, as source, by their ids. What `existing` has stays as it is.
    """
    known = names_in(existing) if existing else set()
    wanted = [name for name in _ordered(parts) if name not in known]
    imports = sorted({line for name in wanted for line in _template()[name].imports} - set((existing or "").splitlines()))
    bodies = [_template()[name].source for name in wanted]
    if existing is None:
        head = [_HEADER, "", "from __future__ import annotations", "", *_sorted_imports(imports)]
        text = "\n".join(head).rstrip() + "\n"
    else:
        text = _with_imports(existing, imports)
    for body in bodies:
        text = f"{text.rstrip()}\n\n\n{body.strip()}\n"
    for identifier, source in configurations.items():
        entry = f"ASSISTANTS[{text_literal(identifier)}] = {source}"
        if entry.partition(" = ")[0] not in text:
            text = f"{text.rstrip()}\n\n{entry}\n"
    return text


class _Part:
    def __init__(self, source: str, needs: frozenset[str], imports: tuple[str, ...]) -> None:
        self.source = source
        self.needs = needs
        self.imports = imports


@cache
def _template() -> dict[str, _Part]:
    """The parts there are, by the name that each defines, in the order of the template."""
    text = files("assistants_codemods").joinpath("template.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    imports: dict[str, str] = {}
    defined: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                line = f"from {node.module} import {alias.name}" if isinstance(node, ast.ImportFrom) else f"import {alias.name}"
                imports[alias.asname or alias.name] = line
        else:
            for name in _defined_by(node):
                start = min((decorator.lineno for decorator in getattr(node, "decorator_list", ())), default=node.lineno)
                lines = text.splitlines()[start - 1 : node.end_lineno]
                docstring = _docstring_after(tree, node, text)
                defined[name] = "\n".join([*lines, *docstring])
    parts = {}
    for name, source in defined.items():
        used = {inner.id for inner in ast.walk(ast.parse(source)) if isinstance(inner, ast.Name)}
        needed = tuple(line for bound, line in imports.items() if bound in used and not line.startswith("from __future__"))
        parts[name] = _Part(source, frozenset(used & set(defined)) - {name}, needed)
    return parts


def _docstring_after(tree: ast.Module, node: ast.stmt, text: str) -> list[str]:
    """The text that stands under an assignment as its documentation."""
    place = tree.body.index(node)
    following = tree.body[place + 1] if place + 1 < len(tree.body) else None
    if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
        return text.splitlines()[following.lineno - 1 : following.end_lineno]
    return []


def _defined_by(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _ordered(parts: Iterable[str]) -> list[str]:
    wanted, waiting = set(), list(parts)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting.extend(_template()[name].needs)
    return [name for name in _template() if name in wanted]


def names_in(text: str) -> set[str]:
    """The names that a module defines at its top."""
    return {name for node in ast.parse(text).body for name in _defined_by(node)}


def _sorted_imports(lines: Iterable[str]) -> list[str]:
    """Import lines in order, those of one module as one."""
    plain, named = set(), defaultdict(set)
    for line in lines:
        if line.startswith("import "):
            plain.add(line)
        else:
            _, module, _, name = line.split(" ", 3)
            named[module].add(name)
    return [*sorted(plain), *(f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(named.items()))]


def _with_imports(text: str, imports: Iterable[str]) -> str:
    lines = text.splitlines()
    tree = ast.parse(text)
    last = max((node.end_lineno or 0 for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)), default=0)
    lines[last:last] = _sorted_imports(imports)
    return "\n".join(lines) + "\n"
