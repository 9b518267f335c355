"""Keyed hashes of chats whose subscription was erased, so that a restored backup does not bring them back;
and how often the links of a place were opened.

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
    op.create_table(
        "place",
        sa.Column("place", sa.String(8), primary_key=True),
        sa.Column("month", sa.Date, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
