"""What is known of an installation, its store and its upstream before anybody judges it. Values only.

None stands for what could not be found out, or does not apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from assistants_compat.settings import Settings


class Probe(NamedTuple):
    """A request that a client of the SDK sent to `/assistants`, with nothing behind its base URL."""

    client: str
    family: str | None
    failure: str | None
    """None where it was answered here."""


@dataclass(frozen=True)
class Installation:
    python: tuple[int, int, int]
    versions: Mapping[str, str | None]
    """Of packages, by their names on PyPI; None for one that is not installed."""
    probes: tuple[Probe, ...]


@dataclass(frozen=True)
class Environment:
    """Of the environment variables only names, and what is said about those that cannot be read."""

    names: tuple[str, ...]
    """Those that are, or look as if they were meant to be, of this package."""
    known: frozenset[str]
    """Those that this package reads; the server's only where the server is installed."""
    invalid: tuple[str, ...]
    """Why a value cannot be used, a sentence each, with the variable's name."""
    has_key: bool
    is_azure: bool
    """Whether models are names of deployments."""


class Place(NamedTuple):
    """A file or folder of the store."""

    path: str
    mode: int
    is_mine: bool
    is_writable: bool


@dataclass(frozen=True)
class SqliteFacts:
    path: str
    folder: str
    """The nearest folder above it that exists."""
    folder_is_writable: bool
    filesystem: str | None
    free_bytes: int | None
    places: tuple[Place, ...] = ()
    """The store's own files, the folder of files that code made, the secret: those that are there."""
    damage: tuple[str, ...] | None = None
    """What SQLite says of its file; None where that would take too long."""


@dataclass(frozen=True)
class PostgresFacts:
    version: str
    is_read_only: bool
    lacking: tuple[str, ...]
    """Privileges on tables that the user does not have: `INSERT on threads`."""
    clock_ahead: float
    """Seconds by which the server's clock is ahead of this machine's, give or take `clock_error`."""
    clock_error: float
    free_connections: int | None
    hears: bool | None
    """Whether a word sent with a transaction was heard on another connection; None where nobody is to listen."""


@dataclass(frozen=True)
class Store:
    name: str
    """Without a password."""
    kind: Literal["memory", "sqlite", "postgresql", "unknown"]
    exists: bool = True
    failure: str | None = None
    revision: str | None = None
    newest: str = ""
    is_newer: bool = False
    """Whether a later version of this package has written it."""
    has_password: bool = False
    sqlite: SqliteFacts | None = None
    postgres: PostgresFacts | None = None


class ActiveRun(NamedTuple):
    id: str
    thread_id: str
    status: str
    lease_until: float
    deadline: float
    attempts: int


class MadeFile(NamedTuple):
    """A file that the code interpreter made."""

    id: str
    is_copied: bool
    size: int
    reason: str
    """Why it was not copied."""


@dataclass(frozen=True)
class Contents:
    counts: Mapping[str, int]
    """Rows, by table."""
    models: Mapping[str, tuple[str, ...]]
    """Models that assistants name, and the assistants' ids."""
    vector_stores: Mapping[str, str] = field(default_factory=dict)
    """Ids of vector stores, and the first object that names each."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The same of files, without those that code made."""
    unread: tuple[str, ...] = ()
    """What was left out, because there is too much of it."""
    active: tuple[ActiveRun, ...] = ()
    locks: tuple[tuple[str, str], ...] = ()
    """Threads, each with the run that locks it, where that run is over or is not there."""
    made: tuple[MadeFile, ...] = ()


@dataclass(frozen=True)
class Blobs:
    folder: str
    sizes: Mapping[str, int] | None
    """By id; None where there is no such folder, or it cannot be read."""


@dataclass(frozen=True)
class Lookups:
    """What became of the look at objects of one kind upstream."""

    missing: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
    looked: int = 0
    there_are: int = 0
    stopped: str | None = None
    """Why not all of them were looked at."""


@dataclass(frozen=True)
class Upstream:
    base_url: str
    not_asked: str | None = None
    """Why nobody asked it."""
    failure: str | None = None
    refused: bool = False
    """Whether it refused the key."""
    clock_ahead: float | None = None
    clock_error: float = 0.0
    models: Mapping[str, date | None] | None = None
    """Those that it has, each with the day on which it will be shut down."""
    vector_stores: Lookups | None = None
    files: Lookups | None = None


@dataclass(frozen=True)
class Facts:
    today: date
    now: float
    installation: Installation
    environment: Environment
    settings: Settings
    store: Store
    contents: Contents | None
    unread: str | None
    """Why the contents are not known, where they should be."""
    blobs: Blobs | None
    upstream: Upstream
