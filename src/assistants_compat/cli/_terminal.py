"""What commands show to people: tables and transcripts by rich, and texts of strangers without what a terminal would obey."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from rich.console import Console

Json = dict[str, Any]

EXTRA = "pip install 'assistants-compat[terminal]'"
_WIDTH_OF_A_FILE = 200
_LEAST_ROOM = 20
# Control characters but line ends and tabs; and those that turn the direction of what follows.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def console() -> Console:
    """Where to show things: as wide as the terminal, or as a table needs in a file. Raises click.ClickException without rich."""
    try:
        from rich.console import Console
    except ModuleNotFoundError:
        raise click.ClickException(f"rich is not installed, which shows this: {EXTRA}. --format json does without.") from None
    is_terminal = sys.stdout.isatty()
    return Console(file=sys.stdout, width=None if is_terminal else _WIDTH_OF_A_FILE, highlight=False, markup=False, emoji=False)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        is_number: aligned on the right.
        is_free: gets what room there is, and is cut where that is too little. One column is.
        can_go: left out where there is not room enough; the last ones first.
    """

    name: str
    is_number: bool = False
    is_free: bool = False
    can_go: bool = False


def print_table(to: Console, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """A table without lines, and without columns in which there is nothing."""
    from rich.cells import cell_len
    from rich.table import Table

    cells = {column: [row[index] for row in rows] for index, column in enumerate(columns)}
    shown_columns = [column for column in columns if any(cells[column])]
    widths = {column: max(map(cell_len, (column.name, *cells[column]))) for column in shown_columns}

    def room() -> int:
        return to.width - sum(widths[column] + 2 for column in shown_columns if not column.is_free)

    for column in reversed([column for column in shown_columns if column.can_go]):
        if room() < _LEAST_ROOM:
            shown_columns.remove(column)
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in shown_columns:
        width = min(widths[column], max(room(), _LEAST_ROOM)) if column.is_free else widths[column]
        justify: Literal["left", "right"] = "right" if column.is_number else "left"
        made.add_column(column.name, justify=justify, no_wrap=True, overflow="ellipsis", width=width)
    for index in range(len(rows)):
        made.add_row(*(cells[column][index] for column in shown_columns))
    to.print(made)


def shown(text: object) -> str:
    """A text of somebody's, with marks in the place of what a terminal would obey."""
    return _OBEYED.sub("\ufffd", str(text))


def one_line(text: object) -> str:
    return " ".join(shown(text).split())


def moment(seconds: Any) -> str:
    """A second as a date and a time of UTC."""
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError, TypeError):
        return str(seconds)


def pairs(values: Json) -> str:
    """Metadata on a line."""
    return ", ".join(f"{one_line(key)}={one_line(value)}" for key, value in values.items())
