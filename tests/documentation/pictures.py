"""`make pictures`: what commands show on a terminal, as SVG in docs/pictures/.

Each command runs for real, on a terminal of its own (a pty); what stands on it in the end is the picture. Nothing in the files is asked of
the internet: the letters are the reader's own.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pyte
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.style import Style
from rich.text import Text

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pictures"
SAMPLE = Path(__file__).parent / "pictured"

HOME = "/home/me"
"""In the place of the folder that the commands have as their home."""

LINES = 400
"""More than any of them prints."""


class Shot(NamedTuple):
    command: str
    width: int
    run: str
    """What is run where it is not the command itself."""
    where: Path | None = None
    """Where; None: in a copy of the sample."""


SHOTS = {
    "demo": Shot("make demo", 104, "python examples/demo.py", ROOT),  # without make: `make -s` and a venv that is set up are no part of it
    "scan": Shot("assistants-compat scan", 100, "assistants-compat scan"),
    "migrate": Shot("assistants-compat migrate --to responses tutor.py", 100, "assistants-compat migrate --to responses tutor.py"),
}


def screen_of(shot: Shot) -> pyte.Screen:
    """What the command leaves on a terminal of its width."""
    screen = pyte.Screen(shot.width, LINES)
    screen.set_mode(pyte.modes.LNM)
    stream = pyte.Stream(screen)
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "app"
        shutil.copytree(SAMPLE, folder)
        printed = _on_terminal(shot, shot.where or folder, home)
    stream.feed(printed.replace(home, HOME))
    return screen


def _on_terminal(shot: Shot, folder: Path, home: str) -> str:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, shot.width, 0, 0))
    left_out = ("ASSISTANTS_COMPAT_", "OPENAI_", "COLUMNS", "LINES", "CI")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    environment = kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": home,
        "XDG_DATA_HOME": f"{home}/.local/share",
        "TERM": "xterm-256color",
    }
    process = subprocess.Popen(
        ["bash", "-c", shot.run], cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    pieces = []
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux's way to say that the terminal's last user has gone
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(ours)
    if process.wait() not in (0, 1):
        raise SystemExit(f"{shot.run}: exit code {process.returncode}")
    return b"".join(pieces).decode()


def lines_of(screen: pyte.Screen) -> list[Text]:
    """The lines that have something on them, and those between, in their colours."""
    lines = []
    for number in range(LINES):
        cells = [screen.buffer[number][column] for column in range(screen.columns)]
        line = Text()
        for style, same in groupby(cells, _style):
            line.append("".join(cell.data for cell in same), style)
        line.rstrip()
        lines.append(line)
    while lines and not lines[-1].plain:
        lines.pop()
    return lines


def _style(cell: pyte.screens.Char) -> Style:
    return Style(color=_colour(cell.fg), bgcolor=_colour(cell.bg), bold=cell.bold, italic=cell.italics)


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    if re.fullmatch(r"[0-9a-f]{6}", name):
        return f"#{name}"
    return {"brown": "yellow"}.get(name, name).replace("bright", "bright_").replace("__", "_")


def picture(shot: Shot, lines: list[Text], name: str) -> str:
    """The SVG."""
    console = Console(record=True, width=shot.width, file=StringIO(), force_terminal=True, color_system="truecolor", legacy_windows=False)
    console.print(Text.assemble(("$ ", "bold green"), (shot.command, "bold")))
    for line in lines:
        console.print(line, no_wrap=True, crop=False)
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    assert "url(" not in re.sub(r"url\(#", "", form)
    return console.export_svg(title=shot.command, code_format=form, unique_id=name)


def text_of(svg: str) -> list[str]:
    """What a picture says, line by line, without what is another in each run: ids."""
    rows: dict[float, list[tuple[float, str]]] = {}
    for x, y, words in re.findall(r'<text class="[^"]*" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>', svg):
        rows.setdefault(float(y), []).append((float(x), words.replace("&#160;", " ")))
    lines = ["".join(words for _, words in sorted(row)) for _, row in sorted(rows.items())]
    return [re.sub(r"\b(msg|step|run|thread|asst|call)_\w+", r"\1_…", line) for line in lines]


def taken(name: str) -> str:
    """The picture as it would be now."""
    shot = SHOTS[name]
    return picture(shot, lines_of(screen_of(shot)), name)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in sys.argv[1:] or SHOTS:
        (FOLDER / f"{each}.svg").write_text(taken(each), encoding="utf-8")
        print(f"docs/pictures/{each}.svg")
