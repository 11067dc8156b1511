"""A figure: one line of the table, with the bound it has to keep, if it has one."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.measure import Comparison, Spread


@dataclass(frozen=True)
class Figure:
    """`measured` and `bound` are one number each, in the unit that `shown` writes them in."""

    subject: str
    ours: str
    theirs: str
    measured: str
    bound: str
    verdict: str


def ratio(subject: str, comparison: Comparison, bound: float | None) -> Figure:
    """How many times as long ours takes."""
    spread = comparison.ratio
    return Figure(
        subject,
        duration(comparison.ours),
        duration(comparison.theirs),
        f"{spread.median:.2f}× ({spread.lowest:.2f}–{spread.highest:.2f})",
        "" if bound is None else f"≤ {bound:.2f}×",
        verdict(spread.median, bound),
    )


def difference(subject: str, comparison: Comparison, bound: float | None) -> Figure:
    """How much longer ours takes, in seconds."""
    spread = comparison.difference
    return Figure(
        subject,
        duration(comparison.ours),
        duration(comparison.theirs),
        f"{spread.median * 1e3:+.1f} ms ({spread.lowest * 1e3:+.1f}–{spread.highest * 1e3:+.1f})",
        "" if bound is None else f"≤ +{bound * 1e3:.0f} ms",
        verdict(spread.median, bound),
    )


def amount(subject: str, value: Spread, unit: str, bound: float | None, *, ours: str = "", theirs: str = "") -> Figure:
    """A quantity of our own."""
    shown = f"{value.median:.1f} {unit}"
    if value.lowest != value.highest:
        shown += f" ({value.lowest:.1f}–{value.highest:.1f})"
    return Figure(subject, ours, theirs, shown, "" if bound is None else f"≤ {bound:.0f} {unit}", verdict(value.median, bound))


def share(subject: str, part: int, whole: int) -> Figure:
    """How many bytes of those that should be the same are, which has to be all of them."""
    measured = f"{100 * part / whole:.2f} %"
    return Figure(subject, f"{part:,} bytes", f"of {whole:,}", measured, "100 %", "reached" if part == whole else "not reached")


def verdict(value: float, bound: float | None) -> str:
    if bound is None:
        return ""
    return "reached" if value <= bound else "not reached"


def duration(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} µs" if seconds < 0.001 else f"{seconds * 1e3:.1f} ms"
