"""`assistants-compat import`: what was saved of threads and assistants into the store."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from assistants_compat.cli._history import Failed, opened, store_option, tenant_option
from assistants_compat.cli._import_report import Report, remarks_of

if TYPE_CHECKING:
    from assistants_compat.transfer.finding import Finder
    from assistants_compat.transfer.merging import Result
    from assistants_compat.transfer.staging import Staging

EXIT_CODES = """
\b
Exit codes:
  0  all that was found is in the store
  1  something was left out, or is in the store otherwise
  2  nothing was imported; or the store failed on the way, and importing again brings the rest
"""


@click.command("import", epilog=EXIT_CODES)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Tell what would become of it, and write nothing.")
@click.option("--strict", is_flag=True, help="Write nothing at all if a record cannot be used, or differs from the store's.")
@click.option(
    "--on-conflict",
    type=click.Choice(["keep", "replace"]),
    help="Where the store has an object otherwise: keep the store's, or replace it. [default: keep, and exit with 1]",
)
@click.option(
    "--check-files/--no-check-files",
    "checks_files",
    default=None,
    help="Ask the upstream whether the files and vector stores that are named are still there. [default: if OPENAI_API_KEY is set]",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@tenant_option
@store_option
def command(
    paths: tuple[Path, ...],
    dry_run: bool,
    strict: bool,
    on_conflict: Literal["keep", "replace"] | None,
    checks_files: bool | None,
    form: Literal["text", "json"],
    tenant: str,
    store: str | None,
) -> None:
    """Bring threads and assistants that were saved of the Assistants API into the store, so that their ids work again.

    PATH is a file, a folder, or '-' for standard input. What is in it is recognised: exports (assistants-thread-export/v1), the API's own
    JSON in pages, arrays or JSON Lines, dumps of the SDK's objects, and cassettes. What is in the store already stays: importing again
    adds what is missing.
    """
    from assistants_compat.transfer.finding import Finder
    from assistants_compat.transfer.importing import Destination, Import
    from assistants_compat.transfer.staging import Staging
    from assistants_compat.transfer.upstream_files import check_references
    from assistants_compat.upstream_client import has_key

    with opened(store, new=True, dry=dry_run) as at, _room_on_disk(), Staging() as staging:
        finder = Finder(staging)
        _read(finder, staging, paths)
        staging.settle()
        if not staging.count():
            for line in remarks_of(staging):
                click.echo(line, err=True)
            raise Failed("There is nothing in it that could be imported.")
        to = Destination(at.database, at.blobs, tenant, at.settings.max_file_bytes)

        def merged(*, rehearses: bool) -> Result:
            title = "Looking" if rehearses else "Writing"
            with _progress(title, staging.count()) as told:
                return Import(staging, to, replaces=on_conflict == "replace", rehearses=rehearses, told=told).run()

        stopped = False
        if dry_run or strict:
            last = staging.last_remark()
            result = merged(rehearses=True)
            stopped = strict and _is_partial(staging, on_conflict)
        if not dry_run and not stopped:
            if strict:
                staging.forget_remarks_since(last)
            result = merged(rehearses=False)
        partial = _is_partial(staging, on_conflict)
        named = staging.count_referred()
        checked = (has_key(os.environ) if checks_files is None else checks_files) and any(named.values())
        if checked:
            check_references(staging, os.environ, at.generated_files)
        why_not = "--strict" if stopped else "--dry-run" if dry_run else None
        report = Report(finder, staging, result, why_not, named, checked, partial)
        for line in report.as_json() if form == "json" else report.as_text():
            click.echo(line)
    sys.exit(2 if stopped else 1 if partial else 0)


def _is_partial(staging: Staging, on_conflict: str | None) -> bool:
    remarks = staging.found.remarks
    return bool(remarks["bad"] or remarks["left"] or (remarks["conflict"] and on_conflict is None))


def _read(finder: Finder, staging: Staging, paths: tuple[Path, ...]) -> None:
    from assistants_compat.transfer.sources import opened as opened_source
    from assistants_compat.transfer.sources import sources_in

    sources = list(sources_in(paths))
    with _progress("Reading", sum(source.size for source in sources)) as told:
        for source in sources:
            try:
                with opened_source(source, sys.stdin.buffer, told) as stream:
                    finder.file(source, stream)
            except OSError as error:
                staging.remark("bad", source.name, f"it cannot be read: {error.strerror or error}")


@contextmanager
def _progress(title: str, length: int) -> Iterator[Callable[[int], None]]:
    """A bar, where somebody looks, and it is known how long it is going to be."""
    if not length or not sys.stderr.isatty():
        yield lambda _count: None
        return
    with click.progressbar(length=length, label=f"{title:<8}", file=sys.stderr) as bar:
        yield bar.update


@contextmanager
def _room_on_disk() -> Iterator[None]:
    """What is found is laid out in the folder for temporary files."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Failed(f"What was found could not be laid out on disk: {error}. Name a folder with more room in SQLITE_TMPDIR.") from None
