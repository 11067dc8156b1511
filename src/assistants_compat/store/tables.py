"""The tables. A thread is one ordered log of items, in the Responses API's sense of the word: its messages and,
between them, what only the model sees (reasoning, function calls and their outputs).

`body` columns hold the public object as JSON in wire order; what the store itself searches by has a column of its own.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

# SQLite counts up only a column of type INTEGER; elsewhere a row count may pass 2**31.
_Sequence = BigInteger().with_variant(Integer, "sqlite")


def _sequence() -> Column[int]:
    return Column("seq", _Sequence, primary_key=True, autoincrement=True)


assistants = Table(
    "assistants",
    metadata,
    _sequence(),
    Column("id", String(64), nullable=False, unique=True),
    Column("tenant", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("assistants_by_age", "tenant", "created_at", "seq"),
    sqlite_autoincrement=True,
)

threads = Table(
    "threads",
    metadata,
    _sequence(),
    Column("id", String(64), nullable=False, unique=True),
    Column("tenant", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("message_count", Integer, nullable=False),
    Column("active_run", String(64)),  # the run that locks the thread
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)

items = Table(
    "items",
    metadata,
    _sequence(),
    Column("id", String(64), nullable=False, unique=True),
    Column("thread_id", String(64), nullable=False),
    Column("run_id", String(64)),
    Column("type", String(32), nullable=False),  # message | reasoning | function_call | function_call_output | code_interpreter_call
    Column("role", String(16)),  # of a message
    # False while a message is being written: then only its id finds it.
    Column("settled", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Column("extra", Text),  # what the upstream said of an item and the public object has no place for: model, phase, expired
    Index("items_of_a_thread", "thread_id", "seq"),
    Index("items_of_a_run", "run_id", "seq"),
    sqlite_autoincrement=True,
)

runs = Table(
    "runs",
    metadata,
    _sequence(),
    Column("id", String(64), nullable=False, unique=True),
    Column("thread_id", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("deadline", Float, nullable=False),  # the exact expiry; body.expires_at is its whole second
    Column("lease_owner", String(64)),
    Column("lease_until", Float, nullable=False),
    Column("attempts", Integer, nullable=False),  # how many processes have taken this leg on
    Column("body", Text, nullable=False),
    Column("progress", Text, nullable=False),  # what the run has done so far: see runs/progress.py
    Index("runs_of_a_thread", "thread_id", "seq"),
    Index("runs_by_status", "status", "deadline"),
    sqlite_autoincrement=True,
)

steps = Table(
    "steps",
    metadata,
    _sequence(),
    Column("id", String(64), nullable=False, unique=True),
    Column("thread_id", String(64), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("settled", Boolean, nullable=False),  # False until the model call that made it is done, or will not be tried again
    Column("body", Text, nullable=False),
    Index("steps_of_a_run", "run_id", "seq"),
    sqlite_autoincrement=True,
)

files = Table(
    "files",
    metadata,
    _sequence(),
    Column("id", String(64), nullable=False, unique=True),
    Column("tenant", String(64), nullable=False),
    Column("thread_id", String(64), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("settled", Boolean, nullable=False),  # as of steps
    Column("copied", Boolean, nullable=False),  # whether its bytes are in the blob folder
    Column("body", Text, nullable=False),
    Column("source", Text, nullable=False),  # where its bytes are upstream: container_id, file_id; lost
    Column("upstream_ids", Text),  # ids of its copies, by server, once a tool there was given one
    Index("files_by_age", "tenant", "seq"),
    Index("files_of_a_run", "run_id"),
    Index("files_of_a_thread", "thread_id"),
    sqlite_autoincrement=True,
)

conversations = Table(
    "conversations",
    metadata,
    _sequence(),
    Column("thread_id", String(64), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("upstream", String(512), nullable=False),  # where the conversation is
    Column("conversation_id", String(255)),
    Column("asked", Boolean, nullable=False),  # from before it is asked for until it is known whether it has been made
    Column("whole", Boolean, nullable=False),  # whether the thread's history was all in it once: from then on programs may use it
    Column("lost", Integer, nullable=False),  # how many may have been made besides, empty, whose ids nobody knows
    Column("former", Text, nullable=False),  # ids of those that it took the place of
    Column("gone", Text, nullable=False),  # ids of images that were not there upstream when its items were added
    UniqueConstraint("upstream", "thread_id"),
    sqlite_autoincrement=True,
)

conversation_items = Table(
    "conversation_items",
    metadata,
    _sequence(),
    Column("conversation", BigInteger, nullable=False),  # conversations.seq
    Column("source_id", String(64), nullable=False),  # items.id
    Column("source_type", String(32), nullable=False),
    Column("digest", String(32), nullable=False),  # of the item as it is made of the thread's
    Column("item_id", String(255), nullable=False),  # upstream
    Index("items_of_a_conversation", "conversation", "seq"),
    sqlite_autoincrement=True,
)
