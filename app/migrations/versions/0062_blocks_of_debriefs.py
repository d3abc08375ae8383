"""files of debriefs, and who agrees to be thanked by name"""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "thanks_consent",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_thanks_consent_campaign_id_campaign", ondelete="CASCADE"), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_thanks_consent_person_id_person", ondelete="CASCADE"), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("campaign_id", "person_id", name="uq_thanks_consent_campaign_id_person_id"),
    )  # fmt: skip
    op.create_index("ix_thanks_consent_person_id", "thanks_consent", ["person_id"])


def downgrade() -> None:
    """An earlier version knows no files of a debrief: there they are files of the campaign, which everyone reads.

    So those of a debrief that is not public are removed.
    """
    op.execute(
        "UPDATE file SET removed_at = created_at WHERE purpose = 'debrief' AND removed_at IS NULL AND campaign_id NOT IN"
        " (SELECT campaign_id FROM debrief WHERE published_at IS NOT NULL)"
    )
    op.execute("UPDATE file SET purpose = 'attachment' WHERE purpose = 'debrief'")
    op.drop_table("thanks_consent")
