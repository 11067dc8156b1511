"""Ids, by the prefix each kind has. `ASSISTANT_ID.check(id, "assistant_id")` also serves for ids in an address."""

from __future__ import annotations

from assistants_compat.api.schema import Id, Text

ASSISTANT_ID = Id("asst")
THREAD_ID = Id("thread")
MESSAGE_ID = Id("msg")
RUN_ID = Id("run")
STEP_ID = Id("step")
VECTOR_STORE_ID = Id("vs")

FILE_ID = Text(max_length=64, min_length=1)
"""No prefix is asked for: `file-…` here, `assistant-…` and others with services built alike."""
