"""Imports after edits: what is needed comes in, and what nobody uses any more goes out."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor, RemoveImportsVisitor


def with_imports(before: str, tree: cst.Module, wanted: Iterable[tuple[str, str | None]]) -> cst.Module:
    """`tree` with `wanted` imports, and without those that the text `before` used and `tree` does not.

    A dotted name of `wanted` may begin with dots, for a relative import.
    """
    context = CodemodContext()
    for dotted, name in sorted(wanted, key=lambda pair: (pair[0], pair[1] or "")):
        level = len(dotted) - len(dotted.lstrip("."))
        AddImportsVisitor.add_needed_import(context, dotted[level:], name, relative=level)
    tree = AddImportsVisitor(context).transform_module(tree)
    gone = _used(before) - _used(tree.code)
    if not gone:
        return tree
    context = CodemodContext()
    for module, name, alias, level in _imported(tree.code):
        if (alias or name or module.partition(".")[0]) in gone and module != "__future__":
            RemoveImportsVisitor.remove_unused_import(context, "." * level + module, name, alias)
    return RemoveImportsVisitor(context).transform_module(tree)


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
