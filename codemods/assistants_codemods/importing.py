"""Imports after edits: what is needed comes in, and what nobody uses any more goes out."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor, RemoveImportsVisitor


def with_imports(before: str, tree: cst.Module, wanted: Iterable[tuple[str, str | None]]) -> cst.Module:
    """`tree` with `wanted` imports, and without those that the text `before` used and `tree` does not.

    A dotted name of `wanted` may begin with dots, for a relative import. New imports stand after the first one of the SDK, which is
    where they are looked for, and in a notebook the cell that has to run before the others.
    """
    tree = _added(tree, wanted)
    gone = _used(before) - _used(tree.code)
    if not gone:
        return tree
    context = CodemodContext()
    for module, name, alias, level in _imported(tree.code):
        if (alias or name or module.partition(".")[0]) in gone and module != "__future__":
            RemoveImportsVisitor.remove_unused_import(context, "." * level + module, name, alias)
    return RemoveImportsVisitor(context).transform_module(tree)


def _added(tree: cst.Module, wanted: Iterable[tuple[str, str | None]]) -> cst.Module:
    present = {(("." * level) + module, name) for module, name, _, level in _imported(tree.code)}
    missing: dict[str, set[str | None]] = defaultdict(set)
    for dotted, name in wanted:
        if (dotted, name) not in present:
            missing[dotted].add(name)
    if not missing:
        return tree
    known = {dotted for dotted, name in present if name is not None}
    place = next((number for number, statement in enumerate(tree.body) if _imports_the_sdk(statement)), None)
    merged = {dotted: missing.pop(dotted) for dotted in list(missing) if place is None or dotted in known}
    if merged:
        context = CodemodContext()
        for dotted, names in merged.items():
            level = len(dotted) - len(dotted.lstrip("."))
            for name in names:
                AddImportsVisitor.add_needed_import(context, dotted[level:], name, relative=level)
        tree = AddImportsVisitor(context).transform_module(tree)
    if not missing or place is None:
        return tree
    lines = [_line(dotted, names) for dotted, names in sorted(missing.items())]
    new = cst.parse_module("\n".join(lines) + "\n", config=tree.config_for_parsing).body
    return tree.with_changes(body=[*tree.body[: place + 1], *new, *tree.body[place + 1 :]])


def _line(dotted: str, names: set[str | None]) -> str:
    named = sorted(name for name in names if name is not None)
    lines = [f"import {dotted}"] if None in names else []
    return "\n".join([*lines, *([f"from {dotted} import {', '.join(named)}"] if named else [])])


def _imports_the_sdk(statement: cst.BaseCompoundStatement | cst.SimpleStatementLine) -> bool:
    """Whether a statement at the top imports something of openai (or of the shim)."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    for small in statement.body:
        if isinstance(small, cst.ImportFrom) and small.module is not None and not small.relative:
            names = [small.module]
        elif isinstance(small, cst.Import):
            names = [alias.name for alias in small.names]
        else:
            continue
        if any(_first(name) in ("openai", "assistants_compat") for name in names):
            return True
    return False


def _first(name: cst.BaseExpression) -> str:
    while isinstance(name, cst.Attribute):
        name = name.value
    return name.value if isinstance(name, cst.Name) else ""


def _used(text: str) -> set[str]:
    """The names that a text reads, in annotations that are quoted too."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            names.add(node.value)
    return names


def _imported(text: str) -> list[tuple[str, str | None, str | None, int]]:
    found: list[tuple[str, str | None, str | None, int]] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(alias.name, None, alias.asname, 0) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.module or "", alias.name, alias.asname, node.level) for alias in node.names if alias.name != "*"]
    return found
