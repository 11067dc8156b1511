"""Measuring in a process of its own: what an import costs, and how much memory something takes at its most."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

MEBIBYTE = 2**20


def result_of(program: str, *arguments: str) -> Any:
    """Run a Python program and read the JSON it prints."""
    command = [sys.executable, "-W", "ignore", "-c", program, *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def peak_memory() -> float:
    """The most memory this process has had in use, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would also count what the parent had when it made this process
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / MEBIBYTE
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MEBIBYTE if sys.platform == "darwin" else peak / 1024
