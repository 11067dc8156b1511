"""Processes for the faults that need some: forked off one that has imported everything, and heard of line by line."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from processes.conftest import Process

TESTS = Path(__file__).parents[1]
PATIENCE = 60.0


class Worker(Process):
    """A process that may end in the middle of what it was told to do."""

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it says, until it is done or has ended."""
        while True:
            line = self._lines.get(timeout=PATIENCE)
            if line is None:
                self.has_ended = True
                return
            yield line
            if "done" in line:
                return


@dataclass
class Nursery:
    """Starts processes, from any thread."""

    _process: subprocess.Popen[str]
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def process(self, **configuration: Any) -> Iterator[Worker]:
        """One that is killed in the end, if it has not ended before."""
        folder = Path(tempfile.mkdtemp(prefix="ac"))  # a socket's path has to be short
        with self._lock:
            worker = Worker(self._process, folder / "s", configuration)
        folder.rmdir()
        try:
            assert worker.answer() == "ready"
            yield worker
        finally:
            worker.close()


@contextmanager
def nursery(module: str) -> Iterator[Nursery]:
    """Of processes that do what `module` says: its main program is `processes.worker.nursery`."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    for name in [name for name in environment if name.startswith("ASSISTANTS_COMPAT_")]:
        del environment[name]
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-m", module]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, env=environment) as process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()
