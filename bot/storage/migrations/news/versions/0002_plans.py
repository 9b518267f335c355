"""Plans, kept by consent.

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
        "plan",
        sa.Column("chat", sa.LargeBinary(16), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("due_at", sa.Integer, index=True),
        sa.Column("erased_on", sa.Date, nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("plan")
