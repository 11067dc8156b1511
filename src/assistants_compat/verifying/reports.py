"""An outcome as a table for people, and as JSON."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Any

from assistants_compat.verifying.differences import Difference
from assistants_compat.verifying.known import KNOWN
from assistants_compat.verifying.outcome import Outcome

if TYPE_CHECKING:
    from rich.console import Console

_LONGEST = 160


def can_print_tables() -> bool:
    """Whether rich is installed."""
    return find_spec("rich") is not None


def as_json(outcome: Outcome) -> str:
    """All there is, one object, in an order of its own that does not change."""
    reasons = {known.name: known.reason for known in KNOWN}
    return json.dumps(
        {
            "recordings": outcome.recordings,
            "replayed": outcome.replayed,
            "passed_on": outcome.passed_on,
            "unknown": len(outcome.unknown),
            "differences": [_plain(difference) for difference in outcome.differences],
            "known": [{"name": name, "times": times, "reason": reasons[name]} for name, times in outcome.known()],
            "not_replayed": [vars(each) for each in outcome.not_replayed],
            "notes": outcome.notes,
        },
        indent=1,
        ensure_ascii=False,
    )


def _plain(difference: Difference) -> dict[str, Any]:
    found = difference.found
    return {
        "recording": difference.recording,
        "place": difference.place,
        "request": difference.request,
        "endpoint": difference.endpoint,
        "object": difference.object,
        "kind": found.kind.value,
        "event": found.event or None,
        "where": found.where,
        "at": found.at,
        "recorded": found.recorded,
        "ours": found.ours,
        "known": difference.known,
    }


def print_text(outcome: Outcome, stream: IO[str]) -> None:
    """Tables: what differs, what differs and is known, what was not replayed; then a line that sums up."""
    from rich.console import Console

    console = Console(file=stream, highlight=False, markup=False, soft_wrap=False)
    _print_unknown(outcome, console)
    _print_known(outcome, console)
    if outcome.not_replayed:
        _print_counts("Not replayed", [(str(times), reason) for reason, times in outcome.reasons()], console)
    for note in outcome.notes:
        console.print(note)
    console.print(summary(outcome))


def _print_unknown(outcome: Outcome, console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    requests: dict[tuple[str, str, str], list[Difference]] = {}
    for difference in outcome.unknown:
        requests.setdefault((difference.recording, difference.place, difference.request), []).append(difference)
    for (recording, place, request), differences in requests.items():
        console.print(Text(f"{recording}, {place}: {request}", style="bold"), soft_wrap=True)
        table = Table("what", "where", "recorded", "ours", box=None, padding=(0, 1, 0, 2), expand=True)
        table.columns[0].no_wrap = True
        for column, ratio in zip(table.columns[1:], (2, 3, 3), strict=True):
            column.ratio, column.overflow = ratio, "fold"
        for each in differences:
            where = " ".join(part for part in (each.found.event, each.found.at) if part)
            table.add_row(*(Text(cell) for cell in (each.found.kind.value, where, _short(each.found.recorded), _short(each.found.ours))))
        console.print(table)
        console.print()


def _print_known(outcome: Outcome, console: Console) -> None:
    reasons = {known.name: known for known in KNOWN}
    rows = [(f"{times}", f"{name}: {reasons[name].what}. Why: {reasons[name].reason}.") for name, times in outcome.known()]
    if rows:
        _print_counts("Known differences", rows, console)


def _print_counts(title: str, rows: list[tuple[str, str]], console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    console.print(Text(title, style="bold"))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)
    console.print()


def summary(outcome: Outcome) -> str:
    """One line."""
    unknown, known = len(outcome.unknown), len(outcome.differences) - len(outcome.unknown)
    told = f"{_count(outcome.replayed, 'request')} of {_count(outcome.recordings, 'recording')} replayed: "
    told += f"{_count(unknown, 'difference')} that {'is' if unknown == 1 else 'are'} not known, {known} known"
    if outcome.not_replayed:
        told += f"; {len(outcome.not_replayed)} not replayed"
    if outcome.passed_on:
        told += f"; {outcome.passed_on} to other paths, which are the upstream's"
    return f"{told}."


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
