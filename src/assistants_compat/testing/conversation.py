"""One conversation: its items, and the one response that may be at work on it.

Reported: a conversation that a response is at work on refuses another one; a stream that its reader breaks off leaves the
conversation as it was, although the response itself can be retrieved, completed. Documented: input and output are added after
the response completes. Inferred: that an incomplete response adds them too, that a failed or cancelled one adds nothing, that
`store: false` makes no difference, and that items are not written while a response is at work.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from assistants_compat.testing.rejection import Rejected

Json = dict[str, Any]

_LOCKED = "Another process is currently operating on this conversation. Please retry in a few seconds."


@dataclass
class Conversation:
    id: str
    created_at: int
    metadata: Json
    items: list[Json] = field(default_factory=list)
    work: Work | None = None

    def shown(self) -> Json:
        return {"id": self.id, "object": "conversation", "created_at": self.created_at, "metadata": self.metadata}

    def check_free(self) -> None:
        if self.work is not None:
            raise Rejected(_LOCKED, code="conversation_locked", param="conversation")

    def begin(self) -> Work:
        """Lock the conversation for a response, until its work ends."""
        self.work = Work(self)
        return self.work


class Work:
    """A response's hold on its conversation. It ends once, from whatever thread; a second end changes nothing."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._lock = threading.Lock()
        self._ended = False

    def end(self, added: Sequence[Json] = ()) -> None:
        """Add these items and let the next response in."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
            self._conversation.items.extend(added)
            self._conversation.work = None
