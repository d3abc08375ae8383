"""public votes of contests, ticked lines of good practice, objectives of campaigns"""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("objective", sa.String(20), nullable=True))
    op.add_column("campaign", sa.Column("expected_outcome", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_table(
        "public_vote",
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_public_vote_campaign_id_campaign", ondelete="CASCADE"), primary_key=True),
        sa.Column("choices", sa.Integer(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    )  # fmt: skip
    op.create_table(
        "ballot",
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("public_vote.campaign_id", name="fk_ballot_campaign_id_public_vote", ondelete="CASCADE"), primary_key=True, autoincrement=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_ballot_person_id_person"), primary_key=True),
        sa.Column("idea_id", sa.Integer(), sa.ForeignKey("idea.id", name="fk_ballot_idea_id_idea", ondelete="CASCADE"), primary_key=True),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
    )  # fmt: skip
    op.create_table(
        "practice_tick",
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_practice_tick_campaign_id_campaign", ondelete="CASCADE"), primary_key=True, autoincrement=False),
        sa.Column("practice", sa.String(20), primary_key=True),
        sa.Column("by_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_practice_tick_by_id_person"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )  # fmt: skip
    op.create_index("ix_practice_tick_by_id", "practice_tick", ["by_id"])
    op.create_index("ix_ballot_person_id", "ballot", ["person_id"])
    op.create_index("ix_ballot_idea_id", "ballot", ["idea_id"])


def downgrade() -> None:
    votes = "activity_id IN (SELECT id FROM activity WHERE object_kind = 'public_vote')"
    op.execute(f"DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE {votes})")  # noqa: S608 -- our own names
    op.execute(f"DELETE FROM notice WHERE {votes}")  # noqa: S608 -- as above
    op.execute("DELETE FROM version WHERE object_kind = 'public_vote'")
    op.drop_column("campaign", "expected_outcome")
    op.drop_column("campaign", "objective")
    op.drop_table("practice_tick")
    op.drop_table("ballot")
    op.drop_table("public_vote")
