"""A result for people: by file a table of its uses, then what else was found, then one line that counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from assistants_codemods.findings import Finding, Site, Target, Verdict
from assistants_codemods.reports.values import shown
from assistants_codemods.running import Result

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


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
    from rich.table import Table
    from rich.text import Text

    for path, members in groupby(sites, key=lambda site: site.place.path):
        console.print(Text(shown(path), style="bold"))
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=True, header_style="dim")
        table.add_column("  line", justify="right", no_wrap=True, style="cyan")
        table.add_column("call", no_wrap=console.width >= 100, overflow="fold")
        for target in targets if len(targets) > 1 else ():
            table.add_column(f"to {'shim' if target == 'shim' else 'Responses'}", no_wrap=True)
        table.add_column("why it is left" if len(targets) == 1 else "client, and why a call is left", overflow="fold", ratio=1)
        for site in members:
            verdicts = [site.shim if target == "shim" else site.responses for target in targets]
            row: list[RenderableType] = [_line(site, result), Text(site.call)]
            row += [_word(verdict) for verdict in verdicts] if len(targets) > 1 else []
            table.add_row(*row, Text("\n").join(_reasons(site, verdicts, result, with_client=len(targets) > 1)))
        console.print(table)
        console.print()


def _line(site: Site, result: Result) -> str:
    cell = result.tree.cell(site.place)
    return str(site.place.line) if cell is None else f"cell {cell[0]}:{cell[1]}"


def _word(verdict: Verdict) -> Text:
    from rich.text import Text

    if verdict.is_automatic:
        return Text("yes", style="green")
    return Text(f"no {verdict.refusal.code if verdict.refusal else ''}".rstrip(), style="yellow")


def _reasons(site: Site, verdicts: Sequence[Verdict], result: Result, *, with_client: bool) -> Iterator[Text]:
    from rich.text import Text

    if with_client:
        yield Text(site.client, style="dim")
    seen = set()
    for verdict in verdicts:
        refusal = verdict.refusal
        if refusal is not None and refusal not in seen:
            seen.add(refusal)
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
