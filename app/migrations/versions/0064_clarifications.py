"""questions of the team to authors of ideas"""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clarification",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_clarification_campaign_id_campaign", ondelete="CASCADE"), nullable=False),
        sa.Column("idea_id", sa.Integer(), sa.ForeignKey("idea.id", name="fk_clarification_idea_id_idea", ondelete="CASCADE"), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_clarification_person_id_person", ondelete="CASCADE"), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_clarification_asked_by_id_person"), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False, server_default=""),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_off_by_team", sa.Boolean(), server_default=sa.false(), nullable=False),
    )  # fmt: skip
    for column in ("campaign_id", "idea_id", "person_id"):
        op.create_index(f"ix_clarification_{column}", "clarification", [column])


def downgrade() -> None:
    """An earlier version knows no such notices."""
    op.execute("DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind = 'clarification')")
    for table in ("notice", "notice_preference"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'clarification'")  # noqa: S608 -- our own names
    op.drop_table("clarification")
