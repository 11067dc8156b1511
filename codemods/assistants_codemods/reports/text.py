"""A result for people: by file a table of its uses, then what else was found, then one line that counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from assistants_codemods.findings import Finding, Site, Target, Verdict
from assistants_codemods.reports.values import shown
from assistants_codemods.running import Result

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
_HEADS: dict[Target, str] = {"shim": "to shim", "responses": "to Responses"}


def inventory(result: Result, console: Console) -> None:
    """Print every use, with what can be rewritten to where, and every finding."""
    _sites(result, result.sites, ("shim", "responses"), console)
    _findings("Found besides", result.findings, result, console)
    _findings("Left unread", result.failures, result, console)
    console.print(inventory_line(result))


def what_is_left(result: Result, console: Console) -> None:
    """Print the uses that a migration does not rewrite, and every finding."""
    if result.target:
        _sites(result, result.left, (result.target,), console)
        reasons = [Finding(reason.code, reason.place, reason.reason) for reason in result.reasons]
        _findings("What holds groups back", reasons, result, console)
    _findings("Found besides", result.findings, result, console)
    _findings("Left unread", result.failures, result, console)


def inventory_line(result: Result) -> str:
    """The closing line of an inventory."""
    if not result.sites:
        return f"Found no uses of the Assistants API in {_counted(len(result.tree.selected), 'file')}."
    files = len({site.place.path for site in result.sites})
    shim = sum(site.shim.is_automatic for site in result.sites)
    responses = sum(site.responses.is_automatic for site in result.sites)
    return (
        f"Found {_counted(len(result.sites), 'use')} in {_counted(files, 'file')}: "
        f"{shim} can go to the shim, {responses} to Responses automatically."
    )


def closing_line(result: Result, *, written: bool) -> str:
    """The closing line of a migration, as ruff has it."""
    if not result.sites and not result.edits:
        return f"Found no uses of the Assistants API in {_counted(len(result.tree.selected), 'file')}."
    rewritten, left = len(result.rewritten), len(result.left)
    declined = sum(site.group in result.declined and result.verdict(site).is_automatic for site in result.sites)
    already = len(result.sites) - rewritten - left - declined
    parts = [f"{rewritten} {'rewritten' if written else 'would be rewritten'}", f"{left} left"]
    if declined:
        parts.insert(1, f"{declined} declined")
    if already:
        parts.insert(1, f"{already} there already")
    line = f"Found {_counted(len(result.sites), 'use')}: {', '.join(parts)}."
    if result.edits and not written:
        line += f" {_counted(len(result.edits), 'file')} would change; nothing is written without --write."
    return line


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _sites(result: Result, sites: Sequence[Site], targets: Sequence[Target], console: Console) -> None:
    """A table of the sites of each file; under a row, in the full width, why it is left."""
    from rich.padding import Padding
    from rich.text import Text

    if not sites:
        return
    lines = {site: _line(site, result) for site in sites}
    widths = [max(4, *map(len, lines.values())) + 2, max(4, *(len(site.call) for site in sites)), 9, 12]
    heads = ["line", "call", *(_HEADS[target] for target in targets), "client"]
    for path, members in groupby(sites, key=lambda site: site.place.path):
        console.print(Text(shown(path), style="bold"), soft_wrap=True)
        console.print(_row(heads, ["dim"] * len(heads), widths), no_wrap=True, overflow="ellipsis")
        for site in members:
            verdicts = [site.shim if target == "shim" else site.responses for target in targets]
            cells = [lines[site], site.call, *map(_word, verdicts), site.client]
            styles = ["cyan", "", *("green" if verdict.is_automatic else "yellow" for verdict in verdicts), "dim"]
            console.print(_row(cells, styles, widths), no_wrap=True, overflow="ellipsis")
            for reason in _reasons(site, verdicts, result):
                console.print(Padding(reason, (0, 0, 0, widths[0] + 2)))
        console.print()


def _row(cells: Sequence[str], styles: Sequence[str], widths: Sequence[int]) -> Text:
    from rich.text import Text

    row = Text()
    for index, (cell, style) in enumerate(zip(cells, styles, strict=True)):
        width = widths[index] if index < len(cells) - 1 else 0
        row.append(f"{cell:>{width}}  " if index == 0 else f"{cell:<{width}}  ", style=style or None)
    row.rstrip()
    return row


def _line(site: Site, result: Result) -> str:
    cell = result.tree.cell(site.place)
    return str(site.place.line) if cell is None else f"cell {cell[0]}:{cell[1]}"


def _word(verdict: Verdict) -> str:
    return "yes" if verdict.refusal is None else f"no {verdict.refusal.code}"


def _reasons(site: Site, verdicts: Sequence[Verdict], result: Result) -> Iterator[Text]:
    from rich.text import Text

    for refusal in dict.fromkeys(verdict.refusal for verdict in verdicts if verdict.refusal):
        at = "" if refusal.place == site.place else f"{shown(result.tree.where(refusal.place))}: "
        yield Text.assemble((refusal.code, "yellow"), f" {at}{refusal.reason}")


def _findings(title: str, findings: Sequence[Finding], result: Result, console: Console) -> None:
    from rich.text import Text

    if not findings:
        return
    console.print(Text(title, style="bold"))
    for finding in findings:
        console.print(
            Text.assemble(
                f"  {shown(result.tree.where(finding.place))}: ", (finding.code, _COLOURS[finding.severity]), f" {finding.message}"
            )
        )
    console.print()
