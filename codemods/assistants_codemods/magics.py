"""What IPython adds to Python (`%pip`, `!ls`, `obj?`, `%%bash` cells), put behind strings that parse, and brought back."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence

_MASK = "assistants-compat: magic"
_MASKED = re.compile(rf'"{_MASK} (\d+)(?:\\\n)*"')

# Cell magics whose body is Python in the notebook's own namespace. The body of any other is left alone.
_AROUND_PYTHON = frozenset({"time", "timeit", "capture", "prun", "debug", "memit", "mprun", "lprun", "snakeviz", "pyinstrument", "scalene"})
_CELL_MAGIC = re.compile(r"\s*%%(\w*)")
# `%pip`, `!ls`, `?obj`, `obj?`, and what IPython takes for a magic without a sign.
_LINE_MAGIC = re.compile(
    r"[ \t]*(?=[%!?])|[ \t]*(?=[\w.*]+\?{1,2}[ \t]*(?:\n|$))|(?=(?:pip3?|conda|mamba|uv|cd|ls|mkdir|cat|cp|mv|rm)[ \t]+[^=\s(])"
)
_ASSIGNED = re.compile(r"[ \t]*[\w.,\[\]'\" \t]+=[ \t]*(?=![^=]|%\w)")
_PHYSICAL = re.compile(r"(?:\\\n|[^\n])*")
_TOKEN = re.compile(
    r"""(?P<string>\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<comment>\#[^\n]*)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<joined>\\\n)|(?P<end>\n)|.""",
    re.DOTALL,
)


class Masks:
    """The pieces of a notebook that are not Python, by number."""

    def __init__(self) -> None:
        self.originals: list[str] = []

    def mask(self, cell: str) -> tuple[str, bool]:
        """`cell` as Python that parses, with as many lines; and whether any of its own Python is left in it."""
        magic = _CELL_MAGIC.match(cell)
        if magic and magic[1] not in _AROUND_PYTHON:
            return self._whole(cell), False
        start = 0
        first = ""
        if magic:
            end = cell.find("\n", magic.end())
            start = len(cell) if end < 0 else end
            indent = len(magic[0]) - len(magic[0].lstrip())
            first = cell[:indent] + self._put(cell[indent:start])
        if parses(cell[start:]):
            return first + cell[start:], True
        known = len(self.originals)
        masked = first + self._lines(cell[start:])
        if parses(masked):
            return masked, True
        del self.originals[known - bool(magic) :]
        return self._whole(cell), False

    def unmask(self, text: str, originals: Sequence[str]) -> str | None:
        """`text` with its pieces back; None where one is missing, or there twice, or out of order."""
        numbers = [int(number) for number in _MASKED.findall(text)]
        if numbers != list(range(len(originals))):
            return None
        return _MASKED.sub(lambda match: originals[int(match[1])], text)

    def _put(self, piece: str) -> str:
        self.originals.append(piece)
        return f'"{_MASK} {len(self.originals) - 1}' + "\\\n" * piece.count("\n") + '"'

    def _whole(self, cell: str) -> str:
        return self._put(cell) if cell.strip() else cell

    def _lines(self, code: str) -> str:
        parts: list[str] = []
        position = depth = 0
        at_start = True
        while position < len(code):
            if at_start and depth == 0 and (lead := _LINE_MAGIC.match(code, position) or _ASSIGNED.match(code, position)):
                line = _PHYSICAL.match(code, lead.end())
                end = line.end() if line else len(code)
                parts += [lead[0], self._put(code[lead.end() : end])]
                position, at_start = end, False
                continue
            token = _TOKEN.match(code, position)
            if token is None:
                break
            parts.append(token[0])
            position = token.end()
            depth = max(0, depth + (token.lastgroup == "open") - (token.lastgroup == "close"))
            at_start = token.lastgroup == "end"
        return "".join(parts)


def parses(code: str) -> bool:
    """Whether `code` is Python, `await` outside of functions included."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
