"""The blocks of code in README, CONTRIBUTING, CHANGELOG and docs/, and what a page says of them in a comment just above.

`<!-- not run: REASON -->`: why nothing can run it; the reasons are those of `NOT_RUN`.
`<!-- file: NAME -->`: a file of that name, which later blocks of the page use. So is a block whose first line is a comment with its name.
`<!-- exit code: 1 -->`: a command that ends with it, as it should.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

NOT_RUN = {
    "needs a container engine": {"console", "dockerfile"},
    "configures other software": {"nginx", "ini"},
    "is of another language": {"javascript", "sql"},
    "is run by tests/plugin": {"console", ""},
    "is run by tests/verifying": {"console"},
    "is an example of what is printed": {"text", "json"},
}
"""Why a block is not run, and of which languages such a block may be."""

_NAME = re.compile(r"# ([\w./-]+\.\w+)\n")
"""The first line of a file of a project: those of docs/testing.md are run by tests/plugin."""

_COMMENT = re.compile(r"<!-- (not run|file|exit code): (.+?) -->")


class Block(NamedTuple):
    page: Path
    line: int
    """Of its first line of code, from 1."""
    language: str
    code: str
    not_run: str | None = None
    """The reason."""
    file: str | None = None
    """Its name, where it is one that others use."""
    exit_code: int = 0
    """Of its last command."""

    @property
    def id(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    found: list[Block] = []
    said: dict[str, str] = {}
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "fence":
            assert token.map is not None
            found.append(
                Block(
                    page,
                    token.map[0] + 2,
                    token.info.strip(),
                    token.content,
                    not_run=said.get("not run"),
                    file=said.get("file") or (named[1] if (named := _NAME.match(token.content)) else None),
                    exit_code=int(said.get("exit code", 0)),
                )
            )
        said = dict(_COMMENT.findall(token.content)) if token.type == "html_block" else {}
    return found


@cache
def all_blocks() -> list[Block]:
    return [block for page in PAGES for block in blocks_of(page)]
