"""Imports after edits: what is needed comes in, and what nobody uses any more goes out.

libcst's visitors for this work out the scopes of the whole module, which takes longer than all the rest of a rewrite.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import libcst as cst
from libcst.helpers import get_full_name_for_node

from assistants_codemods.rewriting import Rewriter

_Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement


def with_imports(before: str, tree: cst.Module, wanted: Iterable[tuple[str, str | None]]) -> cst.Module:
    """`tree` with `wanted` imports, and without those that the text `before` used and `tree` does not.

    A dotted name of `wanted` may begin with dots, for a relative import. New imports stand after the first one of the SDK, which is
    where they are looked for, and in a notebook the cell that has to run before the others.
    """
    parsed = ast.parse(tree.code)
    tree = _added(tree, wanted, _imported(parsed))
    gone = _used(ast.parse(before)) - _used(parsed)
    return _without(tree, gone) if gone else tree


@dataclass(frozen=True, slots=True)
class _Imported:
    """A name that a statement imports: `from dotted import name`, or `import dotted` without one."""

    dotted: str
    name: str | None


def _added(tree: cst.Module, wanted: Iterable[tuple[str, str | None]], present: set[_Imported]) -> cst.Module:
    missing: dict[str, set[str | None]] = defaultdict(set)
    for dotted, name in wanted:
        if _Imported(dotted, name) not in present:
            missing[dotted].add(name)
    if not missing:
        return tree
    body = list(tree.body)
    top = _imports_at_the_top(body)
    for number in top:
        body[number] = _merged(body[number], missing)
    if not missing:
        return tree.with_changes(body=body)
    lines = [_line(dotted, names) for dotted, names in sorted(missing.items())]
    new = cst.parse_module("\n".join(lines) + "\n", config=tree.config_for_parsing).body
    sdk = next((number for number, statement in enumerate(body) if _imports_the_sdk(statement)), None)
    if sdk is not None:
        return tree.with_changes(body=[*body[: sdk + 1], *new, *body[sdk + 1 :]])
    after = top.stop
    return tree.with_changes(body=[*body[:after], *new, *_set_apart(body[after:])])


def _imports_at_the_top(body: Sequence[_Statement]) -> range:
    """The places of the imports that stand before any other statement but a docstring."""
    first = 1 if body and _is_docstring(body[0]) else 0
    stop = next((number for number in range(first, len(body)) if _only_import(body[number]) is None), len(body))
    return range(first, stop)


def _is_docstring(statement: _Statement) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString())]):
            return True
    return False


def _only_import(statement: cst.CSTNode) -> cst.Import | cst.ImportFrom | None:
    match statement:
        case cst.SimpleStatementLine(body=[(cst.Import() | cst.ImportFrom()) as found]):
            return found
    return None


def _merged(statement: _Statement, missing: dict[str, set[str | None]]) -> _Statement:
    """An import with the names in front that are `missing` from the same module; they are taken out of there."""
    found = _only_import(statement)
    if not isinstance(found, cst.ImportFrom) or isinstance(found.names, cst.ImportStar):
        return statement
    dotted = _dotted(found)
    names = sorted(name for name in missing.get(dotted, ()) if name is not None)
    if not names:
        return statement
    missing[dotted] -= set(names)
    if not missing[dotted]:
        del missing[dotted]
    return statement.with_changes(body=[found.with_changes(names=_inserted(names, found.names))])


def _inserted(new: Sequence[str], names: Sequence[cst.ImportAlias]) -> list[cst.ImportAlias]:
    """Imported names with `new` ones: where they belong if the others are in order, else in front."""
    joined = list(names)
    is_sorted = joined == sorted(joined, key=_rank)
    for name in reversed(new):
        alias = cst.ImportAlias(name=cst.Name(name))
        place = sum(_rank(other) < _rank(alias) for other in joined) if is_sorted else 0
        if place == len(joined):
            alias = alias.with_changes(comma=joined[-1].comma)
            joined[-1] = joined[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        joined.insert(place, alias)
    return joined


def _rank(alias: cst.ImportAlias) -> tuple[int, str]:
    """The order that isort and ruff put names in: constants, classes, the rest."""
    name = alias.evaluated_name
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2), name


def _set_apart(body: list[_Statement]) -> list[_Statement]:
    """Statements after imports, with a blank line before them."""
    if not body or (body[0].leading_lines and body[0].leading_lines[0].comment is None):
        return body
    return [body[0].with_changes(leading_lines=[cst.EmptyLine(indent=False), *body[0].leading_lines]), *body[1:]]


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


def _dotted(statement: cst.ImportFrom) -> str:
    module = get_full_name_for_node(statement.module) if statement.module is not None else None
    return "." * len(statement.relative) + (module or "")


def _used(tree: ast.Module) -> set[str]:
    """The names that a text reads, in annotations that are quoted too."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            names.add(node.value)
        elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            names |= _quoted(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            names |= _quoted(node.returns)
        elif isinstance(node, ast.Call) and _last(node.func) in _TYPE_BUILDERS:
            names |= {name for argument in (*node.args, *(word.value for word in node.keywords)) for name in _quoted(argument)}
    return names


_TYPE_BUILDERS = frozenset({"cast", "TypeVar", "NewType"})


def _last(name: ast.expr) -> str | None:
    """The last word of a dotted name."""
    match name:
        case ast.Name(id=word) | ast.Attribute(attr=word):
            return word
    return None


def _quoted(annotation: ast.expr) -> set[str]:
    """The names that are read in the strings of an annotation."""
    names = set()
    for node in ast.walk(annotation):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                inner = ast.parse(node.value.strip(), mode="eval")
            except (SyntaxError, ValueError):
                continue  # a text of Annotated or Literal
            names |= {name.id for name in ast.walk(inner) if isinstance(name, ast.Name)}
    return names


def _imported(tree: ast.Module) -> set[_Imported]:
    """What a module imports under its own name and for all of its functions; what only a type checker reads is not."""
    found: set[_Imported] = set()
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {_Imported(alias.name, None) for alias in node.names if alias.asname is None}
        elif isinstance(node, ast.ImportFrom):
            dotted = "." * node.level + (node.module or "")
            found |= {_Imported(dotted, alias.name) for alias in node.names if alias.asname is None}
        elif isinstance(node, ast.If) and _last(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.ExceptHandler):
            waiting += ast.iter_child_nodes(node)
    return found


def _without(tree: cst.Module, gone: set[str]) -> cst.Module:
    """`tree` without the imports of names that are `gone`."""
    lines = _ImportLines()
    tree.visit(lines)
    edits: dict[cst.CSTNode, list[Callable[..., cst.CSTNode]]] = {
        line: [partial(_shortened, gone=gone)] for line in lines.found if any(_binds(name, gone) for name in _names(line))
    }
    return tree.visit(_StatementRewriter(tree, edits)) if edits else tree


class _ImportLines(cst.CSTVisitor):
    """Finds the lines that import something, in blocks too."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[cst.SimpleStatementLine] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.SimpleStatementLine) and any(_names(node)):
            self.found.append(node)
        return _has_statements(node)


class _StatementRewriter(Rewriter):
    """Applies edits of lines, and leaves alone what is inside of others."""

    def on_visit(self, node: cst.CSTNode) -> bool:
        return _has_statements(node)


def _has_statements(node: cst.CSTNode) -> bool:
    return not isinstance(node, cst.SimpleStatementLine | cst.BaseExpression | cst.BaseParenthesizableWhitespace)


def _names(line: cst.SimpleStatementLine) -> Iterator[cst.ImportAlias]:
    for small in line.body:
        if not isinstance(small, cst.Import | cst.ImportFrom) or isinstance(small.names, cst.ImportStar):
            continue
        if isinstance(small, cst.Import) or _dotted(small) != "__future__":
            yield from small.names


def _binds(alias: cst.ImportAlias, names: set[str]) -> bool:
    """Whether an imported name is bound as one of `names`."""
    return (alias.evaluated_alias or alias.evaluated_name.partition(".")[0]) in names


def _shortened(line: cst.SimpleStatementLine, rewriter: Rewriter, *, gone: set[str]) -> cst.CSTNode:
    """A line without the imports of names that are `gone`; nothing, if that was all of it."""
    body = [shorter for small in line.body if (shorter := _kept(small, gone)) is not None]
    if not body:
        return rewriter.remove(line)
    if len(body) < len(line.body):
        body[-1] = body[-1].with_changes(semicolon=line.body[-1].semicolon)
    return line.with_changes(body=body)


def _kept(small: cst.BaseSmallStatement, gone: set[str]) -> cst.BaseSmallStatement | None:
    if not isinstance(small, cst.Import | cst.ImportFrom) or isinstance(small.names, cst.ImportStar):
        return small
    kept: list[cst.ImportAlias] = []
    changes: dict[str, Any] = {}
    for alias in small.names:
        if not _binds(alias, gone):
            kept.append(alias)
        elif isinstance(alias.comma, cst.Comma):  # the comments below it, which are about what comes next, stay
            below = alias.comma.whitespace_after
            if kept and isinstance(kept[-1].comma, cst.Comma):
                comma = kept[-1].comma
                kept[-1] = kept[-1].with_changes(comma=comma.with_changes(whitespace_after=_joined(comma.whitespace_after, below)))
            elif isinstance(small, cst.ImportFrom) and small.lpar is not None:
                changes["lpar"] = small.lpar.with_changes(whitespace_after=_joined(small.lpar.whitespace_after, below))
    if not kept:
        return None
    if kept[-1] is not small.names[-1] and _binds(small.names[-1], gone):
        kept[-1] = kept[-1].with_changes(comma=small.names[-1].comma)
    return small.with_changes(names=kept, **changes)


def _joined(above: cst.BaseParenthesizableWhitespace, below: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """Whitespace with the comments that stand on lines of their own in what follows it."""
    if not isinstance(above, cst.ParenthesizedWhitespace) or not isinstance(below, cst.ParenthesizedWhitespace):
        return above
    comments = [line for line in below.empty_lines if line.comment is not None]
    return above.with_changes(empty_lines=[*above.empty_lines, *comments])
