"""tags of ideas, for the team"""

import sqlalchemy as sa
from alembic import op

revision = "0094"
down_revision = "0093"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idea_tag",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=30), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name="fk_idea_tag_idea_id_idea", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_idea_tag_campaign_id_campaign", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name="fk_idea_tag_added_by_id_person"),
        sa.PrimaryKeyConstraint("idea_id", "tag", name="pk_idea_tag"),
    )
    op.create_index("ix_idea_tag_campaign_id_tag", "idea_tag", ["campaign_id", "tag"])
    op.create_index("ix_idea_tag_added_by_id", "idea_tag", ["added_by_id"])


def downgrade() -> None:
    op.drop_table("idea_tag")
