from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream

PATIENCE = 30.0
LEASE = 0.4
"""Seconds after which a dead process's run may be taken over; long enough for a busy machine's living ones to renew it."""


class Process:
    """A worker process: orders go in, answers and events come out."""

    def __init__(self, nursery: subprocess.Popen[str], address: Path, configuration: dict[str, Any]) -> None:
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._seen: list[dict[str, Any]] = []
        with socket.socket(socket.AF_UNIX) as listener:
            listener.settimeout(PATIENCE)
            listener.bind(str(address))
            listener.listen()
            assert nursery.stdin is not None
            nursery.stdin.write(json.dumps({"address": str(address), "configuration": configuration}) + "\n")
            nursery.stdin.flush()
            self._socket, _ = listener.accept()
        address.unlink()
        self._socket.settimeout(None)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._pid = int(self._next(lambda line: "pid" in line)["pid"])
        self.has_ended = False

    def _read(self) -> None:
        with suppress(OSError), self._socket.makefile() as lines:  # a killed process may leave the connection in any state
            for line in lines:
                self._lines.put(json.loads(line))
        self._lines.put(None)

    def _next(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first line like this, of those kept or to come."""
        for line in self._seen:
            if wanted(line):
                self._seen.remove(line)
                return line
        until = time.monotonic() + PATIENCE
        while True:
            line = self._lines.get(timeout=max(0.0, until - time.monotonic()))  # type: ignore[assignment]
            assert line is not None, f"the process has ended; it said {self._seen}"
            if wanted(line):
                return line
            self._seen.append(line)

    def send(self, do: str, **arguments: Any) -> None:
        """Give an order."""
        self._socket.sendall(json.dumps({"do": do, **arguments}).encode() + b"\n")

    def answer(self) -> Any:
        """The answer to the order given last."""
        return self._next(lambda line: "done" in line)["done"]

    def do(self, do: str, **arguments: Any) -> Any:
        self.send(do, **arguments)
        return self.answer()

    def is_at(self, point: str) -> None:
        """Once it has reached the point at which it was to stop."""
        self._next(lambda line: line.get("at") == point)

    def has_event(self, name: str) -> None:
        self._next(lambda line: line.get("event") == name)

    def kill(self) -> None:
        """SIGKILL: no handler, no `finally`, no goodbye."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self.ends()

    def ends(self) -> None:
        """Once it has ended: its end of the connection is closed."""
        self._reader.join(PATIENCE)
        assert not self._reader.is_alive()
        self.has_ended = True

    def close(self) -> None:
        if not self.has_ended:
            self.kill()
        self._socket.close()


@pytest.fixture(scope="session")
def nursery() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, str(Path(__file__).with_name("worker.py"))], stdin=subprocess.PIPE, text=True) as nursery:
        yield nursery
        assert nursery.stdin is not None
        nursery.stdin.close()


@pytest.fixture
def base_url(upstream: OfflineUpstream) -> Iterator[str]:
    with upstream.serve() as base_url:
        yield base_url


@pytest.fixture
def process(base_url: str, settings: Settings, nursery: subprocess.Popen[str]) -> Iterator[Callable[..., Process]]:
    """Starts a worker on the test's one store. `stop_at` names a point of worker.py."""
    started: list[Process] = []
    own = settings

    def start(stop_at: str = "", **settings: Any) -> Process:
        address = Path(tempfile.mkdtemp()) / "socket"  # a socket's path has to be short
        settings = {"store": own.store, "files": own.files, "lease": LEASE, **settings}
        worker = Process(nursery, address, {"base_url": base_url, "settings": settings, "stop_at": stop_at})
        address.parent.rmdir()
        started.append(worker)
        assert worker.answer() == "ready"
        return worker

    yield start
    for worker in started:
        worker.close()
