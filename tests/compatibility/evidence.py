"""What a test says: the words and texts in it and in whatever it reaches in the tests' own files. Read from the syntax, nothing is run.

It reaches the constants, functions, classes and fixtures that it names, in its file, in what that imports from other test files,
and in the conftest.py of its folder and of those above.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]


class NoSuchTest(Exception):
    pass


@cache
def evidence(test: str) -> str:
    """Every string, name, attribute and keyword of `folder/file.py::test_name` and of what it reaches, a line each.

    Raises:
        NoSuchTest: there is no such file, or no function of that name in it.
    """
    file, _, name = test.partition("::")
    path = TESTS / file
    if not path.exists() or not isinstance(_definitions(path).get(name), (ast.FunctionDef, ast.AsyncFunctionDef)):
        raise NoSuchTest(test)
    seen: set[tuple[Path, str]] = set()
    return "\n".join(_said(path, name, seen))


def _said(path: Path, name: str, seen: set[tuple[Path, str]]) -> Iterator[str]:
    found = _find(path, name)
    if found is None or found in seen:
        return
    seen.add(found)
    home = found[0]
    for node in ast.walk(_definitions(home)[found[1]]):
        for word in _words(node):
            yield word
            if isinstance(node, (ast.Name, ast.arg)):
                yield from _said(home, word, seen)


def _words(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.Name(id=word) | ast.Attribute(attr=word) | ast.arg(arg=word):
            yield word
        case ast.keyword(arg=str() as word):
            yield word


def _find(path: Path, name: str) -> tuple[Path, str] | None:
    """Where a name that is used in a file is defined, if that is in the tests."""
    if name in _definitions(path):
        return path, name
    if name in _imports(path):
        return _find(_imports(path)[name], name)
    for folder in path.parents:
        conftest = folder / "conftest.py"
        if conftest.exists() and name in _definitions(conftest):
            return conftest, name
        if folder == TESTS:
            break
    return None


@cache
def _definitions(path: Path) -> dict[str, ast.stmt]:
    found: dict[str, ast.stmt] = {}
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found[statement.name] = statement
            case ast.Assign(targets=targets):
                for target in targets:
                    found |= {node.id: statement for node in ast.walk(target) if isinstance(node, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = statement
    return found


@cache
def _imports(path: Path) -> dict[str, Path]:
    """Names that a file takes from other files of the tests, and those files."""
    found: dict[str, Path] = {}
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.ImportFrom):
            base = path.parent if statement.level else TESTS
            module = base.joinpath(*(statement.module or "").split(".")).with_suffix(".py")
            if module.exists():
                found |= {alias.name: module for alias in statement.names}
    return found
