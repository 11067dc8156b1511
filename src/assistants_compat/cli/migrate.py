"""`assistants-compat migrate`: programs move to the shim, or to native Responses code."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from assistants_compat.cli._codemods import EXIT_CODES, ToolFailed, failures_told, require_extra

if TYPE_CHECKING:
    from assistants_codemods.findings import Target


@click.command("migrate", epilog=EXIT_CODES)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--to", "target", type=click.Choice(["shim", "responses"]), help="Where to: this package, or code without it.")
@click.option("--write", is_flag=True, help="Write the files; without, a diff is printed and nothing changes.")
@click.option("--check", is_flag=True, help="Print no diff; exit with 1 if a file would change.")
@click.option("--interactive", is_flag=True, help="Show each file's diff and ask. Writes what is answered with yes.")
@click.option("--verify", metavar="CMD", help="Run your tests before and after; files of a group with which they get worse are put back.")
@click.option("--allow-dirty", is_flag=True, help="Write even where git could not bring back what is there now.")
@click.option("--partial", is_flag=True, help="Migrate what can be, even if a thread's life is then divided; the seams are marked.")
@click.option("--annotate", is_flag=True, help="Put a TODO comment with a code at each use that is left.")
@click.option(
    "--assistants", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="An exported assistants.json."
)
@click.option("--only", metavar="IDS", help="Use only these fixers (with commas).")
@click.option("--skip", metavar="IDS", help="Do not use these fixers (with commas).")
@click.option("--list", "show_list", is_flag=True, help="List the fixers and end.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "-o", "--output", "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write the diff or JSON here."
)
@click.pass_obj
def command(
    engine: Any,
    paths: tuple[Path, ...],
    target: Target | None,
    write: bool,
    check: bool,
    interactive: bool,
    verify: str | None,
    allow_dirty: bool,
    partial: bool,
    annotate: bool,
    assistants: Path | None,
    only: str | None,
    skip: str | None,
    show_list: bool,
    form: Literal["text", "json"],
    file: Path | None,
) -> None:
    """Rewrite programs that use the Assistants API, in the files and folders given (default: this folder).

    Prints a unified diff and changes nothing, unless --write. What is not understood stays as it is, with a line that says why.
    """
    require_extra()
    from assistants_codemods.dependencies import planning
    from assistants_codemods.engine import Engine
    from assistants_codemods.migrating import Refused, Wishes, migrate
    from assistants_codemods.migration import Options

    engine = engine or Engine()
    known = dict([*engine.fixers(), (planning.FIXER, planning.SUMMARY)])
    if show_list:
        for name, summary in known.items():
            click.echo(f"{name:32} {summary}")
        return
    if target is None:
        raise click.UsageError("Missing option '--to': shim or responses.")
    if check and (write or interactive):
        raise click.UsageError("--check writes nothing: leave out --write and --interactive.")
    if verify and not (write or interactive):
        raise click.UsageError("--verify needs --write.")
    options = Options(
        target=target,
        only=None if only is None else _ids(only, "--only", known),
        skip=frozenset() if skip is None else _ids(skip, "--skip", known),
        partial=partial,
        annotate=annotate,
        assistants=None if assistants is None else _text(assistants),
    )
    wishes = Wishes(write, check, _ask if interactive else None, allow_dirty, verify, form, file)
    try:
        with failures_told():
            code = migrate(paths, options, wishes, engine)
    except Refused as error:
        raise ToolFailed(str(error)) from None
    sys.exit(code)


def _ask(question: str) -> str:
    answers = {"y": "yes", "n": "no", "a": "all", "q": "quit"}
    return answers[click.prompt(question, type=click.Choice(list(answers), case_sensitive=False), err=True)]


def _ids(listed: str, option: str, known: Mapping[str, str]) -> frozenset[str]:
    ids = frozenset(listed.replace(",", " ").split())
    if unknown := sorted(ids - set(known)):
        raise click.BadParameter(f"no such fixer: {', '.join(unknown)}. --list shows them.", param_hint=option)
    return ids


def _text(file: Path) -> str:
    from assistants_codemods.configuring import NotAssistants, configurations

    try:
        text = file.read_text("utf-8-sig")
        configurations(text)
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{file} cannot be read as UTF-8: {error}.", param_hint="--assistants") from None
    except NotAssistants as error:
        raise click.BadParameter(f"{file} is no export of assistants: {error}.", param_hint="--assistants") from None
    return text
