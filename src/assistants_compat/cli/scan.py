"""`assistants-compat scan`: every use of the Assistants API in a tree, and what can be rewritten automatically."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistants_compat.cli._codemods import EXIT_CODES, failures_told, require_extra

if TYPE_CHECKING:
    from assistants_codemods.scanning import Format


@click.command("scan", epilog=EXIT_CODES)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif", "html"]), default="text", show_default=True)
@click.option("-o", "--output", "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write the report here.")
@click.pass_obj
def command(engine: Any, paths: tuple[Path, ...], form: Format, file: Path | None) -> None:
    """List every use of the Assistants API in the files and folders given (default: this folder).

    Each comes with what can be rewritten automatically, to the shim and to Responses, and why where it cannot. Files that git ignores are
    left out. Nothing is changed.
    """
    require_extra()
    from assistants_codemods.engine import Engine
    from assistants_codemods.scanning import scan

    with failures_told():
        code = scan(paths, form, file, engine or Engine())
    sys.exit(code)
