"""What importing this package adds to importing openai, and what it puts off until the first local call; each time in a fresh process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks import figures
from benchmarks.figures import Figure
from benchmarks.measure import Spread
from benchmarks.processes import result_of

BOUND = 60.0
PROCESSES = 3
_PROGRAM = """
import json, sys, time
began = time.perf_counter()
import openai
openai_imported = time.perf_counter()
import assistants_compat
package_imported = time.perf_counter()
from assistants_compat import OpenAI
client_imported = time.perf_counter()
threads = OpenAI(api_key="sk-test", compat=sys.argv[1]).beta.threads
beta_imported = time.perf_counter()
threads.create()
called = time.perf_counter()
threads.create()
again = time.perf_counter() - called
parts = [openai_imported - began, package_imported - openai_imported, client_imported - openai_imported, called - beta_imported, again]
print(json.dumps(parts))
"""


def measure(directory: Path, rounds: int) -> Iterator[Figure]:
    store = str(directory / "store.db")
    result_of(_PROGRAM, store)  # the first one compiles, and makes the store
    rounds_of_times = [[result_of(_PROGRAM, store) for _ in range(PROCESSES)] for _ in range(rounds)]
    theirs = Spread.of(_median(times, 0) for times in rounds_of_times)
    for name, part in (("import assistants_compat", 1), ("… and its OpenAI", 2)):
        ours = Spread.of(_median(times, part) for times in rounds_of_times)
        yield figures.amount(name, ours, "ms", BOUND, theirs=f"import openai: {theirs.median:.0f} ms")
    first, second = (Spread.of(_median(times, part) for times in rounds_of_times) for part in (3, 4))
    yield figures.amount("the first local call, which opens the store", first, "ms", None, theirs=f"the second: {second.median:.1f} ms")


def _median(times: list[list[float]], part: int) -> float:
    """In milliseconds."""
    values = sorted(process[part] for process in times)
    return values[len(values) // 2] * 1e3
