"""reminders that a campaign closes soon"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Their kind of notice is new; the tables hold it as they are."""


def downgrade() -> None:
    """An earlier version knows no such notices, nor the act that they tell of. Its row of the log stays."""
    reminders = "activity_id IN (SELECT id FROM activity WHERE verb = 'reminded')"
    op.execute(f"DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE {reminders})")  # noqa: S608 -- our own names
    op.execute(f"DELETE FROM notice WHERE {reminders}")  # noqa: S608 -- as above
    op.execute("DELETE FROM notice_preference WHERE kind = 'draft_waiting'")
