"""what the mail to the author of imported ideas tells: a debrief, or the winners of a contest"""

import sqlalchemy as sa
from alembic import op

revision = "0104"
down_revision = "0103"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("imported_kind", sa.String(20), nullable=True))
    op.execute("UPDATE message SET imported_kind = 'debrief_published' WHERE imported_id IS NOT NULL")


def downgrade() -> None:
    op.execute("DELETE FROM message WHERE imported_kind = 'contest_result'")
    op.drop_column("message", "imported_kind")
