"""Keyed hashes of chats whose subscription was erased, so that a restored backup does not bring them back.

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
        "erasure",
        sa.Column("chat", sa.LargeBinary(16), primary_key=True),
        sa.Column("erased_at", sa.Integer, nullable=False, index=True),
    )
