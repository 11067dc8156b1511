"""What a difference between a recorded reply and ours is. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Json = dict[str, Any]


OF_CALL = "the tokens of a model call, told with its last step"
"""A note on a difference."""


class Kind(str, Enum):
    """In what two replies differ."""

    STATUS = "status"
    MISSING_KEY = "missing key"
    EXTRA_KEY = "extra key"
    KEY_ORDER = "key order"
    VALUE = "value"
    TEXT = "text"
    IDENTITY = "identity"
    """An id stands for another object than in the recording."""
    MISSING_ITEM = "missing item"
    EXTRA_ITEM = "extra item"
    LIST_ORDER = "list order"
    EVENT_NAME = "event name"
    MISSING_EVENT = "missing event"
    EXTRA_EVENT = "extra event"
    EVENT_ORDER = "event order"
    FORM = "form"
    """One is a stream and the other is not, or one is no JSON."""


@dataclass(frozen=True)
class Found:
    """A difference at a place of a reply. `where` has names with dots and `[]` for places in lists: `tools[].function.strict`."""

    kind: Kind
    where: str
    recorded: Any
    ours: Any
    at: str = ""
    """The same with the numbers: `tools[0].function.strict`."""
    event: str = ""
    """The event it is in, of a stream."""
    beside: tuple[Json, Json] = field(default_factory=lambda: ({}, {}), repr=False)
    """The object of the API that it is in, recorded and ours: a run, a step, a message."""
    note: str = ""
    """What the replay knows of it: OF_CALL, or nothing."""

    @property
    def key(self) -> str:
        """The last name of `where`."""
        return self.where.rpartition(".")[2]


@dataclass(frozen=True)
class Difference:
    """One difference, with the request whose replies differ."""

    recording: str
    place: str
    """Where the recorded exchange stands in its file: "line 7", "interaction 3"."""
    request: str
    """Method and path, as recorded."""
    endpoint: str
    """The same with `*` for ids: "GET /threads/*/runs/*"."""
    object: str
    """What the recorded reply says it is: "thread.run", "list of messages", "error", "stream"."""
    found: Found
    known: str | None = None
    """The name of the known difference that it is; None: nobody knew of it."""
