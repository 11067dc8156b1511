"""Lines as Python's tokenizer counts them: a form feed or a U+2028 ends none, other than for `str.splitlines`."""

from __future__ import annotations

import re

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def split_lines(text: str) -> list[str]:
    """The lines of `text`, each with its end."""
    return _LINE.findall(text)
