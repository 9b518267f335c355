"""Own words about offers, for 30 days; links that handed answers over, until they expire.

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
        "own_words",
        sa.Column("id", sa.LargeBinary(16), primary_key=True),
        sa.Column("offer", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("written_on", sa.Date, nullable=False, index=True),
    )
    op.create_table(
        "used_link",
        sa.Column("mark", sa.LargeBinary(32), primary_key=True),
        sa.Column("until", sa.Integer, nullable=False, index=True),
    )
    op.execute("UPDATE wrong_report SET what = 'wrong_' || what")


def downgrade() -> None:
    op.drop_table("used_link")
    op.drop_table("own_words")
    op.execute("UPDATE wrong_report SET what = substr(what, 7)")
