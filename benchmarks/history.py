"""Bringing a history in and out again: the memory that a large file takes, against a small one.

`python -m benchmarks.history --megabytes 2048` measures one file of that size; docs/history.md has its figures.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.console import Console
from rich.table import Table

from benchmarks import figures
from benchmarks.figures import Figure
from benchmarks.local_calls import MESSAGE
from benchmarks.measure import Spread
from benchmarks.processes import MEBIBYTE, peak_memory, result_of

MEMORY_BOUND = 48.0
LARGE, SMALL = 24, 4
"""MiB of the files that `make bench` takes."""
MESSAGES = 50
"""Of a thread."""

_PROGRAM = "from benchmarks import history; history.report()"
Json = dict[str, Any]


def threads(mebibytes: int, per_thread: int = MESSAGES) -> Iterator[list[Json]]:
    """Threads with their messages, each message about a kibibyte, until there is as much."""
    size, number = 0, 0
    while size < mebibytes * MEBIBYTE:
        number += 1
        thread_id = f"thread_{number:024}"
        objects = [{"id": thread_id, "object": "thread", "created_at": 1_700_000_000 + number, "metadata": {}, "tool_resources": {}}]
        for place in range(per_thread):
            content = [{"type": "text", "text": {"value": (MESSAGE * 100)[:700], "annotations": []}}]
            message = {"id": f"msg_{number:012}{place:012}", "object": "thread.message", "created_at": 1_700_000_000 + place}
            message |= {"assistant_id": None, "thread_id": thread_id, "run_id": None, "role": "user"}
            objects.append({**message, "content": content, "attachments": [], "metadata": {}})
        size += sum(len(json.dumps(each)) for each in objects[:2]) * per_thread
        yield objects


def write_lines(file: BinaryIO, mebibytes: int) -> None:
    for objects in threads(mebibytes):
        file.writelines(json.dumps(each).encode() + b"\n" for each in objects)


def write_array(file: BinaryIO, mebibytes: int) -> None:
    """All in one array, on one line."""
    for place, objects in enumerate(threads(mebibytes)):
        file.write((b"," if place else b"[") + b",".join(json.dumps(each).encode() for each in objects))
    file.write(b"]")


def write_thread(file: BinaryIO, mebibytes: int) -> None:
    """One thread with all messages, in one document of the open schema."""
    each_thread = threads(mebibytes)
    thread = next(each_thread)[0]
    file.write(b'{"export_schema":"assistants-thread-export/v1","thread":%b,"messages":[' % json.dumps(thread).encode())
    for place, objects in enumerate(each_thread):
        messages = [{**each, "thread_id": thread["id"], "created_at": 1_700_000_000 + place} for each in objects[1:]]
        file.write((b"," if place else b"") + b",".join(json.dumps(each).encode() for each in messages))
    file.write(b'],"runs":[]}')


FORMS: dict[str, Callable[[BinaryIO, int], None]] = {"lines": write_lines, "array": write_array, "thread": write_thread}


def measure(directory: Path, rounds: int) -> Iterator[Figure]:
    for form in ("lines", "array"):
        write, peaks = FORMS[form], []
        for size in (LARGE, SMALL):
            path = directory / f"{size}.{form}"
            with path.open("wb") as file:
                write(file, size)
            peaks.append(float(_done("import", path, directory / f"{form}{size}.db")["peak"]))
        more = Spread.of([peaks[0] - peaks[1]])
        subject = f"the memory of an import, {LARGE} MiB as {form} against {SMALL} MiB"
        yield figures.amount(subject, more, "MiB more", MEMORY_BOUND, ours=f"{peaks[0]:.1f} MiB", theirs=f"{peaks[1]:.1f} MiB")


def _done(what: str, path: Path, store: Path, *options: str) -> Json:
    done: Json = result_of(_PROGRAM, what, str(path), "--store", str(store), *options)
    return done


def report() -> None:
    """In the process that is measured: do what the arguments say, and print how long it took, and the most memory that was in use."""
    import contextlib
    import io

    from assistants_compat.cli import main as commands

    arguments, began = sys.argv[1:], time.monotonic()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        commands(arguments, standalone_mode=False)
    print(json.dumps({"peak": peak_memory(), "seconds": time.monotonic() - began}))


@click.command()
@click.option("--megabytes", "mebibytes", default=40, show_default=True, help="How large the file is.")
@click.option("--form", "forms", type=click.Choice(list(FORMS)), multiple=True, help="What it is. [default: each]")
def main(mebibytes: int, forms: tuple[str, ...]) -> None:
    """Import a file into an empty store, import it again, and export the store: time, and the most memory."""
    shown = Table("form", "what", "seconds", "memory (MiB)")
    for form in forms or FORMS:
        with tempfile.TemporaryDirectory(prefix="assistants-compat-bench-") as name:
            path, store = Path(name, f"saved.{form}"), Path(name, "store.db")
            with path.open("wb") as file:
                FORMS[form](file, mebibytes)
            steps: list[tuple[str, str, Path, tuple[str, ...]]] = [
                ("import", "import", path, ()),
                ("import again", "import", path, ()),
                ("export", "export", Path(name, "out.jsonl"), ("--lines",)),
            ]
            for title, command, target, options in steps:
                done = _done(command, target, store, *options)
                shown.add_row(form, title, f"{done['seconds']:.0f}", f"{done['peak']:.0f}")
    Console().print(shown)


if __name__ == "__main__":
    main()
