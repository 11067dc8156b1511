"""Where reports go: a terminal gets colours and its own width, a pipe or a file gets plain text without either."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_PIPED = 160  # characters to a line where nobody says how wide it is


def is_terminal(stream: IO[str]) -> bool:
    """Whether people look at `stream`."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def printed(write: Callable[[Console], None], stream: IO[str]) -> None:
    """Have `write` print to `stream`."""
    from rich.console import Console

    if is_terminal(stream):
        write(Console(file=stream, highlight=False))
    else:
        stream.write(plain(write))
        stream.flush()


def plain(write: Callable[[Console], None]) -> str:
    """What `write` prints, without colours and without spaces at the ends of lines."""
    from rich.console import Console

    text = io.StringIO()
    write(Console(file=text, width=_PIPED, color_system=None, force_terminal=False, highlight=False, legacy_windows=False))
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().split("\n")[:-1])


def write_diff(diff: str, encoding: str, stream: IO[str]) -> None:
    """Print a diff: in colours on a terminal, else in the bytes of the file it is of, so that it can be applied."""
    if is_terminal(stream):
        from rich.console import Console
        from rich.text import Text

        console = Console(file=stream, highlight=False)
        for line in diff.split("\n")[:-1]:
            console.print(Text(line.rstrip("\r"), style=_style(line)), soft_wrap=True)
        return
    stream.flush()
    binary: IO[bytes] | None = getattr(stream, "buffer", None)
    if binary is None:
        stream.write(diff)
        return
    binary.write(_bytes(diff, encoding))
    binary.flush()


def _bytes(diff: str, encoding: str) -> bytes:
    try:
        return diff.encode(encoding, "surrogateescape")
    except UnicodeEncodeError:
        return diff.encode("utf-8", "surrogateescape")


def _style(line: str) -> str:
    if line.startswith(("---", "+++")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan", "\\": "dim"}.get(line[:1], "")


def standard_error() -> IO[str]:
    """Where people are spoken to while a diff goes to standard output."""
    return sys.stderr
