"""What a row of the table is, and how rows are put together to all the names of a request or an object."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from compatibility.names import Names


class Verdict(str, Enum):
    """How much of it is here."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    IMPOSSIBLE = "impossible"


class Source(str, Enum):
    """How it is known what the original did."""

    RECORDED = "recorded"
    DOCUMENTED = "documented"
    REPORTED = "reported"
    INFERRED = "inferred"


class Kind(str, Enum):
    """What a table lists. A part is a parameter or field that several others have inside."""

    ENDPOINT = "endpoints"
    PARAMETER = "parameters"
    FIELD = "fields"
    PART = "parts"
    VALUE = "values"
    EVENT = "events"
    ERROR = "errors"
    METHOD = "methods of the SDK"
    BEHAVIOUR = "behaviour"


@dataclass(frozen=True)
class Entry:
    """One row.

    Args:
        name: as a program writes it; below others with dots, `[]` for the elements of a list. Of an error its sentence, `…` for
            what is filled in.
        shown_by: tests, as `folder/file.py::test_name` below `tests`.
        how: what differs and what is done; with an exact entry, what is worth knowing of it.
        of: the endpoints that take it, the objects that have it, or the forms it is a part of.
        form: the form of what is inside; `tool[]` for a list of such.
        values: the strings that it may be, where they are a closed set.
        status, code: of an error.
        kind: that of its table.
    """

    name: str
    verdict: Verdict
    source: Source
    shown_by: tuple[str, ...]
    how: str = ""
    of: tuple[str, ...] = ()
    form: str = ""
    values: tuple[str, ...] = ()
    status: int | None = None
    code: str | None = None
    kind: Kind = Kind.BEHAVIOUR


@dataclass(frozen=True)
class Table:
    """Rows of one kind. `of` is that of its rows which do not name their own."""

    kind: Kind
    title: str
    entries: tuple[Entry, ...]
    of: tuple[str, ...] = ()
    note: str = ""

    def rows(self) -> Iterable[Entry]:
        return (replace(entry, of=entry.of or self.of, kind=self.kind) for entry in self.entries)


@dataclass(frozen=True)
class Chapter:
    title: str
    tables: tuple[Table, ...]


class _Row:
    """Makes entries of one verdict; calling it reads as a row: name, source, tests."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def __call__(
        self,
        name: str,
        source: Source,
        *shown_by: str,
        how: str = "",
        of: tuple[str, ...] | str = (),
        form: str = "",
        values: str = "",
        status: int | None = None,
        code: str | None = None,
    ) -> Entry:
        belongs = (of,) if isinstance(of, str) else of
        return Entry(name, self.verdict, source, shown_by, how, belongs, form, tuple(values.split()), status, code)


exact = _Row(Verdict.EXACT)
approximate = _Row(Verdict.APPROXIMATE)
impossible = _Row(Verdict.IMPOSSIBLE)

RECORDED, DOCUMENTED, REPORTED, INFERRED = Source


def names_of(rows: Iterable[Entry], whole: str) -> Names:
    """Every name in `whole`, an endpoint or object, with those inside the forms it is made of."""
    rows = list(rows)
    names: Names = {}
    for entry in rows:
        if whole in entry.of:
            names[entry.name] = frozenset(entry.values)
            if entry.form:
                prefix = entry.name + ("[]" if entry.form.endswith("[]") else "")
                for inner, values in names_of(rows, entry.form.removesuffix("[]")).items():
                    names[f"{prefix}.{inner}"] = values
    return names
