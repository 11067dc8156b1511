"""What was found, laid out on disk before anything is written to a store: objects come in any order, and those of a thread belong together.

A temporary SQLite database that has no name, so that nothing of it stays, whatever ends the process. It is as large as what is imported.
Memory holds a page cache of it, whatever its size.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from assistants_compat.transfer.kept import is_settled
from assistants_compat.transfer.kinds import KindName
from assistants_compat.transfer.references import references
from assistants_compat.wire import dumps_text

Json = dict[str, Any]
Direction = Literal["forward", "backward", "exact"]
"""Which way a list seems to go: from the oldest on, from the newest on, or surely from the oldest on."""

_CACHE_KIB = 32 * 1024
_BATCH = 200

_TABLES = """
CREATE TABLE records (
    seq INTEGER PRIMARY KEY, kind TEXT, id TEXT, scope TEXT, thread TEXT, created INTEGER, list INTEGER, settled INTEGER, deleted INTEGER,
    place TEXT, given TEXT, extra TEXT
);
CREATE UNIQUE INDEX by_id ON records (kind, id);
CREATE TABLE lists (number INTEGER PRIMARY KEY, source INTEGER, direction TEXT);
CREATE TABLE ways (kind TEXT, scope TEXT, list INTEGER, way INTEGER, PRIMARY KEY (kind, scope, list)) WITHOUT ROWID;
CREATE TABLE referred (kind TEXT, id TEXT, by TEXT, times INTEGER, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE bytes (id TEXT PRIMARY KEY, path BLOB);
CREATE TABLE remarks (seq INTEGER PRIMARY KEY, kind TEXT, place TEXT, what TEXT);
"""

# Which way each list goes, for the objects of each scope: as their times say; or else as those of the whole file do, or of all lists of
# the kind; or else as it seems. Of `exact` ones only the messages surely begin with the oldest.
_WAYS = """
INSERT INTO ways
WITH moves AS (
    SELECT kind, scope, list, created - LAG(created) OVER (PARTITION BY kind, scope, list ORDER BY seq) AS move FROM records
), sums AS (
    SELECT kind, scope, list, source, direction, SUM(move > 0) AS ups, SUM(move < 0) AS downs
    FROM moves JOIN lists ON number = list GROUP BY kind, scope, list
), of_files AS (
    SELECT source, SUM(ups) AS ups, SUM(downs) AS downs FROM sums GROUP BY source
), of_kinds AS (
    SELECT kind, direction, SUM(ups) AS ups, SUM(downs) AS downs FROM sums GROUP BY kind, direction
)
SELECT kind, scope, list, CASE
    WHEN direction = 'exact' AND kind IN ('message', 'item', 'file') THEN 1
    WHEN direction = 'exact' AND (sums.ups OR sums.downs) THEN CASE WHEN sums.ups THEN 1 ELSE -1 END
    WHEN direction = 'exact' THEN CASE WHEN of_kinds.downs AND NOT of_kinds.ups THEN -1 ELSE 1 END
    WHEN sums.ups IS NOT sums.downs THEN CASE WHEN sums.ups > sums.downs THEN 1 ELSE -1 END
    WHEN of_files.ups IS NOT of_files.downs THEN CASE WHEN of_files.ups > of_files.downs THEN 1 ELSE -1 END
    WHEN of_kinds.ups IS NOT of_kinds.downs THEN CASE WHEN of_kinds.ups > of_kinds.downs THEN 1 ELSE -1 END
    WHEN direction = 'backward' THEN -1 ELSE 1 END
FROM sums JOIN of_files USING (source) JOIN of_kinds USING (kind, direction)
"""

# The seconds decide. Where they do not: in a list its order; between lists which of them begins earlier, ends earlier, or comes first on
# its file's way. In one that is surely in order nothing is older than what stands before it, whatever its seconds say.
_IN_ORDER = """
WITH placed AS (
    SELECT seq, list, way, MIN(created) OVER of_list AS earliest, MAX(created) OVER of_list AS latest,
        CASE WHEN direction = 'exact' THEN MAX(created) OVER (PARTITION BY list ORDER BY seq * way) ELSE created END AS moment
    FROM records JOIN ways USING (kind, scope, list) JOIN lists ON number = list
    WHERE kind = ? AND scope = ? AND NOT deleted WINDOW of_list AS (PARTITION BY list)
)
SELECT seq FROM placed ORDER BY moment, earliest, latest, list * way, seq * way
"""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NOT_FOUND = "kind = ? AND id NOT IN (SELECT id FROM records WHERE kind = 'file')"

RemarkKind = Literal["bad", "conflict", "left", "lost", "note"]
"""A record that cannot be used; one that the store has otherwise; one that the store has elsewhere, or a thread that a run is at work on;
a file that is gone upstream; anything else that is to be known."""


class Remark(NamedTuple):
    kind: RemarkKind
    place: str
    what: str


class Staged(NamedTuple):
    """An object that was found."""

    id: str
    created: int
    given: Json
    extra: Json | None
    place: str


@dataclass
class Found:
    """How often there was what."""

    objects: int = 0
    again: int = 0
    """Objects that were found more than once."""
    differing: int = 0
    """Those that said something else then: the later one in its life counts, or the last one that was read."""
    deleted: int = 0
    remarks: Counter[RemarkKind] = field(default_factory=Counter)


def end_of_thread(id: str) -> str:
    """The scope of hidden items that come after the last message."""
    return f"end {id}"


class Staging:
    """Everything that an import has found. Used by one thread, and closed at its end."""

    def __init__(self) -> None:
        self.found = Found()
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}", "temp_store=FILE"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(_TABLES)
        self._database.execute("BEGIN")
        self._lists = 0

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def new_list(self, source: int, direction: Direction) -> int:
        """A list whose order tells of the order of its members.

        Args:
            source: the number of the file.
        """
        self._lists += 1
        self._database.execute("INSERT INTO lists VALUES (?, ?, ?)", (self._lists, source, direction))
        return self._lists

    def set_direction(self, list: int, direction: Direction) -> None:
        self._database.execute("UPDATE lists SET direction = ? WHERE number = ?", (direction, list))

    def add(self, kind: KindName, given: Json, extra: Json | None, list: int, place: str) -> None:
        """Lay out an object. Of one that was found before, what was said later in its life counts, or what was read last."""
        id, settled = given["id"], is_settled(kind, given)
        thread = given["id"] if kind == "thread" else (extra or {})["thread_id"] if kind == "file" else given.get("thread_id", "")
        scope = {
            "assistant": "",
            "thread": "",
            "step": given.get("run_id"),
            "item": given.get("before") or end_of_thread(thread),
        }.get(kind, thread)
        row = (kind, id, scope, thread, given.get("created_at", 0), list, settled, place, dumps_text(given), _dumps(extra))
        done = self._database.execute("INSERT OR IGNORE INTO records VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)", row)
        self.found.objects += 1
        is_new = bool(done.rowcount)
        if not is_new:
            self._again(kind, given, extra, settled, row)
        for what, named in references(kind, given):
            count = "INSERT INTO referred VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET times = times + ?"
            self._database.execute(count, (what, named, f"{kind} {id}", int(is_new)))

    def _again(self, kind: KindName, given: Json, extra: Json | None, settled: bool, row: tuple[Any, ...]) -> None:
        self.found.again += 1
        query = "SELECT seq, settled, deleted, given, extra, scope, thread FROM records WHERE kind = ? AND id = ?"
        seq, was_settled, deleted, text, extra_text, *home = self._database.execute(query, row[:2]).fetchone()
        if deleted:
            return
        if kind not in ("assistant", "thread", "item") and tuple(home) != row[2:4]:
            self.remark("bad", row[7], f"{kind} {given['id']} was found in {home[0]} before, and counts there")
            return
        before: Json = json.loads(text)
        if before == given and extra in (None, _loads(extra_text)):
            return
        self.found.differing += settled and was_settled
        merged = {**before, **given} if settled >= was_settled else {**given, **before}
        self._database.execute(
            "UPDATE records SET settled = ?, created = ?, given = ?, extra = ? WHERE seq = ?",
            (max(settled, was_settled), merged.get("created_at", 0), dumps_text(merged), _dumps(extra) or extra_text, seq),
        )

    def add_deleted(self, kind: KindName, id: str, list: int, place: str) -> None:
        """An object that was deleted before the end of what was saved: an id is never used again."""
        self.found.deleted += 1
        row = (kind, id, list, place)
        self._database.execute(
            "INSERT INTO records VALUES (NULL, ?, ?, '', '', 0, ?, 1, 1, ?, '{}', NULL) ON CONFLICT DO UPDATE SET deleted = 1", row
        )

    def add_bytes(self, id: str, path: Path) -> None:
        """Where the bytes of a generated file are."""
        self._database.execute("INSERT OR REPLACE INTO bytes VALUES (?, ?)", (id, os.fsencode(path)))

    def remark(self, kind: RemarkKind, place: str, what: str) -> None:
        self.found.remarks[kind] += 1
        self._database.execute("INSERT INTO remarks VALUES (NULL, ?, ?, ?)", (kind, _plain(place), _plain(what)))

    def remarks(self, most: int | None = None, kind: RemarkKind | None = None) -> Iterator[Remark]:
        """What there is to be said, in the order in which it was found.

        Args:
            most: as many as that of each kind.
        """
        query = """
            SELECT kind, place, what FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY kind ORDER BY seq) AS number FROM remarks)
            WHERE number <= ? AND kind = COALESCE(?, kind) ORDER BY seq
        """
        return (Remark(*row) for row in self._database.execute(query, (2**62 if most is None else most, kind)))

    def last_remark(self) -> int:
        return int(self._database.execute("SELECT COALESCE(MAX(seq), 0) FROM remarks").fetchone()[0])

    def forget_remarks_since(self, last: int) -> None:
        """What was said after that one, in a rehearsal, is going to be said again."""
        self._database.execute("DELETE FROM remarks WHERE seq > ?", (last,))
        counts = self._database.execute("SELECT kind, COUNT(*) FROM remarks GROUP BY kind")
        self.found.remarks = Counter(dict(counts))

    def settle(self) -> None:
        """Everything has been found: find out what belongs together, and in which order."""
        # With all that is asked of them: what is large is read only when it is wanted.
        self._database.execute("CREATE INDEX by_scope ON records (kind, scope, list, seq, created, deleted)")
        self._database.execute("CREATE INDEX by_thread ON records (thread, kind, deleted, created, scope)")
        self._database.execute(_WAYS)

    def count(self) -> int:
        """How many objects there are, each counted once."""
        return int(self._database.execute("SELECT COUNT(*) FROM records WHERE NOT deleted").fetchone()[0])

    def assistants(self) -> Iterator[Staged]:
        return self.in_order("assistant", "")

    def thread_ids(self) -> Iterator[tuple[str, int]]:
        """Each thread of which there is anything, the oldest first, with the number of its objects."""
        query = """
            SELECT thread, COUNT(*) FROM records LEFT JOIN (
                SELECT id AS thread, deleted AS gone, created AS own FROM records WHERE kind = 'thread'
            ) USING (thread) WHERE thread != '' AND NOT deleted AND NOT COALESCE(gone, 0)
            GROUP BY thread ORDER BY COALESCE(own, MIN(NULLIF(created, 0))), MIN(seq)
        """
        cursor = self._database.execute(query)
        while rows := cursor.fetchmany(_BATCH):
            yield from rows

    def thread(self, id: str) -> Staged | None:
        return self.one("thread", id)

    def earliest(self, thread: str) -> int:
        """The second in which the oldest thing that was saved of a thread was made."""
        query = "SELECT MIN(created) FROM records WHERE thread = ? AND created > 0"
        return int(self._database.execute(query, (thread,)).fetchone()[0] or 0)

    def one(self, kind: KindName, id: str) -> Staged | None:
        query = "SELECT id, created, given, extra, place FROM records WHERE kind = ? AND id = ? AND NOT deleted"
        row = self._database.execute(query, (kind, id)).fetchone()
        return None if row is None else _staged(row)

    def in_order(self, kind: KindName, scope: str) -> Iterator[Staged]:
        """The objects of a kind in a thread, the steps of a run, the oldest first."""
        cursor = self._database.execute(_IN_ORDER, (kind, scope))
        while some := [row[0] for row in cursor.fetchmany(_BATCH)]:
            query = f"SELECT seq, id, created, given, extra, place FROM records WHERE seq IN ({_marks(some)})"  # noqa: S608 - question marks
            found = {row[0]: row[1:] for row in self._database.execute(query, some)}
            yield from (_staged(found[seq]) for seq in some)

    def scopes(self, kind: KindName, thread: str) -> list[str]:
        """Of a thread, the runs that there are steps of, or the messages that hidden items stand before."""
        query = "SELECT DISTINCT scope FROM records WHERE thread = ? AND kind = ? AND NOT deleted"
        return [row[0] for row in self._database.execute(query, (thread, kind))]

    def has(self, kind: KindName, ids: Sequence[str]) -> set[str]:
        """Those of the ids that were found."""
        query = f"SELECT id FROM records WHERE kind = ? AND NOT deleted AND id IN ({_marks(ids)})"  # noqa: S608 - question marks
        return {row[0] for row in self._database.execute(query, (kind, *ids))}

    def path_of(self, id: str) -> Path | None:
        row = self._database.execute("SELECT path FROM bytes WHERE id = ?", (id,)).fetchone()
        return None if row is None else Path(os.fsdecode(row[0]))

    def count_referred(self) -> dict[str, int]:
        """How many files and vector stores are named."""
        query = f"SELECT COUNT(*) FROM referred WHERE {_NOT_FOUND}"  # noqa: S608 - a constant
        return {kind: int(self._database.execute(query, (kind,)).fetchone()[0]) for kind in ("file", "vector_store")}

    def referred(self, kind: str) -> Iterable[tuple[str, str, int]]:
        """The ids of files or vector stores that something names, with one object that does, and how many do."""
        query = f"SELECT id, by, times FROM referred WHERE {_NOT_FOUND} ORDER BY id"  # noqa: S608 - a constant
        return self._database.execute(query, (kind,))


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _staged(row: Any) -> Staged:
    return Staged(row[0], row[1], json.loads(row[2]), _loads(row[3]), row[4])


def _plain(text: str) -> str:
    """What can be kept and shown: names of files, and what was found in them, may be anything."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text.encode(errors="backslashreplace").decode())


def _dumps(value: Json | None) -> str | None:
    return None if value is None else dumps_text(value)


def _loads(text: str | None) -> Json | None:
    return None if text is None else json.loads(text)
