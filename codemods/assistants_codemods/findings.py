"""What the codemods find and do, as plain values: a run is a list of them, and every report is made of nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Target = Literal["shim", "responses"]
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, order=True)
class Place:
    """Where something is: line and column count from 1; in a notebook, lines count through the module that its cells make."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Refusal:
    """Why something is left as it is: a stable code of `codes`, the line that is the reason, and a sentence."""

    code: str
    place: Place
    reason: str


@dataclass(frozen=True)
class Verdict:
    """What becomes of a site under one target: rewritten by `fixers`, or left for the reason in `refusal`."""

    fixers: tuple[str, ...] = ()
    refusal: Refusal | None = None

    @property
    def is_automatic(self) -> bool:
        """Whether the site is rewritten without anybody's help."""
        return self.refusal is None


UNASKED = Verdict()
"""Stands for the target that a run did not look at: see `Options.verdicts`."""


@dataclass(frozen=True)
class Site:
    """One call of the Assistants API."""

    place: Place
    call: str
    """The method as the API's reference names it: `beta.threads.runs.create`."""
    text: str
    """The line of source it begins on, without indentation."""
    client: str
    """How the client got there, as a phrase: "client = OpenAI(…) at app/clients.py:4", "parameter client: AzureOpenAI"."""
    group: str
    """The life it is part of: sites of one group are migrated together or not at all."""
    shim: Verdict
    responses: Verdict


@dataclass(frozen=True)
class Finding:
    """Something worth knowing that is not a call: a model that is gone, a reusable prompt, a leftover of v1, a seam that stays."""

    code: str
    place: Place
    message: str
    severity: Severity = "warning"


@dataclass(frozen=True)
class Change:
    """A file that would change, or be added (`before` is None)."""

    path: str
    before: str | None
    after: str
    fixers: tuple[str, ...]
    group: str
    """Changes of one group are written, verified and put back together."""
    shared: bool = False
    """Whether it serves other groups: it is written where any of them is, and put back where none is."""


@dataclass(frozen=True)
class Outcome:
    """What the codemods have to say of one application: modules that import each other."""

    paths: tuple[str, ...]
    sites: tuple[Site, ...] = ()
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    reasons: tuple[Refusal, ...] = ()
    """Why groups stay under the target of the run: what is behind the sites' AC021."""
    failures: tuple[Finding, ...] = ()
    """Files that could not be read or parsed, with the reason; they stay as they are."""
