"""`make repositories ARGS="name=path …"`: the codemods over other people's repositories, as a table for docs/codemods.md.

Each path is a clone that lies somewhere else; nothing in it is changed. A call counts as rewritten where the codemods would rewrite it
without anybody's help. A file counts as compiling where all of it does, a notebook where all those cells do that did before.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from benchmarks.report import put, row

PAGE = Path(__file__).parents[1] / "docs" / "codemods.md"
BEGIN, END = "<!-- repositories: written by `make repositories` -->", "<!-- end of repositories -->"
COLUMNS = ("repository", "files", "calls", "to the shim", "to Responses", "not to the shim", "not to Responses", "crashes", "broken files")


@click.command()
@click.argument("repositories", nargs=-1, required=True, metavar="NAME=PATH…")
@click.option("--write", is_flag=True, help="Put the table into docs/codemods.md.")
def main(repositories: tuple[str, ...], write: bool) -> None:
    """Measure, show, and perhaps write."""
    rows = [_row(*given.split("=", 1)) for given in repositories]
    console = Console()
    table = Table(*COLUMNS)
    for cells in rows:
        table.add_row(*cells)
    console.print(table)
    if write:
        put(PAGE, BEGIN, END, "\n".join([row(COLUMNS), row(["---"] * len(COLUMNS)), *map(row, rows)]))


def _row(name: str, path: str) -> list[str]:
    report = _run("scan", "--format", "json", path)
    sites: list[dict[str, Any]] = report["sites"]
    failures = [failure for failure in report["failures"] if failure["code"] == "AC009"]
    broken = sum(_broken(path, target) for target in ("shim", "responses"))
    return [
        name,
        str(len({site["path"] for site in sites})),
        str(len(sites)),
        _share(sites, "shim"),
        _share(sites, "responses"),
        _left(sites, "shim"),
        _left(sites, "responses"),
        str(len(failures)),
        str(broken),
    ]


def _left(sites: list[dict[str, Any]], target: str) -> str:
    codes = Counter(str(site[target]["refusal"]["code"]) for site in sites if site[target]["refusal"])
    return ", ".join(f"{count} {code}" for code, count in codes.most_common())


def _share(sites: list[dict[str, Any]], target: str) -> str:
    done = sum(site[target]["refusal"] is None for site in sites)
    return f"{done} ({100 * done // len(sites)} %)" if sites else "0"


def _run(*arguments: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", "assistants_compat", *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"assistants-compat {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return dict(json.loads(done.stdout))


def _broken(path: str, target: str) -> int:
    """How many files no longer compile after `migrate --to target --write`, in a copy."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        subprocess.run(["cp", "-r", path, str(copy)], check=True)
        before = {file: parts for file in copy.rglob("*") if file.suffix in (".py", ".ipynb") and (parts := _compiling(file))}
        command = [sys.executable, "-m", "assistants_compat", "migrate", "--to", target, "--write", "--allow-dirty", str(copy)]
        subprocess.run(command, capture_output=True, check=False)
        return sum(not parts <= _compiling(file) for file, parts in before.items())


def _compiling(file: Path) -> set[int]:
    """The numbers of the parts of a file that compile: the cells of a notebook, or a module as its only part."""
    parts: list[str | bytes] = [file.read_bytes()]
    if file.suffix == ".ipynb":
        cells = json.loads(parts[0]).get("cells", [])
        parts = ["".join(cell["source"]) for cell in cells]  # cells of text do not compile before, and do not count after
    return {number for number, part in enumerate(parts) if _compiles(part)}


def _compiles(text: str | bytes) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


if __name__ == "__main__":
    main()
