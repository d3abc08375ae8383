"""comparing ideas or themes by pairs"""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comparison",
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_comparison_campaign_id_campaign", ondelete="CASCADE"), primary_key=True),
        sa.Column("compared", sa.String(20), nullable=False),
        sa.Column("by_jury", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
    )  # fmt: skip
    op.create_table(
        "comparison_item",
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("comparison.campaign_id", name="fk_comparison_item_campaign_id_comparison", ondelete="CASCADE"), primary_key=True),
        sa.Column("item_id", sa.Integer(), primary_key=True),
    )  # fmt: skip
    op.create_table(
        "pair",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("comparison.campaign_id", name="fk_pair_campaign_id_comparison", ondelete="CASCADE"), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_pair_person_id_person"), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("low_id", sa.Integer(), nullable=False),
        sa.Column("high_id", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.String(20), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("campaign_id", "person_id", "low_id", "high_id", name="uq_pair_campaign_id_person_id_low_id_high_id"),
    )  # fmt: skip
    op.create_index("ix_pair_person_id", "pair", ["person_id"])


def downgrade() -> None:
    op.drop_table("pair")
    op.drop_table("comparison_item")
    op.drop_table("comparison")
