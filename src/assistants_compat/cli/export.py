"""`assistants-compat export`: threads and assistants out of the store, into files."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

import click

from assistants_compat.cli._history import Failed, opened, store_option, tenant_option

if TYPE_CHECKING:
    from assistants_compat.transfer.exporting import Exported

EXIT_CODES = """
\b
Exit codes:
  0  everything that was asked for was exported
  1  something that was asked for is not there, or could not be exported
  2  nothing could be exported, or not all was come to
"""


@click.command("export", epilog=EXIT_CODES)
@click.argument("target", metavar="FOLDER", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--to",
    "way",
    type=click.Choice(["files", "conversations"]),
    default="files",
    show_default=True,
    help="Files, or conversations upstream: then FOLDER gets the map of ids.",
)
@click.option("--thread", "threads", metavar="ID", multiple=True, help="This thread, or 'all'. May be given several times.")
@click.option("--threads-from", metavar="FILE", type=click.File(), help="The threads that a file names, an id a line.")
@click.option("--assistant", "assistants", metavar="ID", multiple=True, help="This assistant, or 'all'. May be given several times.")
@click.option("--lines", is_flag=True, help="JSON Lines, into the file FOLDER, or for '-' to standard output.")
@click.option("--overwrite", is_flag=True, help="Write into a folder, or over a file, that is there already.")
@click.option("--dry-run", is_flag=True, help="Of conversations: say what would be done, and ask the upstream nothing.")
@click.option("--at-once", metavar="N", type=click.IntRange(1, 32), help="Of conversations: threads at the same time. [default: 4]")
@click.option("--again", is_flag=True, help="Of threads that are conversations already: make others. The former ones stay.")
@tenant_option
@store_option
def command(
    target: Path,
    way: Literal["files", "conversations"],
    threads: tuple[str, ...],
    threads_from: TextIO | None,
    assistants: tuple[str, ...],
    lines: bool,
    overwrite: bool,
    dry_run: bool,
    at_once: int | None,
    again: bool,
    tenant: str,
    store: str | None,
) -> None:
    """Write threads and assistants of the store into FOLDER, in the open schema assistants-thread-export/v1.

    A file a thread, with its messages, runs and steps, as the API shows them, and the files that code made. Without --thread and
    --assistant it is all of them. 'assistants-compat import FOLDER' brings all of it back, into any store.

    With --to conversations the threads become conversations upstream, with the key in OPENAI_API_KEY, and FOLDER gets the map of ids,
    conversations.csv and conversations.json. The same command goes on where it was interrupted, makes no conversation twice, and adds what
    has come to a thread since. See docs/conversations.md.
    """
    from assistants_compat.transfer.exporting import NotEmpty, Source, export_folder, export_lines, whole_file
    from assistants_compat.transfer.selection import Selection

    _check({"--assistant": assistants, "--lines": lines, "--overwrite": overwrite}, "files", way)
    _check({"--dry-run": dry_run, "--at-once": at_once, "--again": again}, "conversations", way)
    selection = Selection.of(tenant, [*threads, *_listed(threads_from)], assistants)
    if way == "conversations":
        from assistants_compat.cli._conversations import export

        if again and not (threads or threads_from):
            raise click.UsageError("--again is for threads that are named, by --thread or --threads-from; for all of them: --thread all.")
        if str(target) == "-":
            raise click.UsageError("The map of ids is several files: name a folder for them.")
        with opened(store) as at:
            sys.exit(export(at, target, selection, dry_run=dry_run, at_once=at_once or 4, again=again))
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


def _check(given: Mapping[str, object], of: str, way: str) -> None:
    for option, value in given.items():
        if value and way != of:
            raise click.UsageError(f"{option} is for --to {of}.")


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
