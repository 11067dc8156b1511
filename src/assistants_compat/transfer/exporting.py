"""Threads and assistants of a store into files: a folder of schema `assistants-thread-export/v1`, or JSON Lines.

An object a line, keys in wire order, and no time in it but in the folder's manifest: the same history is the same bytes, so that a
store which was filled from an export exports it again, and two exports can be compared by `diff`.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, BinaryIO

from assistants_compat.store import assistants
from assistants_compat.store.blobs import Blobs
from assistants_compat.store.database import Database
from assistants_compat.store.pages import each
from assistants_compat.transfer import schemas
from assistants_compat.transfer.selection import Selection
from assistants_compat.transfer.stored import StoredThread, stored_thread
from assistants_compat.wire import dumps

Json = dict[str, Any]


class NotEmpty(Exception):
    """The folder has something in it already."""


@dataclass
class Exported:
    """What came of an export. `missing` are ids that were asked for and are not there; `notes` what is to be known of what was written."""

    assistants: int = 0
    threads: int = 0
    messages: int = 0
    runs: int = 0
    files: int = 0
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Source:
    """Where an export reads."""

    def __init__(self, database: Database, blobs: Blobs, selection: Selection) -> None:
        self.database = database
        self.blobs = blobs
        self.selection = selection

    def assistants(self, done: Exported) -> Iterator[Json]:
        tenant = self.selection.tenant
        with self.database.snapshot() as connection:
            if self.selection.assistants is None:
                yield from each(lambda cut: assistants.list_page(connection, tenant, cut))
                return
            for id in self.selection.assistants:
                assistant = assistants.get(connection, tenant, id)
                if assistant is None:
                    done.missing.append(id)
                else:
                    yield assistant

    @contextmanager
    def thread(self, id: str, done: Exported) -> Iterator[StoredThread | None]:
        """A thread to be written; None, and noted, where there is none."""
        with stored_thread(self.database, self.selection.tenant, id) as thread:
            if thread is None:
                done.missing.append(id)
            elif not schemas.is_id(id):
                done.notes.append(f"{id!r} is no id that a file could be named by: the thread was left out")
                thread = None
            elif thread.active_run is not None:
                done.notes.append(f"{id}: its run {thread.active_run} was at work, and is exported as it stood; import makes it expired")
            yield thread


def export_folder(source: Source, folder: Path, *, overwrite: bool, told: Any = None) -> Exported:
    """Write `manifest.json`, `assistants.json`, `threads/<id>.json`, and the bytes of files that code made as `files/<id>`.

    Each file appears when it is whole; they are their owner's alone, as the store is.

    Args:
        overwrite: write into a folder that has something in it: files of the same names are replaced, others stay.
        told: is called with the id of each thread once it is written.

    Raises:
        NotEmpty: there is something in the folder.
        OSError: it cannot be written.
    """
    if folder.exists() and not overwrite and any(folder.iterdir()):
        raise NotEmpty(str(folder))
    done = Exported()
    for part in (folder, folder / "threads"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole_file(folder / "assistants.json") as file:
        done.assistants = _write_array(file, source.assistants(done))
        file.write(b"\n")
    for id in source.selection.thread_ids(source.database):
        with source.thread(id, done) as thread:
            if thread is None:
                continue
            with whole_file(folder / "threads" / f"{id}.json") as file:
                write_thread(file, thread, done)
            for made in thread.files():
                _copy_bytes(source.blobs, made, folder / "files", done)
        done.threads += 1
        if told is not None:
            told(id)
    with whole_file(folder / "manifest.json") as file:
        file.write(dumps(_manifest(done)) + b"\n")
    return done


def export_lines(source: Source, file: BinaryIO, told: Any = None) -> Exported:
    """Write JSON Lines: a line that names the schema, then an API object a line, all of a thread together. Without the bytes of files.

    Raises:
        OSError: it cannot be written.
    """
    done = Exported()
    file.write(dumps({"export_schema": schemas.LINES}) + b"\n")

    def write(objects: Iterable[Json]) -> int:
        count = 0
        for each_object in objects:
            file.write(dumps(each_object) + b"\n")
            count += 1
        return count

    done.assistants = write(source.assistants(done))
    for id in source.selection.thread_ids(source.database):
        with source.thread(id, done) as thread:
            if thread is None:
                continue
            write([thread.body])
            done.messages += write(thread.messages())
            write(thread.hidden_items())
            for run in thread.runs():
                done.runs += write([run])
                write(thread.steps(run["id"]))
            made = write(thread.files())
        if made:
            done.notes.append(f"{id}: the bytes of {made} generated file(s) are not in JSON Lines; export to a folder to have them")
        done.threads += 1
        if told is not None:
            told(id)
    return done


def write_thread(file: BinaryIO, thread: StoredThread, done: Exported) -> None:
    """The keys of the schema in its order, then this package's own."""
    file.write(b'{"export_schema":%b,\n"thread_id":%b,\n' % (dumps(schemas.THREAD), dumps(thread.id)))
    file.write(b'"exported_at":null,\n"thread":%b,\n"messages":' % dumps(thread.body))
    done.messages += _write_array(file, thread.messages())
    file.write(b',\n"runs":')
    done.runs += _write_array(file, ({**run, "steps": thread.steps(run["id"])} for run in thread.runs()))
    files = {made["id"]: made for made in thread.files()}
    file.write(b',\n"files":%b,\n"errors":[],\n%b:{"items":' % (dumps(files), dumps(schemas.OWN)))
    _write_array(file, thread.hidden_items())
    file.write(b"}}\n")


def _write_array(file: BinaryIO, objects: Iterable[Json]) -> int:
    """An object a line. Returns how many."""
    count = 0
    for each_object in objects:
        file.write((b",\n" if count else b"[\n") + dumps(each_object))
        count += 1
    file.write(b"\n]" if count else b"[]")
    return count


def _copy_bytes(blobs: Blobs, made: Json, folder: Path, done: Exported) -> None:
    if not made[schemas.OWN]["copied"]:
        done.notes.append(f"{made[schemas.OWN]['thread_id']}: the bytes of {made['id']} are not here: {made.get('status_details')}")
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        with blobs.path(made["id"]).open("rb") as source, whole_file(folder / made["id"]) as file:
            shutil.copyfileobj(source, file)
    except FileNotFoundError:
        done.notes.append(f"{made[schemas.OWN]['thread_id']}: the bytes of {made['id']} are missing from {blobs.folder()}")
    else:
        done.files += 1


def _manifest(done: Exported) -> Json:
    from assistants_compat import __version__

    return {
        "export_schema": schemas.MANIFEST,
        "script_version": f"assistants-compat {__version__}",
        "exported_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "endpoint": "assistants-compat",
        "base_url": None,
        "assistants_count": done.assistants,
        "threads_requested": done.threads + sum(id.startswith("thread") for id in done.missing),
        "threads_exported": done.threads,
        "threads_failed": [id for id in done.missing if id.startswith("thread")],
        "notes": done.notes,
    }


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that is there once it is whole."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
