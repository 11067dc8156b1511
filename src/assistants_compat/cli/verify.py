"""`assistants-compat verify`: a team's own recordings of the old API, replayed."""

from __future__ import annotations

import logging
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Literal

import click

from assistants_compat.cli._codemods import ToolFailed, failures_told

EXIT_CODES = """
\b
Exit codes:
  0  every difference, if there is any, is a known one
  1  there are differences that are not known
  2  a file cannot be used, or has nothing to be replayed
"""


@click.command("verify", epilog=EXIT_CODES)
@click.argument("paths", metavar="CASSETTE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("-o", "--output", "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write the report here.")
def command(paths: tuple[Path, ...], form: Literal["text", "json"], file: Path | None) -> None:
    """Replay recordings of the old Assistants API, request by request, and list every difference.

    CASSETTE is a file of vcrpy or pytest-recording (YAML or JSON), of VCR for Ruby, or JSON Lines; or a folder, of which all such files
    are taken. The model's words are those of the recording: no model is asked, and nothing goes over the network. Give files that belong
    together in one call: what one shows of an assistant or a thread serves the others.
    """
    from assistants_compat.cassettes import CassetteError
    from assistants_compat.verifying import verify
    from assistants_compat.verifying.collecting import collect
    from assistants_compat.verifying.reports import as_json, can_print_tables, print_text

    if form == "text" and not can_print_tables():
        raise ToolFailed("rich is not installed. Tables need: pip install 'assistants-compat[cassettes]'. Without: --format json")
    logging.getLogger("assistants_compat").addHandler(logging.NullHandler())  # a run's warnings are not what is asked for
    with failures_told():
        try:
            recordings, notes = collect(paths)
        except CassetteError as error:
            raise ToolFailed(str(error)) from None
        outcome = verify(recordings)
        outcome.notes[:0] = notes
        with nullcontext(sys.stdout) if file is None else file.open("w", encoding="utf-8") as stream:
            if form == "json":
                click.echo(as_json(outcome), file=stream)
            else:
                print_text(outcome, stream)
    if not outcome.replayed:
        raise ToolFailed("There is no request to the Assistants API, version 2, that could be replayed.")
    sys.exit(1 if outcome.unknown else 0)
