"""What the end-to-end tests run on: versions of the SDK, http libraries, kinds of clients, Pythons. Data; it imports no SDK.

`noxfile.py` makes its sessions of it, `page` the tables of docs/sdk-versions.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")

KINDS = ("sync", "asyncio", "trio")
"""Kinds of clients: `openai.OpenAI`, or `openai.AsyncOpenAI` under an event loop."""


class Library(NamedTuple):
    """An http library that a client of the SDK can be made of."""

    since: tuple[int, int]
    """The first version of the SDK that takes it; none has dropped one again."""
    kinds: tuple[str, ...]
    """The kinds of clients it has."""
    default_since: tuple[int, int] | None = None
    """From which version on a client is on it that is given none."""


LIBRARIES = {
    "httpx": Library((1, 0), KINDS, default_since=(1, 0)),
    "httpx2": Library((2, 47), KINDS, default_since=(3, 0)),
    "aiohttp": Library((1, 89), ("asyncio",)),
}


def default_library(version: tuple[int, ...]) -> str:
    """What a client of this version of the SDK is on that is given no http client."""
    return [name for name, library in LIBRARIES.items() if library.default_since and library.default_since <= version][-1]


class Sdk(NamedTuple):
    """A version of the SDK that the tests run on."""

    name: str
    """As it is called in sessions: its version, or `newest`."""
    version: tuple[int, ...]
    """For the newest: the one that docs/sdk-versions.md was written with. The tests take whatever is the newest when they are set up."""

    @property
    def requirement(self) -> str:
        """As pip takes it, with the SDK's own extras for the http libraries."""
        return f"openai[aiohttp,httpx2]{f'>={self.text},<4' if self.name == NEWEST else f'=={self.text}'}"

    @property
    def text(self) -> str:
        return ".".join(map(str, self.version))

    def has(self, since: tuple[int, ...]) -> bool:
        return self.version >= since

    def libraries(self) -> dict[str, tuple[str, ...]]:
        """The http libraries it takes, each with the kinds of clients to be had on it."""
        return {name: library.kinds for name, library in LIBRARIES.items() if self.has(library.since)}

    def ways(self) -> Iterator[tuple[str, str]]:
        """Every http library with every kind of client."""
        for library, kinds in self.libraries().items():
            for kind in kinds:
                yield library, kind


NEWEST = "newest"
SDKS = (
    Sdk("1.66.5", (1, 66, 5)),
    Sdk("1.109.1", (1, 109, 1)),
    Sdk("2.54.0", (2, 54, 0)),
    Sdk("3.0.0", (3, 0, 0)),
    Sdk(NEWEST, (3, 57, 0)),
)
"""The oldest that the shim takes, the last ones before a new major version, and the newest."""


class Part(NamedTuple):
    """What CI runs of one version: on one Python, and only some ways."""

    sdk: str
    python: str
    ways: tuple[tuple[str, str], ...]


CI = (
    Part("1.66.5", "3.10", (("httpx", "sync"), ("httpx", "trio"))),
    Part("2.54.0", "3.12", (("httpx", "sync"), ("aiohttp", "asyncio"))),
    Part("3.0.0", "3.11", (("httpx2", "sync"), ("httpx", "asyncio"))),
    Part(NEWEST, "3.13", (("httpx2", "trio"), ("aiohttp", "asyncio"))),
)
"""The oldest, one of each major version, and the newest, of which `make test` runs the rest. Where a Python is missing, another does."""
