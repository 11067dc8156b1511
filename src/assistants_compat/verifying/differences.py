"""What a difference between a recorded reply and ours is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


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


@dataclass(frozen=True)
class Difference:
    """One difference, with the request whose replies differ."""

    recording: str
    place: str
    """Where the recorded exchange stands in its file: "line 7", "interaction 3"."""
    request: str
    """Method and path, as recorded."""
    object: str
    """What the recorded reply says it is: "thread.run", "list of thread.message", "error"."""
    found: Found
    known: str | None = None
    """The name of the known difference that it is; None: nobody knew of it."""
