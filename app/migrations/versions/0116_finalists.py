"""the finalists of a contest"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0116"
down_revision = "0115"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch, which would copy the tables on SQLite. Contests of before have none.
    op.add_column("contest_entry", sa.Column("is_finalist", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("contest", sa.Column("finalists_at", ideas.base.UTCDateTime(timezone=True), nullable=True))
    op.add_column("contest", sa.Column("finalists_note", sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    op.drop_column("contest", "finalists_note")
    op.drop_column("contest", "finalists_at")
    op.drop_column("contest_entry", "is_finalist")
