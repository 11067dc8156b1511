"""The first schema.

Revision ID: 0001
Revises:
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _seq() -> sa.Column[Any]:
    return sa.Column("seq", _SEQUENCE, primary_key=True, autoincrement=True)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.String(64), nullable=False, unique=True)


def upgrade() -> None:
    op.create_table(
        "assistants",
        _seq(),
        _id(),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("assistants_by_age", "assistants", ["tenant", "created_at", "seq"])
    op.create_table(
        "threads",
        _seq(),
        _id(),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("message_count", sa.Integer, nullable=False),
        sa.Column("active_run", sa.String(64)),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "items",
        _seq(),
        _id(),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64)),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("role", sa.String(16)),
        sa.Column("settled", sa.Boolean, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("extra", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("items_of_a_thread", "items", ["thread_id", "seq"])
    op.create_index("items_of_a_run", "items", ["run_id", "seq"])
    op.create_table(
        "runs",
        _seq(),
        _id(),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("deadline", sa.Float, nullable=False),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("progress", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("runs_of_a_thread", "runs", ["thread_id", "seq"])
    op.create_index("runs_by_status", "runs", ["status", "deadline"])
    op.create_table(
        "steps",
        _seq(),
        _id(),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("steps_of_a_run", "steps", ["run_id", "seq"])
