"""Every setting, in one place: a field here, an environment variable beside it, one line of what it does."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Literal, TypeVar, cast

from assistants_compat.upstream_profiles import left_out_in_advance

PREFIX = "ASSISTANTS_COMPAT_"

T = TypeVar("T")


@dataclass(frozen=True)
class _Unset:
    """In the place of a field that nobody has set: what it is where the environment says nothing either."""

    default: Any


def _setting(default: T) -> T:
    return cast(T, field(default_factory=lambda: _Unset(default)))


@dataclass(frozen=True)
class Settings:
    """How the shim behaves. Fields that are not given come from `ASSISTANTS_COMPAT_<FIELD>` in the environment, else from the default.

    Raises:
        ValueError: a value that cannot be used, named with its field.
    """

    store: str | os.PathLike[str] = _setting("")
    """Where assistants, threads and runs live: a file's path, `:memory:`, or an SQLAlchemy URL.
    Empty: `store.db` in the platform's data directory."""

    files: str | os.PathLike[str] = _setting("")
    """The folder for files that the code interpreter made. Empty: beside the store, `store.db` → `store.db.files`; for a store in
    memory a temporary one, for one on a server a folder of the platform's data directory."""

    max_file_bytes: int = _setting(512 * 1024 * 1024)
    """The largest file, in bytes, that is copied out of a container. The original's limit."""

    models: Mapping[str, str] | Literal["recommended"] = _setting({})
    """Model names to send upstream instead of the ones a program asks for; or `"recommended"`: what OpenAI recommends instead of
    each model that it has shut down. In the environment: `gpt-4=gpt-6-sol,o1=gpt-6.1-sol`, or `recommended`."""

    upstream: str = _setting("auto")
    """What the server behind the base URL is known not to take. `auto`: it is learnt from what it refuses. A profile (`openai`, `azure`,
    `vllm`, `ollama`, `lmstudio`, `transformers`, `litellm`, `openrouter`) says it beforehand, `without=include,store` what else to leave
    out, `vllm,without=include` both; see docs/upstreams.md."""

    execution: Literal["foreground", "background"] = _setting("foreground")
    """How model calls are made. `foreground`: over one connection; a process that dies of a run leaves the call to be made again.
    `background`: as responses that are stored upstream while they are made, so that another process can go on reading them, and deleted
    once the run has ended. Where the upstream refuses that, it is `foreground`; see docs/how-it-works.md."""

    expires_after: float = _setting(600.0)
    """Seconds from a run's creation to its expiry. The original's 600."""

    lease: float = _setting(15.0)
    """Seconds after the last sign of life at which another process may take a run over."""

    hold: float = _setting(20.0)
    """The longest, in seconds, that a poll helper's GET is held while a run works. 0 answers every GET at once."""

    max_retries: int = _setting(4)
    """How often a model call is tried again after a 429, a 5xx or a lost connection, within the run's life."""

    migrate: Literal["command", "auto"] = _setting("command")
    """Who brings a PostgreSQL store to a new version's schema: `assistants-compat db upgrade`, or the first process that opens it.
    SQLite is always migrated by the latter."""

    pool_size: int = _setting(10)
    """The most connections that a process has to a PostgreSQL store, beside one for listening."""

    store_timeout: float = _setting(10.0)
    """The longest, in seconds, that a statement, a lock, a connection or one of the pool's is waited for on PostgreSQL."""

    transaction_pooling: bool = _setting(False)
    """Whether the store's URL leads to a pooler that gives each transaction another connection, as PgBouncer does in transaction
    mode: then nothing is prepared, set or listened for on a connection."""

    listen: str = _setting("")
    """Where processes that share a PostgreSQL store listen for each other: a URL that goes past the pooler, or `off`: they look every
    second instead. Empty: the store's own URL, and `off` under transaction pooling."""

    def __post_init__(self) -> None:
        for name in [f.name for f in fields(self) if isinstance(getattr(self, f.name), _Unset)]:
            text = os.environ.get(PREFIX + name.upper())
            object.__setattr__(self, name, _parsed(name, text) if text else getattr(self, name).default)
        for name in ("store", "files"):
            object.__setattr__(self, name, os.fspath(getattr(self, name)))
        if lost_its_form(str(self.files)) or "://" in str(self.files):
            raise ValueError("assistants-compat: 'files' is a folder, not a URL; to share it between machines, mount it on each.")
        for name in ("expires_after", "lease", "store_timeout", "pool_size"):
            if not getattr(self, name) > 0:
                raise ValueError(f"assistants-compat: '{name}' must be a number above 0, not {getattr(self, name)!r}.")
        for name in ("hold", "max_retries", "max_file_bytes"):
            if getattr(self, name) < 0:
                raise ValueError(f"assistants-compat: '{name}' must not be negative.")
        if self.execution not in ("foreground", "background"):
            raise ValueError(f'assistants-compat: \'execution\' is "foreground" or "background", not {self.execution!r}.')
        if self.migrate not in ("command", "auto"):
            raise ValueError(f'assistants-compat: \'migrate\' is "command" or "auto", not {self.migrate!r}.')
        if self.models != "recommended" and not _is_model_map(self.models):
            raise ValueError(
                f"assistants-compat: 'models' is \"recommended\" or maps names to names ({{'gpt-4': 'gpt-6-sol'}}), not {self.models!r}."
            )
        try:
            left_out_in_advance(self.upstream)
        except ValueError as error:
            raise ValueError(f"assistants-compat: 'upstream' is {self.upstream!r}, but {error}.") from None

    @cached_property
    def key(self) -> str:
        """The same for equal settings, and only for them. Not to be shown: there may be a password in it."""
        return repr([getattr(self, f.name) for f in fields(self)])

    def __repr__(self) -> str:
        """As of any dataclass, without the password of a URL."""
        shown = {f.name: getattr(self, f.name) for f in fields(self)}
        shown |= {name: without_password(str(shown[name])) for name in _URLS}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """What the environment says, and the defaults."""
        if environ is None:
            return cls()
        unset = {f.name: cast(Any, f.default_factory)().default for f in fields(cls)}
        texts = {name: environ.get(PREFIX + name.upper()) for name in unset}
        return cls(**{**unset, **{name: _parsed(name, text) for name, text in texts.items() if text}})

    def with_texts(self, given: Mapping[str, str]) -> Settings:
        """A copy in which each named field has the value its text stands for."""
        return replace(self, **{name: _parsed(name, text) for name, text in given.items()})


def _parsed(name: str, text: str) -> Any:
    try:
        return _PARSERS.get(name, str)(text)
    except ValueError as error:
        raise ValueError(f"assistants-compat: {PREFIX}{name.upper()}={text!r} cannot be read: {error}.") from None


_URLS = ("store", "listen")


def lost_its_form(text: str) -> bool:
    """Whether it is a URL that was a Path in between, which has made `//` a `/`: a file made there would hide that."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/(?!/)", text) is not None  # one letter is a drive


def without_password(url: str) -> str:
    """As it may be shown."""
    return re.sub(r"(://[^/@]*?:)[^/]*@|(password=)[^&]*", lambda found: f"{found[1]}***@" if found[1] else f"{found[2]}***", url)


def _is_model_map(given: object) -> bool:
    return isinstance(given, Mapping) and all(isinstance(name, str) and name for pair in given.items() for name in pair)


def _truth(text: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.strip().lower() not in known:
        raise ValueError("expected 'true' or 'false'")
    return known[text.strip().lower()]


def _models(text: str) -> dict[str, str] | Literal["recommended"]:
    if text.strip() == "recommended":
        return "recommended"
    pairs = [pair.split("=", 1) for pair in text.split(",") if pair.strip()]
    if any(len(pair) != 2 or not pair[0].strip() or not pair[1].strip() for pair in pairs):
        raise ValueError("expected 'recommended' or 'old=new,old=new'")
    return {old.strip(): new.strip() for old, new in pairs}


_PARSERS: dict[str, Any] = {
    "models": _models,
    "expires_after": float,
    "lease": float,
    "hold": float,
    "max_retries": int,
    "max_file_bytes": int,
    "pool_size": int,
    "store_timeout": float,
    "transaction_pooling": _truth,
}
