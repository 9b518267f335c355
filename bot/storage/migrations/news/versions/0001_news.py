"""Subscriptions, announcements and their recipients; members of the network, invitations, audit log.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("chat", sa.LargeBinary(16), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("lapses_on", sa.Date, nullable=False, index=True),
        sa.Column("asked_to_renew", sa.Boolean, nullable=False),
    )
    op.create_table(
        "announcement",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("stage", sa.String(16), nullable=False, index=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("expires_at", sa.Integer),
        sa.Column("send_at", sa.Integer),
        sa.Column("at_night", sa.Boolean, nullable=False),
        sa.Column("template", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.Integer, nullable=False),
        sa.Column("released_at", sa.Integer),
        sa.Column("ended_at", sa.Integer),
        sa.Column("closed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "recipient",
        sa.Column("announcement", sa.String(16), primary_key=True),
        sa.Column("chat", sa.LargeBinary(16), primary_key=True),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("sender", sa.String(16)),
        sa.Column("message", sa.BigInteger),
    )
    op.create_index("ix_recipient_state", "recipient", ["announcement", "state"])
    op.create_index("ix_recipient_sender", "recipient", ["sender"])
    op.create_index("ix_recipient_chat", "recipient", ["chat"])
    op.create_table(
        "tally",
        sa.Column("announcement", sa.String(16), primary_key=True),
        sa.Column("language", sa.String(8), primary_key=True),
        sa.Column("what", sa.String(16), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "sender",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("alive_until", sa.Integer, nullable=False),
    )
    op.create_table(
        "member",
        sa.Column("chat", sa.LargeBinary(16), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("desk", sa.LargeBinary),
    )
    op.create_table(
        "invite",
        sa.Column("token", sa.LargeBinary(32), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("expires_at", sa.Integer, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("who", sa.LargeBinary(16)),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
