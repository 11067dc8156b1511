"""What the commands of the codemods share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import click

EXIT_CODES = """
\b
Exit codes:
  0  clean: nothing to change and nothing left
  1  something would change, was changed, or is left
  2  the tool failed, or was used in a way it is not meant to be
  130  interrupted; what was written has been put back
"""


class ToolFailed(click.ClickException):
    """Nothing was done, for the reason in the message."""

    exit_code = 2


_NEEDED = ("libcst", "rich", "pathspec", "packaging")


@contextmanager
def failures_told() -> Iterator[None]:
    """What the system refuses (a report that cannot be written) is a message, not a traceback; and so is Ctrl-C."""
    try:
        yield
    except BrokenPipeError:
        raise  # whoever read the output has gone: click ends quietly
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted; every file is as it was.", err=True)
        raise click.exceptions.Exit(130) from None
    except OSError as error:
        raise ToolFailed(f"{error.filename or 'The system'}: {error.strerror or error}.") from None


def require_extra() -> None:
    """End with a message if what the codemods need is not installed."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise ToolFailed(f"{', '.join(missing)} not installed. This command needs: pip install 'assistants-compat[codemods]'")
