"""milestones of actions"""

import sqlalchemy as sa
from alembic import op

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("abandoned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("abandoned_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("done_on IS NULL OR abandoned_at IS NULL", name=op.f("ck_milestone_done_or_abandoned")),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_milestone_action_id_action", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_milestone"),
    )
    op.create_index("ix_milestone_action_id", "milestone", ["action_id"])


def downgrade() -> None:
    """An earlier version knows the progress of an action, and not where it comes from. The versions go with the rows:
    numbers of milestones are given again.
    """
    op.drop_table("milestone")
    op.execute("DELETE FROM version WHERE object_kind = 'milestone'")
