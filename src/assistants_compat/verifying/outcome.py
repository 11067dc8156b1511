"""What came of a verification. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from assistants_compat.verifying.differences import Difference


@dataclass(frozen=True)
class NotReplayed:
    """A recorded request to the Assistants API that was not made again."""

    recording: str
    place: str
    request: str
    reason: str


@dataclass
class Outcome:
    """Of all recordings together."""

    recordings: int = 0
    replayed: int = 0
    """Requests to the Assistants API that were made again."""
    passed_on: int = 0
    """Requests to other paths, which are the upstream's."""
    differences: list[Difference] = field(default_factory=list)
    not_replayed: list[NotReplayed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def unknown(self) -> list[Difference]:
        """Differences that are not in the table of known ones."""
        return [difference for difference in self.differences if difference.known is None]

    def known(self) -> Iterator[tuple[str, int]]:
        """Names of known differences, with how often each was met, the most frequent first."""
        yield from Counter(difference.known for difference in self.differences if difference.known is not None).most_common()

    def reasons(self) -> Iterator[tuple[str, int]]:
        """Why requests were not replayed, with how many of them."""
        yield from Counter(each.reason for each in self.not_replayed).most_common()
