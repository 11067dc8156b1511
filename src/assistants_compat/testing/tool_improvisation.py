"""What the model does with built-in tools when nobody has scripted it: it looks a question up, computes, and draws."""

from __future__ import annotations

import ast
import operator
import re
import struct
import zlib
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from assistants_compat.testing.answers import Item, Text
from assistants_compat.testing.search_index import score
from assistants_compat.testing.storage import Storage
from assistants_compat.testing.tool_answers import Cite, CodeInterpreter, FileSearch
from assistants_compat.testing.vector_stores import Hit, search

_ARITHMETIC = re.compile(r"[(\d][\d\s.+*/()-]*[+*/-][\d\s.+*/()-]*[)\d]")
_COMPUTE = re.compile(r"\b(calculate|compute|how much is|what is|evaluate)\b", re.IGNORECASE)
_PLOT = re.compile(r"\b(plot|chart|graph|draw|diagram)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_OPERATORS: dict[type[ast.AST], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def built_in(body: Mapping[str, Any], asked: str, solved: str | None, storage: Storage | None) -> list[Item] | None:
    """The turn in which a tool of the request is used, None when there is no reason to. `solved` is an equation's solution."""
    choice = body.get("tool_choice")
    tools = {tool["type"]: tool for tool in body.get("tools") or []}
    forced = choice.get("type") if isinstance(choice, Mapping) else None
    if choice == "required" and "function" not in tools:
        forced = next(iter(tools), None)
    if choice == "none" or (isinstance(choice, Mapping) and forced not in ("file_search", "code_interpreter")):
        return None
    if "code_interpreter" in tools and forced != "file_search":
        run = _run(asked, solved) or (_echo(asked) if forced == "code_interpreter" else None)
        if run is not None:
            return run
    if "file_search" in tools and forced != "code_interpreter":
        return _look_up(tools["file_search"], asked, storage, forced=forced is not None)
    return None


def _look_up(tool: Mapping[str, Any], asked: str, storage: Storage | None, *, forced: bool) -> list[Item] | None:
    hits = _hits(tool, asked, storage) if storage is not None else []
    if not hits:
        return [FileSearch(asked), Text("The files say nothing about that.")] if forced else None
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(hits[0].text) if sentence.strip()]
    best = max(sentences, key=lambda sentence: score([asked], sentence))
    return [FileSearch(asked), Text(best, annotations=(Cite(hits[0].file.id),))]


def _hits(tool: Mapping[str, Any], asked: str, storage: Storage) -> list[Hit]:
    stores = [storage.vector_stores.usable(id) for id in tool["vector_store_ids"]]
    return search(stores, [asked], condition=tool.get("filters"))


def _run(asked: str, solved: str | None) -> list[Item] | None:
    if _PLOT.search(asked):
        code = "import matplotlib.pyplot as plt\n\nplt.plot(range(10))\nplt.savefig('/mnt/data/plot.png')\nplt.show()"
        said = Text("Here is the plot. You can download it: [plot.png](sandbox:/mnt/data/plot.png)")
        return [CodeInterpreter(code, images=[png()], files={"plot.png": png()}), said]
    if solved is not None:
        value = solved.rsplit("= ", 1)[-1].rstrip(".")
        return [CodeInterpreter(f"from fractions import Fraction\n\nx = Fraction('{value}')\nprint(x)", logs=f"{value}\n"), Text(solved)]
    expression = _ARITHMETIC.search(asked) if _COMPUTE.search(asked) else None
    result = None if expression is None else _evaluated(expression[0])
    if expression is None or result is None:
        return None
    return [CodeInterpreter(expression[0].strip(), logs=result), Text(f"{expression[0].strip()} = {result}")]


def _echo(asked: str) -> list[Item]:
    return [CodeInterpreter(f"print({asked!r})", logs=f"{asked}\n"), Text("The code has run.")]


def _evaluated(expression: str) -> str | None:
    """The value of plain arithmetic; None for anything else."""

    def value(node: ast.AST) -> Fraction:
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return Fraction(str(node.value))
        raise ValueError(expression)

    try:
        result = value(ast.parse(expression.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError):
        return None
    return str(result.numerator) if result.denominator == 1 else str(float(result))


def png(width: int = 16, height: int = 16) -> bytes:
    """A grey picture, so small that it can stand in a test."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
