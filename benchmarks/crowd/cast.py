"""The parts as processes: each says where it is to be found, and ends with its `with` block."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.processes import MEBIBYTE

PATIENCE = 60.0


class Part(NamedTuple):
    url: str
    """Below which the API is."""
    pid: int

    @property
    def memory(self) -> tuple[float, float]:
        """In use now and at its most so far, in MiB. Linux only."""
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{self.pid}/status").read_text().splitlines())
        now, most = (int(lines[name].split()[0]) * 1024 / MEBIBYTE for name in ("VmRSS", "VmHWM"))
        return now, most

    @property
    def processor_time(self) -> float:
        """Seconds of it so far. Linux only."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def upstream() -> Iterator[Part]:
    with _process(["-m", "benchmarks.crowd.upstream"], {}) as (line, pid):
        yield Part(line.strip(), pid)


@contextmanager
def server(store: str, upstream_url: str, most_runs: int = 1000) -> Iterator[Part]:
    """`assistants-compat serve` as it is run by hand, with its log, which nobody reads."""
    own = {"ASSISTANTS_COMPAT_SERVER_MAX_RUNS_PER_TENANT": str(most_runs)}
    command = ["-m", "assistants_compat", "serve", "--port", "0", "--store", store, "--upstream", upstream_url, "--shutdown", "0"]
    with _process(command, own) as (line, pid):
        yield Part(line.split()[2], pid)


def told_by(module: str, orders: Any, folder: Path) -> Any:
    """What a process of the programs' side says when it has done what it was told."""
    path = folder / "orders.json"
    path.write_text(json.dumps(orders))
    done = subprocess.run([sys.executable, "-m", module, str(path)], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


@contextmanager
def _process(arguments: list[str], more: dict[str, str]) -> Iterator[tuple[str, int]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANTS_COMPAT_")} | more
    command = [sys.executable, "-W", "ignore", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise SystemExit(f"{' '.join(arguments[:3])} did not start.")
            yield line, process.pid
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
