"""What the checks say: how bad it is, what it is, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from assistants_compat.doctor.facts import Facts

Level = Literal["ok", "note", "warning", "problem"]
LEVELS: tuple[Level, ...] = ("ok", "note", "warning", "problem")


@dataclass(frozen=True)
class Finding:
    """Args:
    text: what is so, with the object's name.
    advice: what to do about it; empty where there is nothing to do.
    objects: ids of what it is about, all of them.
    looked: False where the facts that the check needs could not be had, though they should be.
    """

    level: Level
    text: str
    advice: str = ""
    objects: tuple[str, ...] = ()
    looked: bool = True


def ok(text: str) -> Finding:
    return Finding("ok", text)


class Check(NamedTuple):
    name: str
    """Stable, for whoever reads the JSON."""
    look: Callable[[Facts], Iterable[Finding]]


class Said(NamedTuple):
    """A finding, and who has it from where."""

    area: str
    check: str
    finding: Finding


def examine(facts: Facts, areas: Sequence[tuple[str, Sequence[Check]]]) -> list[Said]:
    """What all checks say about the facts, in the order of the areas."""
    return [Said(area, check.name, finding) for area, checks in areas for check in checks for finding in check.look(facts)]


def exit_code(said: Iterable[Said], *, strict: bool) -> int:
    """0: nothing to do. 1: problems, or under `strict` warnings. 2: neither, but something could not be looked at."""
    findings = [each.finding for each in said]
    if any(finding.level == "problem" or (strict and finding.level == "warning" and finding.looked) for finding in findings):
        return 1
    return 0 if all(finding.looked for finding in findings) else 2


def without_secrets(said: Iterable[Said], hide: Callable[[str], str]) -> list[Said]:
    """The same, with `hide` done to every text."""
    return [each._replace(finding=replace(each.finding, text=hide(each.finding.text), advice=hide(each.finding.advice))) for each in said]


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def named(ids: Sequence[str], most: int = 3) -> str:
    """Some of many: `a, b, c and 14 more`."""
    shown = ", ".join(ids[:most])
    return shown if len(ids) <= most else f"{shown} and {len(ids) - most:,} more"
