"""What is below a node, without the blanks and commas between: libcst's own way there copies every node it passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache

import libcst as cst

_BETWEEN = ("whitespace", "leading_lines", "lines_after", "trailing_whitespace", "lpar", "rpar", "comma", "semicolon", "header", "footer")


@cache
def _names(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if not field.name.startswith(_BETWEEN))


def below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes right below `node` that mean something, not always in the order of the source."""
    for name in _names(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, list | tuple):
            yield from (inner for inner in value if isinstance(inner, cst.CSTNode))
