"""Conversations that were made of threads.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("upstream", sa.String(512), nullable=False),
        sa.Column("conversation_id", sa.String(255)),
        sa.Column("asked", sa.Boolean, nullable=False),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("lost", sa.Integer, nullable=False),
        sa.Column("former", sa.Text, nullable=False),
        sa.Column("gone", sa.Text, nullable=False),
        sa.UniqueConstraint("upstream", "thread_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "conversation_items",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("conversation", sa.BigInteger, nullable=False),
        sa.Column("source_id", sa.String(64), nullable=False),
        sa.Column("source_type", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("item_id", sa.String(255), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("items_of_a_conversation", "conversation_items", ["conversation", "seq"])
