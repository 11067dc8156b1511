"""Files that the code interpreter made.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
        sa.Column("copied", sa.Boolean, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("upstream_ids", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("files_by_age", "files", ["tenant", "seq"])
    op.create_index("files_of_a_run", "files", ["run_id"])
    op.create_index("files_of_a_thread", "files", ["thread_id"])
