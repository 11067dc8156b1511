"""The kinds of objects that a history consists of: how they are known, and their keys in wire order with what they are when nothing is
said of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assistants_compat.transfer.schemas import ITEM

Json = dict[str, Any]
KindName = Literal["assistant", "thread", "message", "run", "step", "item", "file"]

REQUIRED: Any = object()
LEFT_OUT: Any = object()
"""Of a key that is there only where it has a value."""


@dataclass(frozen=True)
class Kind:
    """What one kind is.

    Attributes:
        object: what its objects have as `object`.
        keys: in wire order, with what they are where nothing is said, or null.
        nullable: those in which null says something, whatever the default.
        members: keys under which dumps nest objects of other kinds.
        home: the key that names what an object is in.
    """

    name: KindName
    object: str
    keys: Mapping[str, Any]
    nullable: frozenset[str] = field(default_factory=frozenset)
    members: tuple[str, ...] = ()
    home: str | None = None

    @property
    def title(self) -> str:
        return {"item": "hidden item", "step": "run step", "file": "generated file"}.get(self.name, self.name)


_COMMON: Json = {"id": REQUIRED, "object": REQUIRED, "created_at": REQUIRED}
_USUAL_STRATEGY: Json = {"type": "auto", "last_messages": None}

ASSISTANT = Kind(
    "assistant",
    "assistant",
    {
        **_COMMON,
        "name": None,
        "description": None,
        "model": REQUIRED,
        "instructions": None,
        "tools": [],
        "top_p": 1.0,
        "temperature": 1.0,
        "reasoning_effort": None,
        "tool_resources": {},
        "metadata": {},
        "response_format": "auto",
    },
    nullable=frozenset({"top_p", "temperature"}),
)
THREAD = Kind("thread", "thread", {**_COMMON, "metadata": {}, "tool_resources": {}}, members=("messages", "runs", "steps"))
MESSAGE = Kind(
    "message",
    "thread.message",
    {
        **_COMMON,
        "assistant_id": None,
        "thread_id": REQUIRED,
        "run_id": None,
        "status": "completed",
        "incomplete_details": None,
        "incomplete_at": None,
        "completed_at": None,
        "role": REQUIRED,
        "content": [],
        "attachments": [],
        "metadata": {},
    },
    home="thread_id",
)
RUN = Kind(
    "run",
    "thread.run",
    {
        **_COMMON,
        "assistant_id": REQUIRED,
        "thread_id": REQUIRED,
        "status": REQUIRED,
        "started_at": None,
        "expires_at": None,
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": None,
        "required_action": None,
        "last_error": None,
        "model": None,
        "instructions": None,
        "tools": [],
        "tool_resources": {},
        "metadata": {},
        "temperature": 1.0,
        "top_p": 1.0,
        "reasoning_effort": None,
        "max_completion_tokens": None,
        "max_prompt_tokens": None,
        "truncation_strategy": _USUAL_STRATEGY,
        "incomplete_details": None,
        "usage": None,
        "response_format": "auto",
        "tool_choice": "auto",
        "parallel_tool_calls": True,
    },
    nullable=frozenset({"top_p", "temperature"}),
    members=("steps",),
    home="thread_id",
)
STEP = Kind(
    "step",
    "thread.run.step",
    {
        **_COMMON,
        "run_id": REQUIRED,
        "assistant_id": None,
        "thread_id": REQUIRED,
        "type": REQUIRED,
        "status": REQUIRED,
        "cancelled_at": None,
        "completed_at": None,
        "expires_at": None,
        "failed_at": None,
        "last_error": None,
        "step_details": REQUIRED,
        "usage": None,
        "expired_at": LEFT_OUT,
    },
    home="run_id",
)
_ITEM = Kind(
    "item",
    ITEM,
    {"id": REQUIRED, "object": REQUIRED, "thread_id": REQUIRED, "run_id": REQUIRED, "before": None, "body": REQUIRED, "extra": {}},
    home="thread_id",
)
_FILE = Kind(
    "file",
    "file",
    {
        "object": REQUIRED,
        "id": REQUIRED,
        "purpose": "assistants_output",
        "filename": REQUIRED,
        "bytes": 0,
        "created_at": REQUIRED,
        "expires_at": None,
        "status": "processed",
        "status_details": None,
    },
)

KINDS: dict[KindName, Kind] = {kind.name: kind for kind in (ASSISTANT, THREAD, MESSAGE, RUN, STEP, _ITEM, _FILE)}
BY_OBJECT: dict[str, Kind] = {kind.object: kind for kind in KINDS.values()}
DELETED = {f"{kind.object}.deleted": kind for kind in (ASSISTANT, THREAD, MESSAGE)}

_PREFIXES = {"asst_": ASSISTANT, "thread_": THREAD, "msg_": MESSAGE, "run_": RUN, "step_": STEP}


def kind_of(value: Json) -> Kind | None:
    """What kind of object it is; None for one of none of these.

    One whose `object` a dump has left out is known by its id, if it has the keys without which it would be nothing.
    """
    named = value.get("object")
    if named is not None:
        return BY_OBJECT.get(named) if isinstance(named, str) else None
    id = value.get("id")
    if not isinstance(id, str):
        return None
    kind = next((kind for prefix, kind in _PREFIXES.items() if id.startswith(prefix)), None)
    needed = () if kind is None else (key for key, default in kind.keys.items() if default is REQUIRED and key != "object")
    return kind if kind is not None and value.keys() >= set(needed) else None
