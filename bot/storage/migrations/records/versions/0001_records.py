"""Conversations, chosen languages, counters.

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
        "conversation",
        sa.Column("chat", sa.LargeBinary(16), primary_key=True),
        sa.Column("answers", sa.LargeBinary),
        sa.Column("sent", sa.LargeBinary),
        sa.Column("unsent", sa.Boolean, nullable=False),
        sa.Column("answers_expire_at", sa.Integer, nullable=False, index=True),
        sa.Column("expires_at", sa.Integer, nullable=False, index=True),
    )
    op.create_table(
        "preference",
        sa.Column("chat", sa.LargeBinary(16), primary_key=True),
        sa.Column("language", sa.LargeBinary, nullable=False),
        sa.Column("consented_on", sa.Date, nullable=False),
    )
    op.create_table(
        "statistic",
        sa.Column("month", sa.Date, primary_key=True),
        *(
            sa.Column(name, sa.String(32), primary_key=True)
            for name in ("need", "language", "age_band", "gender", "area")
        ),
        sa.Column("found", sa.Boolean, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "wrong_report",
        sa.Column("offer", sa.String(32), primary_key=True),
        sa.Column("what", sa.String(16), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    for table in ("wrong_report", "statistic", "preference", "conversation"):
        op.drop_table(table)
