"""checks of ideas: people say whether ideas belong in their themes, and a debrief may leave the figure out"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sampled_idea",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.String(20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["theme_run.id"], name="fk_sampled_idea_run_id_theme_run", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name="fk_sampled_idea_idea_id_idea", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name="fk_sampled_idea_theme_id_theme", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "idea_id", name="pk_sampled_idea"),
    )
    op.create_index("ix_sampled_idea_idea_id", "sampled_idea", ["idea_id"])
    op.create_index("ix_sampled_idea_theme_id", "sampled_idea", ["theme_id"])
    op.create_table(
        "idea_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("belongs", sa.String(20), nullable=False),
        sa.Column("idea_version", sa.Integer(), nullable=False),
        sa.Column("edit_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_idea_check_campaign_id_campaign", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name="fk_idea_check_idea_id_idea", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name="fk_idea_check_theme_id_theme", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_idea_check_person_id_person"),
        sa.ForeignKeyConstraint(
            ["edit_id"], ["theme_edit.id"], name="fk_idea_check_edit_id_theme_edit", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_idea_check"),
        sa.UniqueConstraint("idea_id", "theme_id", "person_id", name="uq_idea_check_idea_id_theme_id_person_id"),
    )
    op.create_index("ix_idea_check_campaign_id", "idea_check", ["campaign_id"])
    op.create_index("ix_idea_check_theme_id", "idea_check", ["theme_id"])
    # Not as a batch, which would copy the table on SQLite.
    op.add_column("debrief", sa.Column("hides_agreement", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("debrief", "hides_agreement")
    op.drop_table("idea_check")
    op.drop_table("sampled_idea")
