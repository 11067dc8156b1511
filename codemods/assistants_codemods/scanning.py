"""The `scan` command: an inventory of every use, as text, JSON, SARIF or a page."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from assistants_codemods.discovery import find
from assistants_codemods.engine import Engine
from assistants_codemods.findings import Target
from assistants_codemods.reports import output
from assistants_codemods.reports.progress import progress_bar
from assistants_codemods.reports.values import values
from assistants_codemods.running import Result, run
from assistants_codemods.tree import Tree

Format = Literal["text", "json", "sarif", "html"]


def scan(paths: Sequence[Path], form: Format, file: Path | None, engine: Engine) -> int:
    """Report on `paths`, to `file` or standard output. The exit code: 0 nothing found, 1 something found, 2 the codemods failed."""
    from assistants_codemods.migration import Options

    tree = Tree(find(paths))
    with progress_bar() as progress:
        result = run(tree, Options(), engine, progress=progress)
    if form == "text":
        _print_text(result, file)
    else:
        save(_rendered(result, form, engine), file)
    if result.has_failed:
        return 2
    return 1 if result.sites or result.findings or result.failures else 0


def save(text: str, file: Path | None) -> None:
    """Write a report as UTF-8."""
    content = text.encode("utf-8", "replace")
    if file is not None:
        file.write_bytes(content)
        return
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(text)
    else:
        sys.stdout.flush()
        binary.write(content)
        binary.flush()


def _print_text(result: Result, file: Path | None) -> None:
    from assistants_codemods.reports.text import inventory

    if file is None:
        output.printed(lambda console: inventory(result, console), sys.stdout)
    else:
        save(output.plain(lambda console: inventory(result, console)), file)


def _rendered(result: Result, form: Format, engine: Engine) -> str:
    if form == "json":
        return json.dumps(values(result), indent=2, ensure_ascii=False) + "\n"
    if form == "sarif":
        from assistants_codemods.reports.sarif import sarif

        return json.dumps(sarif(result), indent=2, ensure_ascii=False) + "\n"
    from assistants_codemods.dependencies.planning import with_dependencies
    from assistants_codemods.migration import Options
    from assistants_codemods.reports.page import page

    targets: tuple[Target, ...] = ("shim", "responses")
    return page(
        result, {target: with_dependencies(run(result.tree, Options(target=target, verdicts=(target,)), engine)) for target in targets}
    )
