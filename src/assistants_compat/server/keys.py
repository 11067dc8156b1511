"""Client keys of a gateway: which tenant each stands for, and which upstream key pays for it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SHORTEST = 16
"""Characters of a client key: fewer could be guessed."""

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,62}")
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Client:
    """Whom a key stands for. `upstream_key` is the tenant's own; empty: the server's."""

    tenant: str
    upstream_key: str = field(default="", repr=False)


class ClientKeys:
    """Keys are hashed at once; the text is not kept."""

    def __init__(self, found: Mapping[bytes, Client]) -> None:
        self._found = tuple(found.items())

    def client_of(self, key: str) -> Client | None:
        """Whose key it is. Every key is compared, in constant time, whichever it is."""
        digest = _hashed(key)
        match = None
        for known, client in self._found:
            if hmac.compare_digest(known, digest):
                match = client
        return match

    @property
    def need_upstream_key(self) -> bool:
        """Whether some tenant has no upstream key of its own."""
        return any(not client.upstream_key for _, client in self._found)

    def sharing(self, client: Client) -> bool:
        """Whether another tenant uses the same upstream key."""
        return any(other.tenant != client.tenant and other.upstream_key == client.upstream_key for _, other in self._found)


def read_keys(path: str, text: str, environ: Mapping[str, str]) -> ClientKeys:
    """The keys of a file and of a text.

    `TENANT KEY` a line; a `#` begins a comment. KEY may be `sha256:` and the hexadecimal digest of the key instead. A third word
    names the environment variable with the tenant's own upstream key. One tenant may have several keys.

    Raises:
        ValueError: which line cannot be read, and why. The line is not repeated: there is a key in it.
    """
    found: dict[bytes, Client] = {}
    sources = [("the keys given as text", re.split(r"[,\n]", text))]
    if path:
        try:
            sources.append((path, Path(path).read_text("utf-8").splitlines()))
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise ValueError(f"assistants-compat: the file of client keys {path} cannot be read: {why}.") from None
    for source, lines in sources:
        for number, line in enumerate(lines, 1):
            words = line.partition("#")[0].split()
            if words:
                try:
                    _enter(found, words, environ)
                except ValueError as error:
                    raise ValueError(f"assistants-compat: line {number} of {source}: {error}.") from None
    if not found:
        raise ValueError("assistants-compat: there are no client keys. Name a file of them: a line is 'TENANT KEY'.")
    return ClientKeys(found)


def _enter(found: dict[bytes, Client], words: list[str], environ: Mapping[str, str]) -> None:
    if len(words) not in (2, 3):
        raise ValueError("expected a tenant, its key and perhaps the variable with its upstream key")
    tenant, key = words[:2]
    if not _TENANT.fullmatch(tenant):
        raise ValueError("a tenant's name has letters, digits, '.', '_', '@' and '-', 63 at most")
    hashed = _DIGEST.fullmatch(key)
    if hashed is None and len(key) < SHORTEST:
        raise ValueError(f"a key has {SHORTEST} characters at least")
    digest = bytes.fromhex(hashed[1]) if hashed else _hashed(key)
    upstream_key = ""
    if len(words) == 3:
        upstream_key = environ.get(words[2], "")
        if not upstream_key:
            raise ValueError(f"the environment has no {words[2]}")
    client = Client(tenant, upstream_key)
    if found.setdefault(digest, client) != client:
        raise ValueError("the same key stands for another tenant already")


def _hashed(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
