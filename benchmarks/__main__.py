"""`python -m benchmarks [SUBJECT …]`: measure, show, and with --write put the figures into docs/performance.md."""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from rich.console import Console

from benchmarks import (
    codemods,
    concurrency,
    durability,
    history,
    local_calls,
    long_thread,
    many_streams,
    postgres,
    replay,
    report,
    request_rates,
    start_up,
    streaming,
    whole_turn,
)
from benchmarks.figures import Figure

SUBJECTS: dict[str, tuple[str, Callable[[Path, int], Iterator[Figure]]]] = {
    "local": ("Calls answered locally, against the same calls answered from memory", local_calls.measure),
    "turn": ("A whole turn, against one Responses call", whole_turn.measure),
    "stream": ("A streamed run, against a Responses stream", streaming.measure),
    "long": ("A long thread, against a short one", long_thread.measure),
    "replay": ("A thread that is sent again, byte for byte", replay.measure),
    "import": ("Importing, on top of openai", start_up.measure),
    "many": ("Many turns at once", concurrency.measure),
    "postgres": ("A PostgreSQL store, against a SQLite file", postgres.measure),
    "codemods": ("Codemods over a tree of 1,000 files, 20 of which use the API", codemods.measure),
    "server": ("Many streams through one server process, against the same streams straight from the upstream", many_streams.measure),
    "requests": ("Requests over HTTP, and what a second server process on the same store adds", request_rates.measure),
    "history": ("Bringing a history in, from a large file against a small one", history.measure),
    "durability": ("Waiting for the disk at each commit", durability.measure),
}


@click.command()
@click.argument("names", metavar="[SUBJECT]...", nargs=-1, type=click.Choice(list(SUBJECTS)))
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(min=1), help="How often everything is measured.")
@click.option("--write", is_flag=True, help="Put the figures into docs/performance.md. Needs all subjects.")
def main(names: tuple[str, ...], rounds: int, write: bool) -> None:
    """Measure this package against the official SDK on its own; without a SUBJECT, everything there is."""
    if write and names:
        raise click.UsageError("--write needs all subjects: leave out their names.")
    warnings.simplefilter("ignore", DeprecationWarning)  # the SDK's, of the API that all of this is about
    console = Console()
    measured: dict[str, list[Figure]] = {}
    began = time.monotonic()
    for name in names or SUBJECTS:
        title, measure = SUBJECTS[name]
        with tempfile.TemporaryDirectory(prefix="assistants-compat-bench-") as directory, console.status(f"{title} …"):
            measured[title] = list(measure(Path(directory), rounds))
        report.show(console, title, measured[title])
    console.print(f"{time.monotonic() - began:.0f} s in all.")
    if write:
        report.write(measured, "make bench ARGS=--write" if rounds == 5 else f"make bench ARGS='--write --rounds {rounds}'")


if __name__ == "__main__":
    main()
