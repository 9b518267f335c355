"""What came of offers on plans, counted by the cells of the statistics.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_answer",
        sa.Column("month", sa.Date, primary_key=True),
        *(
            sa.Column(name, sa.String(32), primary_key=True)
            for name in ("need", "language", "age_band", "gender", "area")
        ),
        sa.Column("answer", sa.String(16), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("plan_answer")
