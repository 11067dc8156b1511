"""What was found, for people and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import click

from assistants_compat.doctor.findings import LEVELS, Said, counted

SCHEMA = "assistants-compat-doctor/v1"
_COLOURS = {"ok": "green", "note": "cyan", "warning": "yellow", "problem": "red"}
_WIDTH = max(map(len, LEVELS))
_INDENT = " " * (_WIDTH + 4)


def as_text(said: Sequence[Said], code: int, width: int | None) -> Iterator[str]:
    """Lines, with colours that `click.echo` takes out where nobody sees them.

    Args:
        width: of the terminal; None does not break lines.
    """
    for area, members in groupby(said, key=lambda each: each.area):
        yield click.style(area, bold=True)
        for each in members:
            finding = each.finding
            head = f"  {click.style(f'{finding.level:<{_WIDTH}}', fg=_COLOURS[finding.level])}  "
            first, *more = [*_broken(finding.text, width), *_broken(finding.advice, width)]
            yield head + first
            yield from (_INDENT + line for line in more)
        yield ""
    yield closing_line(said, code)


def _broken(text: str, width: int | None) -> list[str]:
    if not text:
        return []
    return [text] if width is None else textwrap.wrap(text, max(30, width - len(_INDENT)), break_long_words=False, break_on_hyphens=False)


def closing_line(said: Sequence[Said], code: int) -> str:
    counts = Counter(each.finding.level for each in said)
    found = [counted(counts[level], level) for level in reversed(LEVELS) if level != "ok" and counts[level]]
    verdict = {0: "Nothing to do", 1: "There is something to do", 2: "Not everything could be looked at"}[code]
    return f"{verdict}: {', '.join(found)}." if found else f"{verdict}."


def as_json(said: Sequence[Said], code: int) -> str:
    findings = [
        {
            "area": each.area,
            "check": each.check,
            "level": each.finding.level,
            "looked": each.finding.looked,
            "text": each.finding.text,
            "advice": each.finding.advice or None,
            "objects": list(each.finding.objects),
        }
        for each in said
    ]
    return json.dumps({"schema": SCHEMA, "exit_code": code, "findings": findings}, indent=2, ensure_ascii=False)
