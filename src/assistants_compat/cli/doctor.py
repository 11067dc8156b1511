"""`assistants-compat doctor`: what is wrong with an installation and its store, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import date
from typing import Literal

import click

_EXIT_CODES = """
\b
Exit codes:
  0  nothing to do
  1  there are problems; with --strict, or warnings
  2  no problem was found, but something could not be looked at
"""


@click.command("doctor", epilog=_EXIT_CODES, short_help="Say what is wrong with an installation and its store.")
@click.option("--store", metavar="URL", help="The store, where it is not the one that ASSISTANTS_COMPAT_STORE names.")
@click.option("--offline", is_flag=True, help="Ask the upstream nothing.")
@click.option(
    "--lookups", metavar="N", type=click.IntRange(0), default=200, show_default=True, help="Vector stores, and files, to look for upstream."
)
@click.option("--strict", is_flag=True, help="Warnings count as problems.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(today: date | None, store: str | None, offline: bool, lookups: int, strict: bool, form: Literal["text", "json"]) -> None:
    """Look at what is installed and set, at the store and at the upstream, and say what is wrong and what to do about it.

    Nothing is changed, and no store is made. With OPENAI_API_KEY in the environment the upstream is asked for its models, and for the
    vector stores and files that the store names; nothing that costs. Keys and passwords are not shown.
    """
    from assistants_compat.doctor.checks import AREAS
    from assistants_compat.doctor.findings import examine, exit_code, without_secrets
    from assistants_compat.doctor.looking import look
    from assistants_compat.doctor.report import as_json, as_text
    from assistants_compat.doctor.secrets import hider

    shows_progress = sys.stderr.isatty()

    def told(what: str) -> None:
        if shows_progress:
            click.echo(f"\r\x1b[KLooking at {what} …", err=True, nl=False)

    facts = look(os.environ, store=store, offline=offline, lookups=lookups, today=today, told=told)
    if shows_progress:
        click.echo("\r\x1b[K", err=True, nl=False)
    said = without_secrets(examine(facts, AREAS), hider(os.environ))
    code = exit_code(said, strict=strict)
    if form == "json":
        click.echo(as_json(said, code))
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        for line in as_text(said, code, width):
            click.echo(line)
    sys.exit(code)
