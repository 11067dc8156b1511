"""The store: whether it is there, has this version's schema, is sound, has room, and is its owner's alone."""

from __future__ import annotations

from collections.abc import Iterator

from assistants_compat.doctor.facts import Facts, Store
from assistants_compat.doctor.findings import Finding, counted, ok

LEAST_ROOM = 200 * 1024 * 1024
"""Bytes that a store should have left to grow."""

_ELSEWHERE = "Name another store with ASSISTANTS_COMPAT_STORE."
_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs", "glusterfs", "lustre"}
)
_OTHERS_MAY_READ = 0o077


def reachable(facts: Facts) -> Iterator[Finding]:
    store = facts.store
    if store.failure is not None:
        yield Finding("problem", store.failure)
    elif store.kind == "memory":
        yield Finding("note", "The store is in memory: what is in it goes with the process, and there is nothing to look at.", _ELSEWHERE)
    elif not store.exists:
        yield from _not_there(store)
    elif facts.unread is not None:
        yield Finding("problem", f"What is in the store cannot be read: {facts.unread}")
    else:
        yield ok(f"The store is {store.name}{_holding(facts)}.")


def _holding(facts: Facts) -> str:
    if facts.contents is None:
        return ""
    counts = facts.contents.counts
    return f": {counted(counts['assistants'], 'assistant')}, {counted(counts['threads'], 'thread')}, {counted(counts['runs'], 'run')}"


def _not_there(store: Store) -> Iterator[Finding]:
    assert store.sqlite is not None
    if store.sqlite.folder_is_writable:
        yield ok(f"There is no store at {store.name} yet: the first request makes it.")
    else:
        yield Finding(
            "problem",
            f"There is no store at {store.name}, and none can be made: {store.sqlite.folder} may not be written to.",
            f"Give this user the right to write there. {_ELSEWHERE}",
        )


def schema(facts: Facts) -> Iterator[Finding]:
    store = facts.store
    if store.kind not in ("sqlite", "postgresql") or not store.exists or store.failure is not None:
        return
    if store.revision == store.newest:
        yield ok(f"Its schema is {store.newest}, as it should be.")
    elif store.is_newer:
        yield Finding(
            "problem",
            f"The store has schema {store.revision}, of a newer assistants-compat; this one knows up to {store.newest}.",
            "Install the version that has written it: pip install --upgrade assistants-compat",
        )
    else:
        has = "The store is empty" if store.revision is None else f"The store has schema {store.revision}"
        text = f"{has}; this version needs {store.newest}."
        if store.kind == "sqlite" or facts.settings.migrate == "auto":
            yield Finding("note", f"{text} The first program that opens it sees to that.")
        else:
            yield Finding("problem", text, "Run 'assistants-compat db upgrade'.")


def sound(facts: Facts) -> Iterator[Finding]:
    sqlite = facts.store.sqlite
    if sqlite is None or not facts.store.exists or facts.store.failure is not None:
        return
    if sqlite.damage is None:
        yield Finding("note", "The file is too large to be looked through here.", f"To do that: sqlite3 {sqlite.path} 'PRAGMA quick_check'")
    elif sqlite.damage:
        yield Finding(
            "problem",
            f"The file is damaged: {sqlite.damage[0]}",
            "Stop the programs that use it, keep a copy, and restore it from a backup, or save what can be read with "
            f"'sqlite3 {sqlite.path} .recover'.",
        )
    else:
        yield ok("The file is sound.")


def place(facts: Facts) -> Iterator[Finding]:
    sqlite = facts.store.sqlite
    if sqlite is None:
        return
    if sqlite.filesystem in _NETWORK:
        yield Finding(
            "warning",
            f"The store is on a network file system ({sqlite.filesystem}), over which SQLite's locks do not hold.",
            "Move it to a local disk, or use a store on PostgreSQL (docs/postgresql.md).",
        )
    if sqlite.free_bytes is not None and sqlite.free_bytes < LEAST_ROOM:
        yield Finding(
            "warning", f"Its disk has {sqlite.free_bytes // 2**20} MiB left.", "Make room: without, messages are answered with status 503."
        )


def private(facts: Facts) -> Iterator[Finding]:
    if facts.store.sqlite is None or not facts.store.sqlite.places:
        return
    places = facts.store.sqlite.places
    for each in places:
        if not each.is_writable:
            whose = "" if each.is_mine else ", and belongs to another user"
            yield Finding("problem", f"{each.path} may not be written to by this user{whose}.", "Run as the store's user, or chown it.")
    open_ones = [each for each in places if each.mode & _OTHERS_MAY_READ]
    for each in open_ones:
        mode = 0o700 if each.mode & 0o100 else 0o600
        yield Finding(
            "warning",
            f"{each.path} is open to other users of this machine (mode {each.mode:04o}).",
            f"Threads are private: chmod {mode:o} {each.path}",
            (each.path,),
        )
    if not open_ones:
        yield ok("Its files are their owner's alone.")
