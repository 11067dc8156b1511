"""`make settings`, its other part: docs/commands.md, made of what `--help` prints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from click.testing import CliRunner

from assistants_compat.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"

WIDTH = 78
"""What click takes of a terminal of 80 and more."""

HEAD = """\
# Commands

Made by `make settings` from what `--help` prints. Options that are missing on the command line come from the environment and from
[settings](settings.md).
"""


def commands(command: click.Command = main, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of each command, groups before what is in them."""
    if words:
        yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, (*words, name))


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for words in commands():
        name = " ".join(words)
        printed = CliRunner().invoke(main, [*words, "--help"], prog_name="assistants-compat", terminal_width=WIDTH).output
        parts.append(f"{'#' * (len(words) + 1)} {name}\n\n```console\n$ assistants-compat {name} --help\n{printed.rstrip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
