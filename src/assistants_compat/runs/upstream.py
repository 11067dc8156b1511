"""Where a run's model calls go, and as whom: the requests that effects stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from assistants_compat import wire
from assistants_compat.runs.effects import FROM_HERE, Call, Fetch, Open, Upload

_TIMEOUT = {"connect": 30.0, "pool": 600.0, "read": 600.0, "write": 600.0}


_SECRETS = re.compile(r"(https?://)(?:[^\s/@?'\"]*@)?([^\s?'\"]*)(?:\?[^\s'\"]*)?", re.I)


def without_secrets(text: str) -> str:
    """A text, or an address, with whatever addresses it has: without their queries and credentials, where keys may be."""
    return _SECRETS.sub(r"\1\2", text)


@dataclass(frozen=True)
class Upstream:
    """The URL and headers of the request that started a run."""

    url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)  # a key is among them
    client: Any  # an httpx or httpx2 client, sync or async: the program's own, with its proxies, mounts and hooks
    family: ModuleType  # httpx or httpx2
    timeout: Any = None  # the seconds of that request: connect, read, write, pool
    is_azure: bool = False

    @property
    def server(self) -> str:
        """Its base URL, without what a gateway has in the query: a key may be there."""
        return without_secrets(self.url).removesuffix("/responses")

    @contextmanager
    def request(self, effect: Open | Call | Fetch | Upload) -> Iterator[Any]:
        """The http request that an effect stands for, to be sent while this lasts. Raises OSError for a file that is not there."""
        if isinstance(effect, Upload):
            with effect.file.open("rb") as file:
                form = {"file": (effect.filename, file)}
                headers = self._without("accept", "content-type")
                yield self._build("POST", self._beside(effect.path), headers, files=form, data=dict(effect.fields))
        elif isinstance(effect, Open):
            # A run lasts as long as it may, however long the program waits for an answer of its own.
            yield self._build("POST", self.url, list(self.headers), effect.seconds_left, content=effect.body)
        elif isinstance(effect, Fetch):
            # Of a compressed body nobody could tell how much of the file has come.
            headers = [*self._without("accept", "content-type"), ("accept-encoding", "identity")]
            if effect.sink.size and effect.sink.validator is not None:
                headers.append(("range", f"bytes={effect.sink.size}-"))
                if effect.sink.validator.startswith('"'):  # a weak one is of no use here
                    headers.append(("if-range", effect.sink.validator))
            yield self._build("GET", self._beside(effect.path), headers, effect.seconds_left)
        else:
            content, unneeded = (None, ["content-type"]) if effect.body is None else (wire.dumps(effect.body), [])
            yield self._build(effect.method, self._beside(effect.path), self._without("accept", *unneeded), content=content)

    def _beside(self, path: str) -> str:
        """The URL of another resource, with whatever query a gateway wants on every call."""
        base, _, query = self.url.rpartition("/responses")
        return base + path + (query.replace("?", "&", 1) if "?" in path else query)

    def _without(self, *names: str) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.headers if name not in names]

    def _build(self, method: str, url: str, headers: list[tuple[str, str]], seconds_left: float | None = None, **body: Any) -> Any:
        timeout = dict(self.timeout or _TIMEOUT)
        if seconds_left is not None:
            timeout["read"] = timeout["pool"] = seconds_left
        extensions = {FROM_HERE: True, "timeout": self.family.Timeout(**timeout).as_dict()}
        # Whatever bytes a program's header has, as the server reads them; httpx by itself sends ASCII only.
        sent = [(name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in headers]
        return self.client.build_request(method, url, headers=sent, extensions=extensions, **body)
