"""Cases of a fixer, written to be read: `cases.md` in the folder of its name.

    Target: responses

    ## A thread with metadata

    ```python
    thread = client.beta.threads.create(metadata={"a": "b"})
    ```

    becomes

    ```python
    thread = client.conversations.create(metadata={"a": "b"})
    ```

    ## Tool resources have no place on a conversation

    ```python app.py
    thread = client.beta.threads.create(tool_resources=x)
    ```

    stays

    - AC050 at line 1: A conversation has no `tool_resources`

A block may name its file (`main.py` otherwise); a case may have several. Before the first heading, a block with the word `before` is put
on top of every `main.py` of the file, so that cases show what they are about. `becomes` may show the generated module; where it does
not, the parts that it has are named: `with ASSISTANTS, run_status`. Whatever stays is listed under either word, with code, line and
reason. A fixer that only tells has that in lines that begin with `* AC091 at line 3: `.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assistants_codemods.findings import Outcome, Refusal
from assistants_codemods.migration import Options, migrate
from assistants_codemods.source import Source
from assistants_codemods.words import may_use_assistants

GENERATED = "assistants_config.py"
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```python *(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_REFUSAL = re.compile(r"^- (AC\d{3}) at (?:(\S+) )?line (\d+): (.+)$", re.MULTILINE)
_TOLD = re.compile(r"^\* (AC\d{3}) at line (\d+): (.+)$", re.MULTILINE)
_WITH = re.compile(r"^with ([\w, ]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One heading of a `cases.md`."""

    fixer: str
    title: str
    target: str
    before: dict[str, str]
    after: dict[str, str]
    stays: bool
    parts: frozenset[str] = frozenset()
    refusals: tuple[tuple[str, str, int, str], ...] = ()
    told: tuple[tuple[str, int, str], ...] = ()
    """What the inventory says beside: compared for fixers of that kind."""
    options: dict[str, object] = field(default_factory=dict)


class MemoryTree:
    """A tree of files in memory."""

    def __init__(self, files: dict[str, str]) -> None:
        self._texts = files
        self.files = tuple(sorted(files))

    def source(self, path: str) -> Source | None:
        """The file at `path`."""
        return Source(path, self._texts[path]) if path in self._texts else None

    def containing(self, identifier: str) -> list[str]:
        """The files with `identifier` as a word."""
        return [path for path, text in self._texts.items() if re.search(rf"\b{re.escape(identifier)}\b", text)]


def outcome_of(files: dict[str, str], options: Options) -> Outcome:
    """What the codemods make of `files`, taken as one application."""
    hits = [Source(path, text) for path, text in sorted(files.items()) if may_use_assistants(text.encode())]
    return migrate(hits, options, MemoryTree(files))


def rewritten(files: dict[str, str], outcome: Outcome) -> dict[str, str]:
    """The files after an outcome's changes."""
    return {**files, **{change.path: change.after for change in outcome.changes}}


def refusals_of(outcome: Outcome, target: str) -> set[tuple[str, str, int, str]]:
    """The reasons that an outcome gives for what stays under `target`: code, path, line, sentence."""
    found: set[Refusal] = set()
    for site in outcome.sites:
        verdict = site.responses if target == "responses" else site.shim
        if verdict.refusal is not None and verdict.refusal.code != "AC021":
            found.add(verdict.refusal)
    found.update(outcome.reasons)
    return {(refusal.code, refusal.place.path, refusal.place.line, refusal.reason) for refusal in found}


def cases_in(path: Path) -> Iterator[Case]:
    """The cases of one file."""
    text = path.read_text(encoding="utf-8")
    head, *rest = _HEADING.split(text)
    target = re.search(r"^Target: (\w+)$", head, re.MULTILINE)
    assert target, f"{path} does not say its target"
    preamble = next((block for name, block in _BLOCK.findall(head) if name == "before"), "")
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        match = re.search(r"^(becomes|stays)\b.*$", body, re.MULTILINE)
        assert match, f"{path}: {title!r} says neither 'becomes' nor 'stays'"
        first, second = body[: match.start()], body[match.start() :]
        before = {name or "main.py": (preamble if not name else "") + block for name, block in _BLOCK.findall(first)}
        after = {name or "main.py": (preamble if not name else "") + block for name, block in _BLOCK.findall(second)}
        assert before, f"{path}: {title!r} has no code"
        parts = _WITH.search(second)
        lines = preamble.count("\n")
        yield Case(
            path.parent.name,
            title,
            target[1],
            before,
            after,
            match[1] == "stays",
            frozenset(parts[1].split(", ")) if parts else frozenset(),
            tuple(
                (code, name or "main.py", int(line) + (lines if not name else 0), reason)
                for code, name, line, reason in _REFUSAL.findall(second)
            ),
            tuple((code, int(line) + lines, message) for code, line, message in _TOLD.findall(second)),
        )
