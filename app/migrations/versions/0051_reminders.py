"""reminders that a campaign closes soon"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Their kind of notice is new; the tables hold it as they are."""


def downgrade() -> None:
    """An earlier version knows no such notices."""
    op.execute("DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind = 'draft_waiting')")
    for table in ("notice", "notice_preference"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'draft_waiting'")  # noqa: S608 -- our own names
