"""A run: the files of a tree go through the codemods, an application at a time, over all cores; what comes back becomes edits of files."""

from __future__ import annotations

import ast
import multiprocessing
import multiprocessing.context
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assistants_codemods.documents import PythonDocument, UnreadableDocument
from assistants_codemods.engine import Engine, Migrate
from assistants_codemods.findings import Change, Finding, Outcome, Place, Refusal, Site, Target, Verdict
from assistants_codemods.source import Source
from assistants_codemods.tree import Tree

if TYPE_CHECKING:
    from assistants_codemods.migration import Options

Progress = Callable[[int, int], None]
"""Called with the number of files that are done, and of all."""

_HANDFUL = 6  # files, and applications, up to which starting processes costs more than it brings


@dataclass(frozen=True)
class Edit:
    """A change as bytes of a file."""

    change: Change
    before: bytes | None
    after: bytes
    encoding: str = "utf-8"
    application: int = 0
    """Which one it is part of, by number: a shared change serves the groups of its own."""

    @property
    def path(self) -> str:
        """The file, relative to the root of the tree."""
        return self.change.path


@dataclass(frozen=True)
class Result:
    """What a run has to say of a tree; all in the order of places."""

    tree: Tree
    target: Target | None
    sites: tuple[Site, ...] = ()
    findings: tuple[Finding, ...] = ()
    failures: tuple[Finding, ...] = ()
    reasons: tuple[Refusal, ...] = ()
    """Why groups stay: what is behind the sites that are left since another line holds their group back."""
    edits: tuple[Edit, ...] = ()
    files_with_words: int = 0
    declined: frozenset[str] = frozenset()
    """The groups that somebody who was asked did not want."""

    def verdict(self, site: Site) -> Verdict:
        """What becomes of a site under the target of this run (of an inventory: under the shim)."""
        return site.responses if self.target == "responses" else site.shim

    @property
    def rewritten(self) -> tuple[Site, ...]:
        """The sites that this run rewrites."""
        return tuple(
            site for site in self.sites if site.group not in self.declined and self.verdict(site).is_automatic and self.verdict(site).fixers
        )

    @property
    def left(self) -> tuple[Site, ...]:
        """The sites that this run cannot rewrite."""
        return tuple(site for site in self.sites if not self.verdict(site).is_automatic)

    def without(self, dropped: Mapping[str, Refusal]) -> Result:
        """The same where some groups are not rewritten after all, each for a reason."""
        return replace(
            self,
            sites=tuple(_held_back(site, dropped, self.target) for site in self.sites),
            edits=_served([edit for edit in self.edits if edit.change.shared or edit.change.group not in dropped]),
        )

    @property
    def has_failed(self) -> bool:
        """Whether the codemods themselves failed somewhere."""
        return any(failure.code in _OWN_FAILURES for failure in self.failures)


_OWN_FAILURES = {"AC009", "AC016", "AC017"}


@dataclass
class _Parts:
    sites: list[Site] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    failures: list[Finding] = field(default_factory=list)
    reasons: list[Refusal] = field(default_factory=list)
    changes: list[tuple[int, Change]] = field(default_factory=list)
    """With the number of the application."""

    def add(self, number: int, outcome: Outcome) -> None:
        self.sites += outcome.sites
        self.findings += outcome.findings
        self.failures += outcome.failures
        self.reasons += outcome.reasons
        self.changes += [(number, change) for change in outcome.changes]


def run(tree: Tree, options: Options, engine: Engine, *, progress: Progress | None = None) -> Result:
    """What the codemods make of `tree`. Nothing is written."""
    parts = _Parts()
    hits = tree.hits()
    if hits:
        applications = _applications(hits, tree, engine, parts)
        for number, outcome in enumerate(_outcomes(applications, options, engine.migrate, tree, progress)):
            parts.add(number, outcome)
    edits = _edits(tree, parts)
    failures = {(failure.place, failure.code): failure for failure in [*parts.failures, *tree.failures.values()]}
    result = Result(
        tree,
        options.target,
        tuple(sorted(set(parts.sites), key=lambda site: (site.place, site.call))),
        tuple(sorted({*parts.findings, *tree.notes}, key=_order)),
        tuple(sorted(failures.values(), key=_order)),
        tuple(sorted(set(parts.reasons), key=lambda reason: (reason.place, reason.code, reason.reason))),
        tuple(sorted(edits, key=lambda edit: edit.path)),
        len(hits),
    )
    return result.without(_half_groups(tree, edits, parts))


def _order(finding: Finding) -> tuple[Place, str, str]:
    return finding.place, finding.code, finding.message


def _applications(hits: Sequence[Source], tree: Tree, engine: Engine, parts: _Parts) -> Sequence[Sequence[Source]]:
    try:
        return engine.applications(hits, tree)
    except Exception as error:  # noqa: BLE001 - whatever it was, every file is then looked at alone, and the report says so
        parts.failures.append(_own_failure(hits[0].path, error))
        return [[hit] for hit in hits]


def _outcomes(
    applications: Sequence[Sequence[Source]], options: Options, migrate: Migrate, tree: Tree, progress: Progress | None
) -> Iterator[Outcome]:
    total = sum(map(len, applications))
    done = 0
    for outcome, count in _made(applications, options, migrate, tree, total):
        done += count
        if progress:
            progress(done, total)
        yield outcome


def _made(
    applications: Sequence[Sequence[Source]], options: Options, migrate: Migrate, tree: Tree, total: int
) -> Iterator[tuple[Outcome, int]]:
    workers = min(_cores(), len(applications))
    if workers < 2 or total <= _HANDFUL:
        for application in applications:
            yield _attempt(migrate, application, options, tree), len(application)
        return
    pool = ProcessPoolExecutor(workers, _context(), initializer=_begin, initargs=(migrate, options, tree))
    try:
        largest_first = sorted(applications, key=lambda application: -sum(len(source.text) for source in application))
        waiting = {pool.submit(_work, application): application for application in largest_first}
        for future in as_completed(waiting):
            application = waiting[future]
            try:
                yield future.result(), len(application)
            except BrokenProcessPool as error:
                yield _failed(application, error), len(application)
    except BaseException:
        for worker in multiprocessing.active_children():
            worker.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _context() -> multiprocessing.context.BaseContext:
    """How workers are started: as copies of this process where that is safe, which is quicker."""
    alone = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if alone else "spawn")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_job: tuple[Migrate, Options, Tree] | None = None  # what a worker process was started for


def _begin(migrate: Migrate, options: Options, tree: Tree) -> None:
    global _job
    _job = migrate, options, tree
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle


def _work(application: Sequence[Source]) -> Outcome:
    if _job is None:
        raise RuntimeError("the worker process was not begun")
    migrate, options, tree = _job
    return _attempt(migrate, application, options, tree)


def _attempt(migrate: Migrate, application: Sequence[Source], options: Options, tree: Tree) -> Outcome:
    try:
        return migrate(application, options, tree)
    except Exception as error:  # noqa: BLE001 - one application's failure is reported and does not end the run
        return _failed(application, error)


def _failed(application: Sequence[Source], error: BaseException) -> Outcome:
    paths = tuple(source.path for source in application)
    return Outcome(paths, failures=tuple(_own_failure(path, error) for path in paths))


def _own_failure(path: str, error: BaseException) -> Finding:
    said = str(error).strip() or "no message"
    frames = error.__traceback__
    while frames and frames.tb_next:
        frames = frames.tb_next
    at = f" (at {frames.tb_frame.f_globals.get('__name__', '?')}:{frames.tb_lineno})" if frames else ""
    return Finding("AC009", Place(path, 1, 1), f"{type(error).__name__}: {said}{at}", "error")


def _edits(tree: Tree, parts: _Parts) -> list[Edit]:
    """The changes as bytes; one that cannot be written takes its group with it (by `_half_groups`), as it is missing here."""
    edits: dict[str, Edit] = {}
    for number, change in parts.changes:
        document = PythonDocument("", "utf-8", b"") if change.before is None else tree.document(change.path)
        try:
            if document is None:
                raise UnreadableDocument("AC009", "A file was to be changed that cannot be read.")
            if change.before is None and os.path.lexists(tree.root / change.path):
                raise UnreadableDocument("AC016", "A new file was to be written here, and there is one already.")
            if change.before is not None and change.before != document.text:
                raise UnreadableDocument("AC009", "The change begins from another text than the file has.")
            if not _still_compiles(change):
                raise UnreadableDocument("AC009", "The rewritten file would not be valid Python; it stays as it is.")
            after = document.rewritten(change.after)
            if change.path in edits and edits[change.path].after != after:
                raise UnreadableDocument("AC009", "Two applications would change the file, each in its own way.")
        except UnreadableDocument as error:
            parts.failures.append(Finding(error.code, Place(change.path, error.line, 1), str(error), "error"))
            continue
        before = None if change.before is None else tree.content(change.path)
        if before != after and change.path not in edits:
            edits[change.path] = Edit(change, before, after, document.encoding, number)
    return list(edits.values())


def _still_compiles(change: Change) -> bool:
    return _parses(change.after) or (change.before is not None and not _parses(change.before))


def _parses(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def _half_groups(tree: Tree, edits: Sequence[Edit], parts: _Parts) -> dict[str, Refusal]:
    """The groups that cannot be written whole, each with the reason."""
    dropped: dict[str, Refusal] = {}
    possible = {edit.path for edit in edits}
    failed = {failure.place.path: failure for failure in parts.failures}
    for number, change in parts.changes:
        served = [other.group for at, other in parts.changes if at == number] if change.shared else [change.group]
        failure = failed.get(change.path)
        refusal = None
        if change.path not in possible and failure is not None:
            refusal = Refusal(failure.code, failure.place, failure.message)
        elif change.before is not None and change.path not in tree.selected:
            reason = f"{change.path} would have to change as well, and is not among the paths given."
            refusal = Refusal("AC008", Place(change.path, 1, 1), reason)
        if refusal is not None:
            dropped = {**dict.fromkeys(served, refusal), **dropped}
    return dropped


def _served(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits without shared ones that serve nothing any more."""
    needed = {edit.application for edit in edits if not edit.change.shared}
    return tuple(edit for edit in edits if not edit.change.shared or edit.application in needed)


def _held_back(site: Site, dropped: Mapping[str, Refusal], target: Target | None) -> Site:
    refusal = dropped.get(site.group)
    if refusal is None or target is None:
        return site
    if target == "shim":
        return replace(site, shim=replace(site.shim, refusal=site.shim.refusal or refusal))
    return replace(site, responses=replace(site.responses, refusal=site.responses.refusal or refusal))
