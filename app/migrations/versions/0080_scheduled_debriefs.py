"""debriefs that are published at an hour"""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "debrief_schedule",
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_debrief_schedule_campaign_id_campaign", ondelete="CASCADE"), primary_key=True),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_debrief_schedule_set_by_id_person"), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamp", sa.String(64), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.String(40), server_default=sa.text("''"), nullable=False),
        sa.Column("refusal_values", sa.JSON(), nullable=False),
    )  # fmt: skip
    op.create_index("ix_debrief_schedule_publish_at", "debrief_schedule", ["publish_at"])


def downgrade() -> None:
    """An earlier version publishes nothing by itself, and knows no notices of that."""
    op.execute("DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind = 'publication_refused')")
    for table in ("notice", "notice_preference"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'publication_refused'")  # noqa: S608 -- our own names
    op.drop_table("debrief_schedule")
