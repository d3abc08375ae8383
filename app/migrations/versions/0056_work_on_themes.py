"""the work on a theme: to whom it is assigned, by when, its tags and the team's notes; saved views of the table"""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "theme_work",
        sa.Column("theme_id", sa.Integer(), sa.ForeignKey("theme.id", name="fk_theme_work_theme_id_theme", ondelete="CASCADE"), primary_key=True),
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_theme_work_campaign_id_campaign", ondelete="CASCADE"), nullable=False),
        sa.Column("assignee_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_theme_work_assignee_id_person"), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("merges_seen", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reminded_for", sa.Date(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )  # fmt: skip
    op.create_index("ix_theme_work_campaign_id", "theme_work", ["campaign_id"])
    op.create_index("ix_theme_work_assignee_id", "theme_work", ["assignee_id"])
    op.create_table(
        "theme_note",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_theme_note_campaign_id_campaign", ondelete="CASCADE"), nullable=False),
        sa.Column("theme_id", sa.Integer(), sa.ForeignKey("theme.id", name="fk_theme_note_theme_id_theme", ondelete="CASCADE"), nullable=False),
        sa.Column("author_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_theme_note_author_id_person"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
    )  # fmt: skip
    op.create_index("ix_theme_note_campaign_id", "theme_note", ["campaign_id"])
    op.create_index("ix_theme_note_theme_id", "theme_note", ["theme_id"])
    op.create_index("ix_theme_note_author_id", "theme_note", ["author_id"])
    op.create_table(
        "table_view",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_table_view_campaign_id_campaign", ondelete="CASCADE"), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_table_view_person_id_person", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(1000), nullable=False),
        sa.UniqueConstraint("campaign_id", "person_id", "name", name="uq_table_view_campaign_id_person_id_name"),
    )  # fmt: skip
    op.create_index("ix_table_view_person_id", "table_view", ["person_id"])


def downgrade() -> None:
    op.execute("DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind = 'theme_assigned')")
    op.execute("DELETE FROM notice WHERE kind = 'theme_assigned'")
    op.execute("DELETE FROM notice_preference WHERE kind = 'theme_assigned'")
    op.drop_table("table_view")
    op.drop_table("theme_note")
    op.drop_table("theme_work")
