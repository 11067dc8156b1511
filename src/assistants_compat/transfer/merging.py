"""One thread of an import, put into the store in somebody else's transaction: what is there stays, what is missing comes to its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Literal, NamedTuple, TypeVar

import sqlalchemy as sa

from assistants_compat.runs import progress
from assistants_compat.runs.ending import end_run
from assistants_compat.store import assistants, files, items, runs, steps, threads, weaving
from assistants_compat.store.weaving import Member, Stored
from assistants_compat.transfer.kept import (
    LIFE_OF_A_RUN,
    End,
    complete,
    differences,
    end_of,
    kept_message,
    kept_run,
    kept_step,
    synthetic_thread,
)
from assistants_compat.transfer.kinds import KINDS, KindName
from assistants_compat.transfer.staging import RemarkKind, Staged, Staging, end_of_thread

Json = dict[str, Any]
T = TypeVar("T")
Verdict = Literal["added", "there", "kept", "replaced", "left", "made"]
"""What becomes of an object: `there` as it was found, `kept` as it is in the store, `left` out; `made` for what others are in."""

_NEVER = 2**62
_NO_RESOURCES: Json = {"vector_store_ids": [], "thread_store": None, "file_ids": []}


@dataclass
class Result:
    """What came of some objects: how many of which kind were added, were there, or are in the store otherwise; and what is to be said."""

    counts: Counter[tuple[KindName, Verdict]] = field(default_factory=Counter)
    remarks: list[tuple[RemarkKind, str, str]] = field(default_factory=list)

    @property
    def writes(self) -> bool:
        return any(verdict in ("added", "replaced") for (_, verdict), count in self.counts.items() if count)

    def add(self, other: Result) -> None:
        self.counts.update(other.counts)
        self.remarks += other.remarks


class _Judged(NamedTuple):
    staged: Staged
    kept: Json
    verdict: Verdict


class Merging:
    """How objects are merged.

    Args:
        replaces: whether what the store has otherwise is replaced.
        has_blob: whether the bytes of a generated file are in the store's folder.
    """

    def __init__(
        self, staging: Staging, tenant: str, *, replaces: bool, has_blob: Callable[[str], bool], clock: Callable[[], float]
    ) -> None:
        self.staging = staging
        self.tenant = tenant
        self.replaces = replaces
        self.has_blob = has_blob
        self.clock = clock

    def assistants(self, connection: sa.Connection, found: Sequence[Staged]) -> Result:
        result = Result()
        new: list[Json] = []
        for judged in self._judged(connection, result, "assistant", "assistants", self.tenant, iter(found), partial(complete, "assistant")):
            row = assistants.assistant_row(self.tenant, judged.kept)
            if judged.verdict == "added":
                new.append(row)
            elif judged.verdict == "replaced":
                weaving.replace(connection, "assistants", row)
        weaving.append(connection, "assistants", new)
        return result

    def thread(self, connection: sa.Connection, id: str) -> Result:
        """Merge a thread and all that is in it."""
        there = threads.find_to_write(connection, id)
        if there is None:
            return _Thread(self, connection, id, None, writes=True).merge()
        if there.tenant != self.tenant:
            place = self._place_of(id)
            return Result(Counter({("thread", "left"): 1}), [("left", place, f"thread {id} belongs to another tenant, and was left alone")])
        result = _Thread(self, connection, id, there, writes=False).merge()
        if not result.writes:
            return result
        if there.active_run is not None and not self._has_ended(connection, there.active_run):
            what = f"thread {id} was left as it is: its run {there.active_run} is at work. Import again when that is done"
            return Result(Counter({("thread", "left"): 1}), [("left", self._place_of(id), what)])
        return _Thread(self, connection, id, there, writes=True).merge()

    def _has_ended(self, connection: sa.Connection, run_id: str) -> bool:
        """Whether the run that holds a thread is over, or is now because its time is."""
        run = runs.get(connection, run_id, to_write=True)
        if run is None:
            return True
        if run.deadline > self.clock():
            return False
        end_run(connection, run, "expired", int(self.clock()))
        return True

    def _place_of(self, id: str) -> str:
        staged = self.staging.thread(id)
        return id if staged is None else staged.place

    def _judged(
        self,
        connection: sa.Connection,
        result: Result,
        kind: KindName,
        table: str,
        home: str,
        found: Iterator[Staged],
        kept: Callable[[Json], Json],
    ) -> Iterator[_Judged]:
        """Each object with what is to become of it. Those whose id is somebody else's in the store are left out, and told."""
        for some in _batches(found):
            stored = weaving.stored(connection, table, [staged.id for staged in some])
            for staged in some:
                body = kept(staged.given)
                verdict = self._verdict(result, kind, staged, body, stored.get(staged.id), home)
                result.counts[kind, verdict] += 1
                if verdict != "left":
                    yield _Judged(staged, body, verdict)

    def _verdict(self, result: Result, kind: KindName, staged: Staged, kept: Json, stored: Stored | None, home: str) -> Verdict:
        if stored is None:
            return "added"
        name = f"{KINDS[kind].title} {staged.id}"
        if stored.home != home:
            whose = "another tenant's" if kind == "assistant" else f"in {stored.home}"
            result.remarks.append(("left", staged.place, f"{name} is {whose} in the store, and was left alone"))
            return "left"
        body = staged.given["body"] if kind == "item" else staged.given
        differing = differences(kind, body, body if kind == "item" else kept, stored.body)
        extra = staged.given.get("extra") if kind == "item" else staged.extra
        if kind != "file" and extra is not None and extra != (stored.extra or {}):
            differing.append("extra")
        if not differing:
            return "there"
        outcome = "was replaced" if self.replaces else "stays as it is in the store"
        result.remarks.append(("conflict", staged.place, f"{name} {outcome}: it differs in {', '.join(differing)}"))
        return "replaced" if self.replaces else "kept"


class _Thread:
    """One thread that is merged, or looked at, in a transaction.

    Args:
        there: what the store has of it.
    """

    def __init__(self, merging: Merging, connection: sa.Connection, id: str, there: threads.Listed | None, *, writes: bool) -> None:
        self._merging = merging
        self._staging = merging.staging
        self._connection = connection
        self._id = id
        self._there = there
        self._writes = writes
        self._result = Result()

    def merge(self) -> Result:
        self._itself()
        messages = self._weave("items", self._id, self._items(), partial(self._any_of, "message", "item"))
        if self._writes and messages:
            threads.add_to_count(self._connection, self._id, self._result.counts["message", "added"])
        self._weave("runs", self._id, self._members("run", "runs", self._id, kept_run, _run_row), partial(self._any_of, "run"))
        for run_id in self._staging.scopes("step", self._id):
            self._steps(run_id)
        self._weave("files", self._id, self._files(), partial(self._any_of, "file"))
        return self._result

    def _itself(self) -> None:
        staged = self._staging.thread(self._id)
        if self._there is None:
            body = synthetic_thread(self._id, self._staging.earliest(self._id)) if staged is None else complete("thread", staged.given)
            threads.insert(self._connection, self._merging.tenant, body)
            self._result.counts["thread", "added"] += 1
            self._result.counts["thread", "made"] += staged is None
        elif staged is None:
            self._result.counts["thread", "there"] += 1
        else:
            body = complete("thread", staged.given)
            stored = Stored(self._id, self._id, self._there.body, None)
            verdict = self._merging._verdict(self._result, "thread", staged, body, stored, self._id)
            self._result.counts["thread", verdict] += 1
            if verdict == "replaced" and self._writes:
                threads.replace(self._connection, self._merging.tenant, body)

    def _weave(self, table: str, home: str, members: Iterator[Member], belongs: Callable[[Sequence[str]], set[str]]) -> int:
        if self._writes:
            return weaving.weave(self._connection, table, home, members, belongs)
        for _ in members:
            pass
        return 0

    def _any_of(self, *arguments: Any) -> set[str]:
        *kinds, ids = arguments
        return {id for kind in kinds for id in self._staging.has(kind, ids)}

    def _members(
        self, kind: KindName, table: str, home: str, kept: Callable[[Json], Json], row: Callable[[Json, Staged], Json]
    ) -> Iterator[Member]:
        """The objects of a kind, those that are there already too, which say where others belong. What differs is replaced on the way."""
        found = self._staging.in_order(kind, home)
        for staged, body, verdict in self._merging._judged(self._connection, self._result, kind, table, home, found, kept):
            if verdict == "replaced" and self._writes:
                weaving.replace(self._connection, table, row(body, staged))
            yield Member(staged.id, staged.created, row(body, staged) if verdict == "added" else None)

    def _items(self) -> Iterator[Member]:
        """Messages, each after the hidden items that stand before it."""
        hidden = set(self._staging.scopes("item", self._id))
        for member in self._members("message", "items", self._id, self._kept_message, _message_row):
            if member.id in hidden:
                hidden.remove(member.id)
                yield from self._hidden(member.id, member.moment, member.id if member.row is None else None)
            yield member
        last = end_of_thread(self._id)
        for scope in sorted(hidden, key=lambda scope: scope == last):
            yield from self._hidden(scope, _NEVER, None)

    def _hidden(self, scope: str, moment: int, before: str | None) -> Iterator[Member]:
        found = self._staging.in_order("item", scope)
        judged = self._merging._judged(self._connection, self._result, "item", "items", self._id, found, partial(complete, "item"))
        for staged, body, verdict in judged:
            if verdict == "replaced" and self._writes:
                weaving.replace(self._connection, "items", _item_row(body))
            yield Member(staged.id, moment, _item_row(body) if verdict == "added" else None, before)

    def _steps(self, run_id: str) -> None:
        end = self._end(run_id)
        if end is None:
            found = list(islice(self._staging.in_order("step", run_id), 1))
            what = f"the steps of run {run_id} were left out: that run is neither here nor in the store, in thread {self._id}"
            self._result.remarks.append(("bad", found[0].place if found else run_id, what))
            self._result.counts["step", "left"] += 1
            return
        members = self._members("step", "steps", run_id, lambda given: kept_step(given, end), _step_row)
        self._weave("steps", run_id, members, partial(self._any_of, "step"))

    def _files(self) -> Iterator[Member]:
        for member in self._members("file", "files", self._id, partial(complete, "file"), self._file_row):
            if not self._merging.has_blob(member.id):
                self._result.remarks.append(("note", self._id, f"the bytes of generated file {member.id} are not in what was imported"))
            elif member.row is None:
                self._have_bytes(member.id)
            yield member

    def _have_bytes(self, id: str) -> None:
        """A file that was known, and whose bytes have come now."""
        file, staged = files.get(self._connection, self._merging.tenant, id), self._staging.one("file", id)
        if file is not None and staged is not None and not file.copied:
            self._result.counts["file", "added"] += 1
            if self._writes:
                files.replace(self._connection, complete("file", staged.given), copied=True)

    def _kept_message(self, given: Json) -> Json:
        end = self._end(given["run_id"]) if given.get("status") == "in_progress" and given.get("run_id") else None
        return kept_message(given, end or End("expired", given["created_at"] + LIFE_OF_A_RUN))

    def _end(self, run_id: str) -> End | None:
        """How a run of this thread ended; None where there is no such run."""
        staged = self._staging.one("run", run_id)
        if staged is not None and staged.given["thread_id"] == self._id:
            return end_of(complete("run", staged.given))
        stored = runs.get(self._connection, run_id, self._id)
        return None if stored is None else end_of(stored.body)

    def _file_row(self, body: Json, staged: Staged) -> Json:
        extra = staged.extra or {}
        file = files.File(body, extra["source"], self._merging.has_blob(staged.id), {})
        return files.file_row(self._merging.tenant, self._id, extra["run_id"], file)


def _message_row(body: Json, staged: Staged) -> Json:
    return items.message_row(body, extra=staged.extra)


def _item_row(body: Json) -> Json:
    return items.item_row(body["id"], body["thread_id"], body["run_id"], body["body"], extra=body["extra"] or None)


def _run_row(body: Json, _staged: Staged) -> Json:
    done = {**progress.start(_NO_RESOURCES, shows_results=False), "usage": body["usage"]}
    return runs.run_row(runs.Run(body, done, float(body["created_at"] + LIFE_OF_A_RUN), None, 0.0, 1))


def _step_row(body: Json, _staged: Staged) -> Json:
    return steps.step_row(body, settled=True)


def _batches(found: Iterator[T]) -> Iterator[list[T]]:
    while some := list(islice(found, weaving.BATCH)):
        yield some
