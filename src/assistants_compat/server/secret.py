"""The secret under which callers' keys are hashed to tenants' names. Whoever has lost it has lost the way to every tenant's objects."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from assistants_compat.store.database import Database

_SHORTEST = 16


def tenant_secret(given: str, database: Database) -> bytes:
    """The secret of the settings; else the one beside the store, made on the first use and readable by its owner alone.

    A store in memory goes with the process, and so does its secret.

    Raises:
        ValueError: the secret is too short, or a store on a server has none.
        OSError: its file can be neither read nor made.
    """
    if given:
        if len(given) < _SHORTEST:
            raise ValueError(f"assistants-compat: 'tenant_secret' has {_SHORTEST} characters at least.")
        return given.encode()
    if database.in_memory:
        return secrets.token_bytes(32)
    if database.url.get_backend_name() != "sqlite":
        raise ValueError(
            "assistants-compat: servers that share a store share the secret that names its tenants: set "
            "ASSISTANTS_COMPAT_SERVER_TENANT_SECRET to the same random text on each."
        )
    return _kept(Path(f"{database.url.database}.secret"))


def _kept(path: Path) -> bytes:
    with suppress(FileNotFoundError):
        return _read(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):  # another process was faster: its secret counts
        os.link(own, path)
    own.unlink()
    return _read(path)


def _read(path: Path) -> bytes:
    content = path.read_bytes().strip()
    if len(content) < _SHORTEST:
        raise ValueError(f"assistants-compat: {path} is no secret: it is empty or cut off. Restore it from a backup.")
    return content
