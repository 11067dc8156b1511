"""`make settings`: the tables of docs/settings.md, made from the fields of Settings and ServerSettings."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap
from pathlib import Path
from typing import Any

from assistants_compat import settings
from assistants_compat.server import settings as server_settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"

BEGIN = "<!-- {}: written by `make settings` -->"
END = "<!-- end of {} -->"

TABLES = {
    "package": (settings.Settings, settings.PREFIX),
    "server": (server_settings.ServerSettings, server_settings.PREFIX),
}


def described(of: type) -> dict[str, str]:
    """Each field's docstring, on one line."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(of))).body
    assert isinstance(definition, ast.ClassDef)
    found = {}
    for field, below in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            assert isinstance(below.value, ast.Constant)
            found[field.target.id] = " ".join(str(below.value.value).split())
    return found


def default_of(field: dataclasses.Field[Any]) -> str:
    """As it would be written in the environment."""
    value = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    value = getattr(value, "default", value)
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`" if value not in ("", {}) else ""


def table(of: type, prefix: str) -> str:
    """A row a field: its name, its variable, its default, and what it does."""
    words = described(of)
    lines = ["| setting, and its variable | default | |", "| --- | --- | --- |"]
    for field in dataclasses.fields(of):
        names = f"`{field.name}`<br>`{prefix}{field.name.upper()}`"
        lines.append(f"| {names} | {default_of(field)} | {_with_links(words[field.name])} |")
    return "\n".join(lines)


def _with_links(words: str) -> str:
    return re.sub(r"docs/([\w-]+\.md)", r"[\1](\1)", words).replace("|", "\\|")


def page_with_tables(text: str) -> str:
    """`text` with each made table in its place."""
    for name, (of, prefix) in TABLES.items():
        before, found, rest = text.partition(BEGIN.format(name))
        _, closed, after = rest.partition(END.format(name))
        assert found, f"{PAGE.name} lacks {BEGIN.format(name)}"
        assert closed, f"{PAGE.name} lacks {END.format(name)}"
        text = f"{before}{found}\n{table(of, prefix)}\n{closed}{after}"
    return text


if __name__ == "__main__":
    PAGE.write_text(page_with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
