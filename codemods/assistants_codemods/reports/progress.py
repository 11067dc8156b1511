"""A progress bar on standard error, where that is a terminal, and only once a run has taken more than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from assistants_codemods.reports.output import is_terminal
from assistants_codemods.running import Progress as Callback

_PATIENCE = 1.0  # seconds


@contextmanager
def progress_bar() -> Iterator[Callback | None]:
    """A function to call with what is done and what there is."""
    if not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True)
    began = time.monotonic()
    task = bar.add_task("Reading programs")

    def move(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)
        if not bar.live.is_started and time.monotonic() - began > _PATIENCE:
            bar.start()

    try:
        yield move
    finally:
        bar.stop()
