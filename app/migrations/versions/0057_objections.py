"""objections of authors to the places of their ideas"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_objection_campaign_id_campaign", ondelete="CASCADE"), nullable=False),
        sa.Column("idea_id", sa.Integer(), sa.ForeignKey("idea.id", name="fk_objection_idea_id_idea", ondelete="CASCADE"), nullable=False),
        sa.Column("theme_id", sa.Integer(), sa.ForeignKey("theme.id", name="fk_objection_theme_id_theme", ondelete="CASCADE"), nullable=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_objection_person_id_person", ondelete="CASCADE"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_by_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_objection_kept_by_id_person"), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False, server_default=""),
    )  # fmt: skip
    for column in ("campaign_id", "idea_id", "person_id"):
        op.create_index(f"ix_objection_{column}", "objection", [column])


def downgrade() -> None:
    """An earlier version knows no such notices."""
    op.execute("DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind = 'objection')")
    for table in ("notice", "notice_preference"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'objection'")  # noqa: S608 -- our own names
    op.execute("DELETE FROM limit_count WHERE act = 'object'")
    op.drop_table("objection")
