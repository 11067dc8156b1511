"""What the package says when something is wrong: every sentence it raises, answers or logs, read out of its code.

A sentence is a literal, or one with `…` where the code fills something in.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "src" / "assistants_compat", ROOT / "codemods" / "assistants_codemods")

GAP = "…"

SAID_BY: dict[str, int | str] = {
    "__init__": 0,  # of a class of exceptions, for super()
    # answers to requests
    "ApiError": 0,
    "Refused": 0,
    # what a run shows as last_error
    "GiveUp": 1,
    "last_error": 1,
    "NotHandedOver": 0,
    "ConnectionLost": 0,
    # stores, settings, clients
    "StoreError": 0,
    "ValueError": 0,
    "TypeError": 0,
    # commands
    "UsageError": 0,
    "ClickException": 0,
    "BadParameter": 0,
    "ToolFailed": 0,
    "CannotVerify": 0,
    "NotAssistants": 0,
    "KeyError": 0,
    "Failed": 0,
    "Stopped": 0,
    "CassetteError": 0,
    "NotACassette": 0,
    "BodyError": 0,
    "FormError": 0,
    # tests on the offline upstream
    "Complaint": 0,
    "NetworkBlocked": 0,
    "CassetteNotFoundError": 0,
    "Leak": 0,
    "Unfaithful": 0,
    "TimeoutError": 0,
    # the log
    "ReadTimeout": 0,
    "CutOff": 0,
    "_unavailable": 0,
    "warn_once": 1,
    "warning": 0,
    "error": 0,
    "exception": 0,
    "log": 1,
}
"""Which argument of what call is a sentence for people."""

SILENT = {
    # Told in the words of whoever catches them, or in a sentence with a code.
    "BlobTooLarge": "docs/errors.md: it is larger than …",
    "BlobTooSlow": "docs/errors.md: it took too long",
    "NewerStore": "part of: was written by a newer assistants-compat",
    "UnknownCursor": "answered as an id that is not found",
    "ThreadLocked": "carries an ApiError",
    "WebPage": "recovery.web_page says it",
    "Gone": "a ConnectionLost, whose words are the upstream's",
    "UnreadableDocument": "has a code: docs/codemods.md",
    "WriteFailed": "has a code: docs/codemods.md",
    "Unusable": "of a record: the report of an import names it with its place (docs/history.md)",
    "NotJson": "of a record, or a file: the same",
    "TooLarge": "of a record: the same",
    "NotThere": "its constructor says it",
    "NotEmpty": "said by the command: the folder is not empty",
    "NotOurs": "said by the command: something else than a map of conversations",
    "NotMade": "of a thread: the report of an export names it (docs/conversations.md)",
    "Unclear": "of a thread: the same",
    "_Ended": "of a thread: the same",
    "Stuck": "of a recording: the report of verify names it",
    "Rejected": "the offline upstream's, in the words of the real one",
    # Between parts of the code.
    "ClientClosed": "",
    "IllegalMove": "",
    "NotMine": "",
    "_Rehearsed": "",
    "_ResourcesChanged": "",
    "_WouldDo": "",
    "_Unreachable": "",
}
"""Exceptions without a sentence of their own, and why."""

NOT_SHOWN = {
    "/store/blobs.py": "an id that no caller makes",
    "/verifying/": "of a recording: the report of verify names it",
    "/transfer/checks.py": "what is wrong in a record: the report of an import names it with its place (docs/history.md)",
    "/transfer/given.py": "what is wrong in a record: the report of an import names it with its place (docs/history.md)",
    "/transfer/json_text.py": "the same",
    "/json_spans.py": "inside a sentence with a code (docs/codemods.md)",
    "/notebooks.py": "inside a sentence with a code (docs/codemods.md)",
}
"""Modules and folders whose sentences nobody sees, or finds elsewhere."""

COMMON_PREFIX = "assistants-compat: "
"""Before every warning."""


class Message(NamedTuple):
    text: str
    place: str
    """`module:line`."""


@cache
def messages() -> list[Message]:
    """All of them, in the order of the modules."""
    return [
        Message(text, f"{path.relative_to(ROOT)}:{line}")
        for path, tree in _modules().items()
        if not any(left_out in f"/{path.relative_to(ROOT)}" for left_out in NOT_SHOWN)
        for text, line in said_in(tree)
    ]


def exceptions() -> set[str]:
    """The names of all classes of exceptions that the package has."""
    bases = {
        node.name: {base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in node.bases}
        for tree in _modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"Exception", "BaseException", "ClickException", *(name for name in vars(builtins) if name.endswith(("Error", "Exit")))}
    known = 0
    while known != len(found):
        known = len(found)
        found |= {name for name, above in bases.items() if above & found}
    return found & bases.keys()


@cache
def _modules() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for folder in FOLDERS for path in sorted(folder.rglob("*.py"))}


def literals() -> list[str]:
    """Every text that is written out anywhere in the code."""
    return [
        _on_one_line(text)
        for tree in _modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
        for text in _texts(node, {})
    ]


def _on_one_line(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text)


def sentences_of(page: str) -> list[str]:
    """Those that docs/errors.md has: the code in the first column of its tables, from the first of its two comments to the last."""
    between = page.partition("<!-- sentences -->")[2].partition("<!-- end of sentences -->")[0]
    rows = re.findall(r"^\| (.+?) \| ", between, re.M)
    return [sentence.strip() for cell in rows for _, sentence in re.findall(r"(`+)(.+?)\1(?!`)", cell)]


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, sentence.split(GAP))))


def covers(sentence: str, text: str) -> bool:
    """Whether the page's sentence is that of the code: its gaps may stand for more than the code's."""
    return _pattern(sentence).fullmatch(text) is not None


def said_in(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Each sentence of a module, and its line."""
    constants = _assigned(tree.body)
    for function in [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))]:
        known = constants | (_assigned(ast.walk(function)) if function is not tree else {})
        for node in _own(function):
            if isinstance(node, ast.Call) and (said := _argument(node)) is not None:
                for text in _texts(said, known):
                    if re.search(r"[^\W\d_]+.* ", text.removeprefix(COMMON_PREFIX)):  # two words at the least
                        yield _on_one_line(text), node.lineno


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions inside it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from _own(child)


def _assigned(nodes: Iterator[ast.AST] | list[ast.stmt]) -> dict[str, ast.expr]:
    return {
        target.id: node.value for node in nodes if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)
    }


def _argument(call: ast.Call) -> ast.expr | None:
    name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""
    place = SAID_BY.get(name)
    if isinstance(place, int) and len(call.args) > place:
        return call.args[place]
    return next((keyword.value for keyword in call.keywords if keyword.arg == "message"), None)


def _texts(node: ast.expr, known: dict[str, ast.expr]) -> list[str]:
    """What an expression may be, as text: more than one where it chooses."""
    if isinstance(node, ast.Constant):
        return [node.value.replace("%s", GAP).replace("%r", GAP)] if isinstance(node.value, str) else [str(node.value)]
    if isinstance(node, ast.IfExp):
        return _texts(node.body, known) + _texts(node.orelse, known)
    if isinstance(node, ast.BoolOp):
        return [text for value in node.values for text in _texts(value, known)]
    if isinstance(node, ast.Name) and node.id in known:
        return _texts(known[node.id], {name: value for name, value in known.items() if name != node.id})
    if isinstance(node, ast.JoinedStr):
        texts = [""]
        for value in node.values:
            parts = [value.value] if isinstance(value, ast.Constant) else _texts(value.value, known)  # type: ignore[attr-defined]
            texts = [text + part for text in texts for part in parts]
        return texts
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [left + right for left in _texts(node.left, known) for right in _texts(node.right, known)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str":
        return [text for argument in node.args for text in _texts(argument, known)]
    return [GAP]
