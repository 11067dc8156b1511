"""`assistants-compat import`: what was saved of threads and assistants into the store."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from assistants_compat.cli._history import Failed, opened, store_option, tenant_option

if TYPE_CHECKING:
    from assistants_compat.transfer.finding import Finder
    from assistants_compat.transfer.kinds import KindName
    from assistants_compat.transfer.merging import Result, Verdict
    from assistants_compat.transfer.staging import RemarkKind, Staging

EXIT_CODES = """
\b
Exit codes:
  0  all that was found is in the store
  1  something was left out, or is in the store otherwise
  2  nothing was imported
"""
SCHEMA = "assistants-compat-import/v1"
_SHOWN = 20
_LABELS: dict[RemarkKind, tuple[str, str]] = {
    "bad": ("skipped", "red"),
    "conflict": ("conflict", "yellow"),
    "left": ("left", "yellow"),
    "lost": ("missing", "yellow"),
    "note": ("note", "cyan"),
}
_VERDICTS: dict[Verdict, str] = {
    "added": "added",
    "there": "there already",
    "kept": "otherwise there",
    "replaced": "replaced",
    "left": "left out",
}


@click.command("import", epilog=EXIT_CODES)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Tell what would become of it, and write nothing.")
@click.option("--strict", is_flag=True, help="Write nothing at all if a record cannot be used, or differs from the store's.")
@click.option(
    "--on-conflict",
    type=click.Choice(["keep", "replace"]),
    help="Where the store has an object otherwise: keep the store's, or replace it. [default: keep, and exit with 1]",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@tenant_option
@store_option
def command(
    paths: tuple[Path, ...],
    dry_run: bool,
    strict: bool,
    on_conflict: Literal["keep", "replace"] | None,
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

    with opened(store, new=True, dry=dry_run) as at, _room_on_disk(), Staging() as staging:
        finder = Finder(staging)
        _read(finder, staging, paths)
        staging.settle()
        if staging.is_empty():
            for line in _remarks(staging):
                click.echo(line, err=True)
            raise Failed("There is nothing in it that could be imported.")
        to = Destination(at.database, at.blobs, tenant, at.settings.max_file_bytes)

        def merged(*, rehearses: bool) -> Result:
            title = "Looking" if rehearses else "Writing"
            with _progress(title, staging.found.objects) as told:
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
        why_not = "--strict" if stopped else "--dry-run" if dry_run else None
        for line in (_as_json if form == "json" else _as_text)(finder, staging, result, why_not):
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
    """A bar, where somebody looks."""
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    with click.progressbar(length=length or None, label=f"{title:<8}", file=sys.stderr, show_pos=not length) as bar:  # type: ignore[var-annotated]
        yield bar.update


@contextmanager
def _room_on_disk() -> Iterator[None]:
    """What is found is laid out in the folder for temporary files."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Failed(f"What was found could not be laid out on disk: {error}. Name a folder with more room in SQLITE_TMPDIR.") from None


def _as_text(finder: Finder, staging: Staging, result: Result, why_not: str | None) -> Iterator[str]:
    from assistants_compat.transfer.kinds import KINDS

    yield from _remarks(staging)
    columns = [verdict for verdict in _VERDICTS if any(result.counts[kind, verdict] for kind in KINDS)]
    rows = [[f"{KINDS[kind].title}s", *(str(result.counts[kind, verdict]) for verdict in columns)] for kind in _kinds(result)]
    heads = ["", *(_VERDICTS[verdict] for verdict in columns)]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        yield "  ".join([f"{row[0]:<{widths[0]}}", *(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))]).rstrip()
    found = staging.found
    more = [
        (result.counts["thread", "made"], "threads were saved without the thread itself: their metadata and tool resources are empty"),
        (found.differing, "were found in several states, of which the last counts"),
        (found.deleted, "had been deleted, and were left out"),
    ]
    yield from (f"{count} {what}." for count, what in more if count)
    yield "Imported." if why_not is None else f"Nothing was written ({why_not})."


def _kinds(result: Result) -> list[KindName]:
    from assistants_compat.transfer.kinds import KINDS

    return [kind for kind in KINDS if any(result.counts[kind, verdict] for verdict in _VERDICTS)]


def _remarks(staging: Staging) -> Iterator[str]:
    """Some of each kind, and how many more there are."""
    for remark in staging.remarks(_SHOWN):
        label, colour = _LABELS[remark.kind]
        yield f"{click.style(f'{label:<8}', fg=colour)}  {remark.place}: {remark.what}"
    for kind, (label, _) in _LABELS.items():
        more = staging.found.remarks[kind] - _SHOWN
        if more > 0:
            yield f"{label:<8}  … and {more} more; --format json has all of them"


def _as_json(finder: Finder, staging: Staging, result: Result, why_not: str | None) -> Iterator[str]:
    """In pieces: there may be many remarks."""
    from assistants_compat.transfer.kinds import KINDS

    found = staging.found
    head = {
        "schema": SCHEMA,
        "written": why_not is None,
        "found": {kind: finder.kinds[kind] for kind in KINDS if finder.kinds[kind]},
        "found_again": found.again,
        "found_differing": found.differing,
        "deleted": found.deleted,
        "result": {kind: {verdict: result.counts[kind, verdict] for verdict in _VERDICTS} for kind in _kinds(result)},
        "threads_without_their_own": result.counts["thread", "made"],
        "files_without": finder.empty,
    }
    yield json.dumps(head, indent=2, ensure_ascii=False)[:-2] + ',\n  "remarks": ['
    comma = ""
    for remark in staging.remarks():
        yield f"    {comma}{json.dumps(remark._asdict(), ensure_ascii=False)}"
        comma = ","
    yield "  ]\n}"
