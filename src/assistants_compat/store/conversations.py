"""Queries on conversations that were made of threads: which thread is which conversation, and how far its items have come.

What is asked of the upstream is written down before it is asked, and what came of it after, so that a process which dies in between
leaves word of where it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from assistants_compat.store.tables import conversation_items, conversations
from assistants_compat.wire import dumps_text


class Conversation(NamedTuple):
    """`id` is None until it is known that it has been made."""

    seq: int
    thread_id: str
    id: str | None
    asked: bool
    """From before it is asked for until it is known whether it has been made."""
    whole: bool
    """Whether all of the thread was in it once: from then on programs may use it."""
    lost: int
    """How many may have been made besides, empty, whose ids nobody knows."""
    former: tuple[str, ...]
    """Those that it took the place of."""
    gone: tuple[str, ...]
    """Images that were not there upstream when its items were added."""


class Added(NamedTuple):
    """An item of a conversation, and what of the thread it was made of."""

    source_id: str
    source_type: str
    digest: str
    item_id: str


_columns = (
    conversations.c.seq,
    conversations.c.thread_id,
    conversations.c.conversation_id,
    conversations.c.asked,
    conversations.c.whole,
    conversations.c.lost,
    conversations.c.former,
    conversations.c.gone,
)
_upstream = conversations.c.upstream == sa.bindparam("of_upstream")
_tenant = conversations.c.tenant == sa.bindparam("of_tenant")
_select = sa.select(*_columns).where(_upstream, conversations.c.thread_id == sa.bindparam("of_thread"))
_all = sa.select(*_columns).where(_upstream, _tenant).order_by(conversations.c.seq)
_added = (
    sa.select(conversation_items.c.source_id, conversation_items.c.source_type, conversation_items.c.digest, conversation_items.c.item_id)
    .where(conversation_items.c.conversation == sa.bindparam("of_conversation"))
    .order_by(conversation_items.c.seq)
)


def get(connection: sa.Connection, upstream: str, thread_id: str) -> Conversation | None:
    row = connection.execute(_select, {"of_upstream": upstream, "of_thread": thread_id}).one_or_none()
    return None if row is None else _conversation(row)


def of_tenant(connection: sa.Connection, upstream: str, tenant: str) -> Iterator[Conversation]:
    """All of a tenant's on one upstream, in the order in which they were begun."""
    return map(_conversation, connection.execute(_all, {"of_upstream": upstream, "of_tenant": tenant}))


def begin(connection: sa.Connection, upstream: str, tenant: str, thread_id: str) -> None:
    """A thread that has no row yet is going to be a conversation."""
    row = {"thread_id": thread_id, "tenant": tenant, "upstream": upstream, "conversation_id": None, "asked": False, "whole": False}
    connection.execute(sa.insert(conversations), {**row, "lost": 0, "former": "[]", "gone": "[]"})


def set_asked(connection: sa.Connection, seq: int, asked: bool) -> None:
    """It is going to be asked for; or it has been, and was not made, for sure."""
    connection.execute(_one(seq).values(asked=asked))


def lose(connection: sa.Connection, seq: int) -> None:
    """It was asked for, and may have been made: nobody knows."""
    connection.execute(_one(seq).values(asked=False, lost=conversations.c.lost + 1))


def set_made(connection: sa.Connection, seq: int, id: str) -> None:
    connection.execute(_one(seq).values(conversation_id=id, asked=False))


def set_whole(connection: sa.Connection, seq: int) -> None:
    connection.execute(_one(seq).values(whole=True))


def add(connection: sa.Connection, seq: int, items: Iterable[Added], gone: Sequence[str]) -> None:
    """These items are in it now, after those that were; and these images are not, all in all."""
    connection.execute(sa.insert(conversation_items), [{"conversation": seq, **item._asdict()} for item in items])
    connection.execute(_one(seq).values(gone=dumps_text(list(gone))))


def replace(connection: sa.Connection, conversation: Conversation) -> None:
    """Another one is going to be made in its place."""
    if conversation.id is None:
        return
    connection.execute(sa.delete(conversation_items).where(conversation_items.c.conversation == conversation.seq))
    former = dumps_text([*conversation.former, conversation.id])
    connection.execute(_one(conversation.seq).values(conversation_id=None, whole=False, former=former, gone="[]"))


def added(connection: sa.Connection, seq: int) -> Iterator[Added]:
    """What is in it, in order."""
    return (Added(*row) for row in connection.execute(_added, {"of_conversation": seq}))


def _one(seq: int) -> Any:
    return sa.update(conversations).where(conversations.c.seq == seq)


def _conversation(row: Any) -> Conversation:
    seq, thread_id, id, asked, whole, lost, former, gone = row
    return Conversation(seq, thread_id, id, bool(asked), bool(whole), lost, tuple(json.loads(former)), tuple(json.loads(gone)))
