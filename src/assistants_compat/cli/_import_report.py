"""What came of an import, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from assistants_compat.transfer.finding import Finder
    from assistants_compat.transfer.kinds import KindName
    from assistants_compat.transfer.merging import Result, Verdict
    from assistants_compat.transfer.staging import RemarkKind, Staging

SCHEMA = "assistants-compat-import/v1"
_SHOWN = 20
_LABELS: dict[RemarkKind, tuple[str, str]] = {
    "bad": ("skipped", "red"),
    "conflict": ("conflict", "yellow"),
    "left": ("left", "yellow"),
    "lost": ("missing", "yellow"),
    "note": ("note", "cyan"),
}
_VERDICTS: dict[Verdict, str] = {
    "added": "added",
    "there": "there already",
    "kept": "differing",
    "replaced": "replaced",
    "left": "left out",
}


@dataclass(frozen=True)
class Report:
    """What came of it all.

    Attributes:
        why_not: the option because of which nothing was written.
        named: how many files and vector stores are named.
        checked: whether the upstream was asked for them.
        is_partial: whether something was left out, or is in the store otherwise.
    """

    finder: Finder
    staging: Staging
    result: Result
    why_not: str | None
    named: Mapping[str, int]
    checked: bool
    is_partial: bool

    def as_text(self) -> Iterator[str]:
        from assistants_compat.transfer.kinds import KINDS

        yield from remarks_of(self.staging)
        counts, found = self.result.counts, self.staging.found
        columns = [verdict for verdict in _VERDICTS if any(counts[kind, verdict] for kind in KINDS)]
        rows = [[f"{KINDS[kind].title}s", *(str(counts[kind, verdict]) for verdict in columns)] for kind in self._kinds()]
        heads = ["", *(_VERDICTS[verdict] for verdict in columns)]
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        for row in (heads, *rows):
            yield "  ".join(
                [f"{row[0]:<{widths[0]}}", *(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))]
            ).rstrip()
        more = [
            ("threads without metadata and tool resources, as only what is in them was saved", counts["thread", "made"]),
            ("objects found in several states, of which the last counts", found.differing),
            ("objects that had been deleted, and were left out", found.deleted),
            ("files with nothing of the Assistants API in them", len(self.finder.empty)),
            ("files that are named, and were not looked for upstream (--check-files does that)", 0 if self.checked else self.named["file"]),
            ("vector stores likewise", 0 if self.checked else self.named["vector_store"]),
        ]
        yield from (f"{count} {what}" for what, count in more if count)
        if self.why_not is not None:
            yield f"Nothing was written ({self.why_not})."
        else:
            yield "Imported, but for what is told above." if self.is_partial else "Imported."

    def as_json(self) -> Iterator[str]:
        """In pieces: there may be many remarks."""
        from assistants_compat.transfer.kinds import KINDS

        counts, found = self.result.counts, self.staging.found
        head = {
            "schema": SCHEMA,
            "written": self.why_not is None,
            "found": {kind: self.finder.kinds[kind] for kind in KINDS if self.finder.kinds[kind]},
            "found_again": found.again,
            "found_differing": found.differing,
            "deleted": found.deleted,
            "result": {kind: {verdict: counts[kind, verdict] for verdict in _VERDICTS} for kind in self._kinds()},
            "threads_without_their_own": counts["thread", "made"],
            "named_upstream": {**self.named, "checked": self.checked},
            "files_without": self.finder.empty,
        }
        yield json.dumps(head, indent=2, ensure_ascii=False)[:-2] + ',\n  "remarks": ['
        comma = ""
        for remark in self.staging.remarks():
            yield f"    {comma}{json.dumps(remark._asdict(), ensure_ascii=False)}"
            comma = ","
        yield "  ]\n}"

    def _kinds(self) -> list[KindName]:
        from assistants_compat.transfer.kinds import KINDS

        return [kind for kind in KINDS if any(self.result.counts[kind, verdict] for verdict in _VERDICTS)]


def remarks_of(staging: Staging) -> Iterator[str]:
    """Some of each kind, and how many more there are."""
    for remark in staging.remarks(_SHOWN):
        label, colour = _LABELS[remark.kind]
        yield f"{click.style(f'{label:<8}', fg=colour)}  {remark.place}: {remark.what}"
    for kind, (label, _) in _LABELS.items():
        more = staging.found.remarks[kind] - _SHOWN
        if more > 0:
            yield f"{label:<8}  … and {more} more; --format json has all of them"
