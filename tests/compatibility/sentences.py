"""The sentences of errors as the source has them, read from its syntax; what is filled in when one is raised is written `…`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "assistants_compat"

_RAISED = {"ApiError": "api", "_unavailable": "api", "GiveUp": "runs", "last_error": "runs"}
"""What is called with a sentence first, and the folder whose calls count: a reply's error, or a failed run's `last_error`."""


def in_api() -> dict[str, str | None]:
    """Every sentence of a refused request, with its code."""
    return dict(_found("api", position=0, code_at="code"))


def in_runs() -> set[str]:
    """Every sentence that a failed run may have in its `last_error`, but for the upstream's own."""
    return {sentence for sentence, _ in _found("runs", position=1, code_at="")}


def _found(folder: str, *, position: int, code_at: str) -> Iterator[tuple[str, str | None]]:
    modules = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((SOURCE / folder).glob("*.py"))}
    constants = {name: value for module in modules.values() for name, value in _assigned(module.body)}
    for module in modules.values():
        for function in ast.walk(module):
            if isinstance(function, ast.FunctionDef):
                known = constants | dict(_assigned(ast.walk(function)))
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and _RAISED.get(_name(call.func)) == folder and len(call.args) > position:
                        codes = [word.value for word in call.keywords if word.arg == code_at]
                        code = _texts(codes[0], known) if codes else []
                        for text in _texts(call.args[position], known):
                            if re.search(r"\w", text):
                                yield text, (code[0] if code else None)


def _assigned(statements: Iterator[ast.AST] | list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for statement in statements:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield statement.targets[0].id, statement.value


def _name(expression: ast.expr) -> str:
    return getattr(expression, "attr", None) or getattr(expression, "id", "")


def _texts(expression: ast.expr, known: dict[str, ast.expr]) -> list[str]:
    """The texts an expression may come to; none where nothing of it is fixed."""
    if isinstance(expression, ast.Constant):
        return [expression.value] if isinstance(expression.value, str) else []
    if isinstance(expression, ast.JoinedStr):
        return ["".join(_part(part, known) for part in expression.values)]
    if isinstance(expression, (ast.BoolOp, ast.Call)):
        inner = expression.values if isinstance(expression, ast.BoolOp) else expression.args
        return [text for value in inner for text in _texts(value, known)] if _is_choice(expression) else []
    if isinstance(expression, (ast.Name, ast.Attribute)) and _name(expression) in known:
        return _texts(known[_name(expression)], {key: value for key, value in known.items() if key != _name(expression)})
    return []


def _is_choice(expression: ast.expr) -> bool:
    return isinstance(expression, ast.BoolOp) or (isinstance(expression, ast.Call) and _name(expression.func) == "str")


def _part(part: ast.expr, known: dict[str, ast.expr]) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    texts = _texts(part.value, known) if isinstance(part.value, ast.Name) else []
    return texts[0] if texts else "…"
