"""which ideas the people of a team have read and starred"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idea_reading",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("idea_version", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starred", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name="fk_idea_reading_idea_id_idea", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_idea_reading_person_id_person"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_idea_reading_campaign_id_campaign", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("idea_id", "person_id", name="pk_idea_reading"),
    )
    op.create_index("ix_idea_reading_campaign_id_person_id", "idea_reading", ["campaign_id", "person_id"])
    op.create_index("ix_idea_reading_person_id", "idea_reading", ["person_id"])


def downgrade() -> None:
    op.drop_table("idea_reading")
