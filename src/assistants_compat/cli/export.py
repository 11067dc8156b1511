"""`assistants-compat export`: threads and assistants out of the store, into files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from assistants_compat.cli._history import Failed, opened, store_option, tenant_option

if TYPE_CHECKING:
    from assistants_compat.transfer.exporting import Exported

EXIT_CODES = """
\b
Exit codes:
  0  everything that was asked for was exported
  1  something that was asked for is not there
  2  nothing could be exported
"""


@click.command("export", epilog=EXIT_CODES)
@click.argument("target", metavar="FOLDER", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--thread", "threads", metavar="ID", multiple=True, help="This thread, or 'all'. May be given several times.")
@click.option("--threads-from", metavar="FILE", type=click.File(), help="The threads that a file names, an id a line.")
@click.option("--assistant", "assistants", metavar="ID", multiple=True, help="This assistant, or 'all'. May be given several times.")
@click.option("--lines", is_flag=True, help="JSON Lines, into the file FOLDER, or for '-' to standard output.")
@click.option("--overwrite", is_flag=True, help="Write into a folder, or over a file, that is there already.")
@tenant_option
@store_option
def command(
    target: Path,
    threads: tuple[str, ...],
    threads_from: TextIO | None,
    assistants: tuple[str, ...],
    lines: bool,
    overwrite: bool,
    tenant: str,
    store: str | None,
) -> None:
    """Write threads and assistants of the store into FOLDER, in the open schema assistants-thread-export/v1.

    A file a thread, with its messages, runs and steps, as the API shows them, and the files that code made. Without --thread and
    --assistant it is all of them. 'assistants-compat import FOLDER' brings all of it back, into any store.
    """
    from assistants_compat.transfer.exporting import NotEmpty, Source, export_folder, export_lines, whole_file
    from assistants_compat.transfer.selection import Selection

    selection = Selection.of(tenant, [*threads, *_listed(threads_from)], assistants)
    with opened(store) as at:
        source = Source(at.database, at.blobs, selection)
        try:
            if not lines:
                done = export_folder(source, target, overwrite=overwrite)
            elif str(target) == "-":
                done = export_lines(source, sys.stdout.buffer)
                sys.stdout.buffer.flush()
            elif target.exists() and not overwrite:
                raise Failed(f"{target} is there already: name another file, or allow it with --overwrite.")
            else:
                with whole_file(target) as file:
                    done = export_lines(source, file)
        except NotEmpty:
            raise Failed(f"{target} is not empty: name another folder, or allow it with --overwrite.") from None
    _tell(done, target)
    sys.exit(1 if done.missing else 0)


def _listed(file: TextIO | None) -> list[str]:
    """Ids, one a line; a `#` begins a comment."""
    if file is None:
        return []
    ids = [id for id in (line.partition("#")[0].strip() for line in file) if id]
    if not ids:
        raise click.UsageError(f"{file.name} names no threads.")
    return ids


def _tell(done: Exported, target: Path) -> None:
    for note in done.notes:
        click.echo(f"note: {note}", err=True)
    for id in done.missing:
        click.echo(f"missing: there is no {id} in the store", err=True)
    files = f", {done.files} generated files" if done.files else ""
    counts = f"{done.threads} threads ({done.messages} messages, {done.runs} runs{files}) and {done.assistants} assistants"
    click.echo(f"Exported {counts} to {'standard output' if str(target) == '-' else target}.", err=True)
