"""A tree of 1,000 files of which 20 use the API: `migrate --check` beside pyupgrade, and beside libcst going through every file once."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.figures import Figure, duration, verdict
from benchmarks.measure import Spread

FILES, HITS = 1_000, 20
ROUNDS = 2  # a round takes more than a minute, most of it the others'
OVER_PYUPGRADE, OVER_LIBCST = 5.0, 20.0

# Every file parsed, visited and written out again in memory, by two processes as `libcst.tool codemod` would have them.
_NO_OP = """
import sys, libcst
from concurrent.futures import ProcessPoolExecutor

def go(path):
    with open(path, "rb") as file:
        content = file.read()
    try:
        return libcst.parse_module(content).visit(libcst.CSTTransformer()).bytes == content
    except (libcst.ParserSyntaxError, UnicodeDecodeError, RecursionError):
        return False

if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        print(sum(pool.map(go, sys.stdin.read().splitlines(), chunksize=8)))
"""


def measure(directory: Path, rounds: int) -> Iterator[Figure]:
    files = _tree(directory / "tree")
    size = sum(path.stat().st_size for path in files) / 1e6
    no_op = directory / "no_op.py"
    no_op.write_text(_NO_OP)
    python = sys.executable
    commands: dict[str, tuple[list[str], str]] = {
        "pyupgrade": ([python, "-m", "pyupgrade", "--py310-plus", "--exit-zero-even-if-changed", *map(str, files)], ""),
        "libcst": ([python, str(no_op)], "\n".join(map(str, files))),
    }
    for target in ("shim", "responses"):
        commands[target] = ([python, "-m", "assistants_compat", "migrate", "--to", target, "--check", str(directory / "tree")], "")
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(min(rounds, ROUNDS)):
        for name, (command, given) in commands.items():
            times[name].append(_seconds(command, given))
            if name == "pyupgrade":  # it writes: the next round begins from the same files
                shutil.rmtree(directory / "tree")
                _tree(directory / "tree")
    for target in ("shim", "responses"):
        for name, bound in (("pyupgrade", OVER_PYUPGRADE), ("libcst", OVER_LIBCST)):
            ratio = Spread.of(theirs / ours for ours, theirs in zip(times[target], times[name], strict=True))
            yield Figure(
                f"migrate --to {target} --check, beside {'pyupgrade' if name == 'pyupgrade' else 'libcst doing nothing'}",
                _rate(times[target]),
                _rate(times[name]),
                f"{ratio.median:.0f}× as fast ({ratio.lowest:.0f}–{ratio.highest:.0f})",
                f"≥ {bound:.0f}×",
                verdict(-ratio.median, -bound),
            )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    yield Figure(f"memory at its peak, {FILES:,} files of {size:.1f} MB", f"{_peak(commands['responses'][0]):.0f} MiB", "", "", "", "")
    assert peak > 0


def _rate(times: Sequence[float]) -> str:
    seconds = sorted(times)[len(times) // 2]
    return f"{FILES / seconds:,.0f} files/s ({duration(seconds)})"


def _seconds(command: list[str], given: str) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - began
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(command[:6])} … ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return taken


_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _peak(command: list[str]) -> float:
    """MiB of the largest process that `command` is or starts."""
    done = subprocess.run([sys.executable, "-c", _PEAK, *command], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def _tree(root: Path) -> list[Path]:
    """Files of the standard library, every so many, and programs that use the API among them."""
    library = Path(sysconfig.get_paths()["stdlib"])
    candidates = sorted(
        path
        for path in library.rglob("*.py")
        if "site-packages" not in path.parts and "lib2to3" not in path.parts and "bad" not in path.name and path.stat().st_size < 200_000
    )
    wanted = FILES - HITS
    step = len(candidates) / wanted
    chosen = [candidates[int(place * step)] for place in range(min(wanted, len(candidates)))]
    files = []
    for number, path in enumerate(chosen):
        target = root / f"package_{number // 50:02}" / f"module_{number:03}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
        files.append(target)
    programs = sorted((Path(__file__).parents[1] / "tests/codemods/equivalence/programs").glob("*.py"))
    for number in range(FILES - len(files)):
        target = root / f"package_{number % 20:02}" / f"assistant_{number:03}.py"
        target.write_bytes(programs[number % len(programs)].read_bytes())
        files.append(target)
    return files
