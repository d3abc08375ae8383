"""contests: what a jury scores by, entries, scores, notes of the jury, winners"""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contest",
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_contest_campaign_id_campaign", ondelete="CASCADE"), primary_key=True),
        sa.Column("several_winners", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("only_shortlist", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("hides_authors", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("highest_score", sa.Integer(), server_default="10", nullable=False),
        sa.Column("scores_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    )  # fmt: skip
    op.create_table(
        "criterion",
        sa.Column("id", sa.Integer(), primary_key=True),
        _campaign("criterion"),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
    )
    op.create_index("ix_criterion_campaign_id", "criterion", ["campaign_id"])
    op.create_table(
        "contest_entry",
        sa.Column("idea_id", sa.Integer(), sa.ForeignKey("idea.id", name="fk_contest_entry_idea_id_idea", ondelete="CASCADE"), primary_key=True),
        _campaign("contest_entry"),
        sa.Column("added_by_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_contest_entry_added_by_id_person"), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    )  # fmt: skip
    op.create_index("ix_contest_entry_campaign_id", "contest_entry", ["campaign_id"])
    op.create_index("ix_contest_entry_added_by_id", "contest_entry", ["added_by_id"])
    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer(), primary_key=True),
        _campaign("judgement"),
        sa.Column("idea_id", sa.Integer(), sa.ForeignKey("idea.id", name="fk_judgement_idea_id_idea", ondelete="CASCADE"), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_judgement_person_id_person"), nullable=False),
        sa.Column("conflict", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("interest", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.UniqueConstraint("idea_id", "person_id", name="uq_judgement_idea_id_person_id"),
    )  # fmt: skip
    op.create_index("ix_judgement_campaign_id", "judgement", ["campaign_id"])
    op.create_index("ix_judgement_person_id", "judgement", ["person_id"])
    op.create_table(
        "score",
        sa.Column("judgement_id", sa.Integer(), sa.ForeignKey("judgement.id", name="fk_score_judgement_id_judgement", ondelete="CASCADE"), primary_key=True),
        sa.Column("criterion_id", sa.Integer(), sa.ForeignKey("criterion.id", name="fk_score_criterion_id_criterion", ondelete="CASCADE"), primary_key=True),
        sa.Column("value", sa.Integer(), nullable=False),
    )  # fmt: skip
    op.create_table(
        "jury_note",
        sa.Column("id", sa.Integer(), primary_key=True),
        _campaign("jury_note"),
        sa.Column("idea_id", sa.Integer(), sa.ForeignKey("idea.id", name="fk_jury_note_idea_id_idea", ondelete="CASCADE"), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_jury_note_person_id_person"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )  # fmt: skip
    for name in ("campaign_id", "idea_id", "person_id"):
        op.create_index(f"ix_jury_note_{name}", "jury_note", [name])
    op.create_table(
        "contest_result",
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_contest_result_campaign_id_campaign", ondelete="CASCADE"), primary_key=True),
        sa.Column("words_to_others", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_contest_result_published_by_id_person"), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    )  # fmt: skip
    op.create_table(
        "winner",
        sa.Column("idea_id", sa.Integer(), sa.ForeignKey("idea.id", name="fk_winner_idea_id_idea", ondelete="CASCADE"), primary_key=True),
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("contest_result.campaign_id", name="fk_winner_campaign_id_contest_result", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )  # fmt: skip
    op.create_index("ix_winner_campaign_id", "winner", ["campaign_id"])


def downgrade() -> None:
    # Kinds that an older application does not know.
    op.execute(
        "DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind IN ('jury_work', 'contest_result'))"
    )
    op.execute("DELETE FROM notice WHERE kind IN ('jury_work', 'contest_result')")
    op.execute("DELETE FROM notice_preference WHERE kind IN ('jury_work', 'contest_result')")
    op.execute("DELETE FROM version WHERE object_kind IN ('judgement', 'contest_result')")
    for table in (
        "winner",
        "contest_result",
        "jury_note",
        "score",
        "judgement",
        "contest_entry",
        "criterion",
        "contest",
    ):
        op.drop_table(table)


def _campaign(table: str) -> sa.Column:
    key = sa.ForeignKey("campaign.id", name=f"fk_{table}_campaign_id_campaign", ondelete="CASCADE")
    return sa.Column("campaign_id", sa.Integer(), key, nullable=False)
