"""`python -m torture [FAULT …]`: try, show, and with --write put what came of it into docs/reliability.md."""

from __future__ import annotations

import logging
import random
import sys
import tempfile
import time
import warnings
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console

from stores import Files, Postgres
from torture import report
from torture.faults import FAULTS
from torture.plan import FULL, SHORT, NewStore, Plan
from torture.result import Result

DATABASES = ("SQLite", "PostgreSQL")


@click.command()
@click.argument("names", metavar="[FAULT]...", nargs=-1, type=click.Choice(list(FAULTS)))
@click.option("--seed", type=int, help="Does the same again. [default: another one each time]")
@click.option("--short", is_flag=True, help="The form that the tests run, in seconds.")
@click.option("--store", "databases", multiple=True, type=click.Choice(DATABASES, case_sensitive=False), help="Only this database.")
@click.option("--write", is_flag=True, help="Put the outcome into docs/reliability.md. Needs all faults, databases and numbers.")
def main(names: tuple[str, ...], seed: int | None, short: bool, databases: tuple[str, ...], write: bool) -> None:
    """Do to this package what may happen to it, and look at what is left. Everything stays on the loopback interface."""
    if write and (names or short or databases):
        raise click.UsageError("--write needs all of it: leave out names, --short and --store.")
    seed = random.randrange(10**6) if seed is None else seed
    warnings.simplefilter("ignore", DeprecationWarning)  # the SDK's, of the API that all of this is about
    logging.getLogger("assistants_compat").addHandler(logging.NullHandler())  # what goes wrong is meant to
    console = Console()
    began = time.monotonic()
    tried: dict[str, list[Result]] = {}
    with ExitStack() as stack:
        stores = {database: _new_store(database, stack) for database in databases or DATABASES}
        for name in names or FAULTS:
            title, measure = FAULTS[name]
            with tempfile.TemporaryDirectory(prefix="assistants-compat-torture-") as directory, console.status(f"{title} …"):
                tried[title] = []
                for result in measure(Plan(seed, SHORT if short else FULL, Path(directory), stores)):
                    tried[title].append(result)
                    console.print(f"{time.monotonic() - began:5.0f} s: {result.subject}: {'kept' if result.is_kept else result.found}")
            report.show(console, title, tried[title], f"make torture ARGS='{name} --seed {seed}{' --short' if short else ''}'")
    seconds = time.monotonic() - began
    console.print(f"Seed {seed}, {seconds:.0f} s in all.")
    if write:
        report.write(tried, seed, seconds)
    if not all(result.is_kept for results in tried.values() for result in results):
        sys.exit(1)


def _new_store(database: str, stack: ExitStack) -> NewStore:
    if database == "SQLite":
        return Files().new
    server = Postgres()
    stack.callback(server.close)
    return server.new


if __name__ == "__main__":
    main()
