"""The table, on the screen and in docs/performance.md."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- end of figures -->"
_COLUMNS = ("", "ours", "theirs", "measured", "bound", "verdict")


def show(console: Console, title: str, figures: Sequence[Figure]) -> None:
    table = Table(*_COLUMNS, title=title, title_justify="left", title_style="bold")
    for figure in figures:
        colour = {"reached": "green", "not reached": "red"}.get(figure.verdict, "")
        table.add_row(*_cells(figure), style=colour)
    console.print(table)


def write(measured: Mapping[str, Sequence[Figure]], command: str) -> None:
    """Put the figures in the place of those that the page has."""
    put(PAGE, BEGIN, END, _markdown(measured, command))


def put(path: Path, begin: str, end: str, text: str) -> None:
    """Put `text` in the place of what a page has between two of its lines. Raises SystemExit where it has no such lines."""
    page = path.read_text(encoding="utf-8")
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{path.name} lacks the lines between which the figures go: {begin} and {end}")
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def _markdown(measured: Mapping[str, Sequence[Figure]], command: str) -> str:
    lines = [machine(command), ""]
    for title, figures in measured.items():
        lines += [f"### {title}", "", row(_COLUMNS), row(["---"] * len(_COLUMNS))]
        lines += [*(row(_cells(figure)) for figure in figures), ""]
    return "\n".join(lines).rstrip()


def machine(command: str) -> str:
    """When, by which command and on what the figures were measured."""
    facts = [
        f"{os.cpu_count()} CPUs",
        f"{platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
        f"openai {version('openai')}",
        f"SQLAlchemy {version('sqlalchemy')}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    return f"Measured on {datetime.now(timezone.utc):%Y-%m-%d} by `{command}`: {', '.join(facts)}."


def _cells(figure: Figure) -> tuple[str, ...]:
    return figure.subject, figure.ours, figure.theirs, figure.measured, figure.bound, figure.verdict


def row(cells: Sequence[str]) -> str:
    """Of a Markdown table."""
    return f"| {' | '.join(cells)} |"
