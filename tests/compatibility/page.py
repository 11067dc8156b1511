"""From the table to the parts of docs/compatibility.md that are written by it. What stands between them is written by hand. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from assistants_compat.verifying import KNOWN
from compatibility.entry import Chapter, Entry, Kind, Table, Verdict
from compatibility.table import CHAPTERS, rows

PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"

_PART = re.compile(r"(<!-- written by make compatibility: (\w+) -->\n).*?(<!-- by hand again -->)", re.S)


def written(page: str) -> str:
    """The page with its written parts as the table has them."""
    return _PART.sub(lambda found: f"{found[1]}\n{_WRITERS[found[2]]()}\n\n{found[3]}", page)


def summary() -> str:
    """How many rows of what kind are what."""
    counted = {kind: [row.verdict for row in rows(kind)] for kind in Kind}
    counted[Kind.PARAMETER] += counted.pop(Kind.PART)
    names = {
        Kind.PARAMETER: "parameters, and parts of parameters and fields",
        Kind.ERROR: "sentences of errors",
        Kind.VALUE: "statuses, codes and reasons",
    }
    lines = ["| | exact | approximate | impossible |", "|---|---|---|---|"]
    for kind, verdicts in counted.items():
        lines.append(f"| {names.get(kind, kind.value)} | " + " | ".join(str(verdicts.count(verdict)) for verdict in Verdict) + " |")
    everything = [row.verdict for row in rows()]
    lines.append("| **all** | " + " | ".join(f"**{everything.count(verdict)}**" for verdict in Verdict) + " |")
    return "\n".join(lines)


def differences(verdict: Verdict) -> Callable[[], str]:
    """Every row of that verdict in one list; rows that differ in the same way together."""

    def write() -> str:
        lines = []
        for chapter in CHAPTERS:
            named: dict[str, list[str]] = {}
            for table in chapter.tables:
                for row in table.rows():
                    if row.verdict is verdict:
                        named.setdefault(row.how, []).append(_named(row, table))
            if named:
                lines += ["", f"{chapter.title}:", ""]
            lines += [f"- {', '.join(dict.fromkeys(names))}: {how}." for how, names in named.items()]
        return "\n".join(lines[1:])

    return write


def chapters() -> str:
    return "\n\n".join(_chapter(chapter) for chapter in CHAPTERS)


def _chapter(chapter: Chapter) -> str:
    return "\n\n".join([f"## {chapter.title}", *map(_table, chapter.tables)])


def _table(table: Table) -> str:
    errors = table.kind is Kind.ERROR and any(row.status for row in table.rows())
    head = ["what", *(["status", "`code`"] if errors else []), "is", "known from", "how, or what to know", "tests"]
    lines = [f"### {table.title}", "", _line(head), _line("---" for _ in head)]
    for row in table.rows():
        middle = [str(row.status), _code(row.code) if row.code else ""] if errors else []
        verdict = row.verdict.value if row.verdict is Verdict.EXACT else f"**{row.verdict.value}**"
        tests = ", ".join(map(str, sorted(_NUMBERS[test] for test in row.shown_by)))
        lines.append(_line([_full_name(row, table), *middle, verdict, row.source.value, row.how, tests]))
    return "\n".join([*lines, "", table.note] if table.note else lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _named(row: Entry, table: Table) -> str:
    """A row's name where its table is not seen."""
    if row.kind is Kind.BEHAVIOUR:
        return row.name
    if row.kind is Kind.VALUE:
        return f"{_code(row.name)} as {table.title}"
    return f"{_code(row.name)} ({row.of[0]})" if row.kind is Kind.PART else _code(row.name)


def _full_name(row: Entry, table: Table) -> str:
    if row.kind is Kind.BEHAVIOUR:
        return row.name
    values = f": {', '.join(map(_code, row.values))}" if row.values and row.values != (row.name,) else ""
    where = f" ({', '.join(row.of)})" if table.of and row.of not in (table.of, row.values) else ""
    return f"{_code(row.name)}{values}{where}"


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


_NUMBERS = {test: number for number, test in enumerate(sorted({test for row in rows() for test in row.shown_by}), 1)}


def tests() -> str:
    """The tests that the rows name by number."""

    def lines() -> Iterator[str]:
        file = ""
        for test, number in _NUMBERS.items():
            if test.partition("::")[0] != file:
                file = test.partition("::")[0]
                yield f"\n`tests/{file}`\n"
            yield f"- {number}: {test.partition('::test_')[2].replace('_', ' ')}"

    return "\n".join(lines()).strip()


def recorded() -> str:
    """The differences to recordings that `assistants-compat verify` knows of."""
    lines = [_line(["difference", "recorded, and here", "why"]), _line(["---"] * 3)]
    return "\n".join([*lines, *(_line([_code(known.name), known.what, known.reason]) for known in KNOWN)])


_WRITERS: dict[str, Callable[[], str]] = {
    "summary": summary,
    "impossible": differences(Verdict.IMPOSSIBLE),
    "approximate": differences(Verdict.APPROXIMATE),
    "chapters": chapters,
    "recorded": recorded,
    "tests": tests,
}
