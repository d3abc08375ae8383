"""glossaries of campaigns"""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_term",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_campaign_term_campaign_id_campaign", ondelete="CASCADE"), nullable=False),
        sa.Column("abbreviation", sa.String(30), nullable=False),
        sa.Column("meaning", sa.String(150), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("campaign_id", "abbreviation", name="uq_campaign_term_campaign_id_abbreviation"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("campaign_term")
