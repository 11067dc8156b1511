"""What a script says about the built-in tools: a file search with its findings, a run of code with what it left, a citation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Found:
    """One result of a file search. A file the upstream does not have gets an id of its own."""

    text: str
    filename: str = ""
    file_id: str | None = field(default=None, kw_only=True)
    score: float = field(default=0.9, kw_only=True)
    attributes: Mapping[str, str | float | bool] = field(default_factory=dict, kw_only=True)
    vector_store_id: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if not self.filename and not self.file_id:
            raise ValueError("a Found needs a filename or a file_id")


@dataclass(frozen=True, init=False)
class FileSearch:
    """A call of the file search. Without results it searches the vector stores the request's tool names."""

    queries: tuple[str, ...]
    results: tuple[Found, ...] | None

    def __init__(self, *queries: str, results: tuple[Found, ...] | list[Found] | None = None) -> None:
        object.__setattr__(self, "queries", queries)
        object.__setattr__(self, "results", None if results is None else tuple(results))


@dataclass(frozen=True, init=False)
class CodeInterpreter:
    """A run of code. Texts among the outputs are logs, bytes are images; `files` is what the code left in /mnt/data.

    `images` and `logs` are outputs in the order recorded most: what was drawn, then the value of the last line. The next
    Text of the turn cites the images, and every file it links to as `sandbox:/mnt/data/<name>`, as the API does unasked.
    """

    code: str
    outputs: tuple[str | bytes, ...]
    files: Mapping[str, bytes]

    def __init__(
        self,
        code: str,
        outputs: tuple[str | bytes, ...] | list[str | bytes] = (),
        *,
        logs: str | None = None,
        images: tuple[bytes, ...] | list[bytes] = (),
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "outputs", (*outputs, *images, *(() if logs is None else (logs,))))
        object.__setattr__(self, "files", dict(files or {}))


@dataclass(frozen=True)
class Cite:
    """A citation of a searched file, by name or id. It stands after the text `at`, at that index, or before the final stop."""

    file: str
    at: int | str | None = None

    def index_in(self, text: str) -> int:
        if isinstance(self.at, int):
            return self.at
        if self.at is not None:
            return text.index(self.at) + len(self.at)
        return len(text.rstrip(" \n.!?"))
