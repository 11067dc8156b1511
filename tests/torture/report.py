"""What came of it, on the screen and in docs/reliability.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.report import machine, put, row
from rich.console import Console
from rich.table import Table

from torture.result import Result

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: written by `make torture ARGS=--write` -->", "<!-- end of figures -->"
COLUMNS = ("", "tried", "looked for and found", "verdict")
MOST_SHOWN = 20


def show(console: Console, title: str, results: Sequence[Result], again: str) -> None:
    table = Table(*COLUMNS, title=title, title_justify="left", title_style="bold")
    for result in results:
        table.add_row(*_cells(result), style="green" if result.is_kept else "red")
    console.print(table)
    for result in results:
        for violation in result.violations[:MOST_SHOWN]:
            console.print(f"{result.subject}: {violation.kind}: {violation.where}", markup=False, highlight=False)
        if len(result.violations) > MOST_SHOWN:
            console.print(f"… and {len(result.violations) - MOST_SHOWN} more")
    if not all(result.is_kept for result in results):
        console.print(f"The same again: {again}", markup=False, highlight=False)


def write(tried: Mapping[str, Sequence[Result]], seed: int, seconds: float) -> None:
    """Put the outcome in the place of the one that the page has."""
    lines = [f"{machine('make torture ARGS=--write')} Seed {seed}, {seconds / 60:.0f} minutes.", ""]
    for title, results in tried.items():
        lines += [f"### {title}", "", row(COLUMNS), row(["---"] * len(COLUMNS))]
        lines += [*(row([cell.replace("|", "\\|") for cell in _cells(result)]) for result in results), ""]
    put(PAGE, BEGIN, END, "\n".join(lines).rstrip())


def _cells(result: Result) -> tuple[str, ...]:
    tried = f"{result.tried}. {result.seen}" if result.seen else result.tried
    found = "none: " + ", ".join(result.promised) if result.is_kept else result.found
    return result.subject, tried, found, "kept" if result.is_kept else "not kept"
