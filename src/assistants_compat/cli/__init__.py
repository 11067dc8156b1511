"""The `assistants-compat` command: each of its commands is a module of this package, with a click command named `command`. A name that
Python keeps for itself has a `_` behind it.

A module is loaded when its command is used, or help is asked for.
"""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword
from pkgutil import iter_modules
from typing import Any

import click


class _Commands(click.Group):
    """A group whose commands are the modules beside it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name.rstrip("_").replace("_", "-") for module in iter_modules(__path__) if not module.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = import_module(f"{__name__}.{name}_" if iskeyword(name) else f"{__name__}.{name}").command
        return command


def _print_version(ctx: click.Context, _: click.Parameter, wanted: Any) -> None:
    if wanted and not ctx.resilient_parsing:
        from assistants_compat import __version__

        click.echo(f"assistants-compat {__version__}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version and exit.")
def main() -> None:
    """Programs written for OpenAI's Assistants API run again, unchanged, on the Responses API."""
