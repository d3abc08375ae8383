"""points by act, standings of a campaign, badges that were told, and what a person wants of them"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "point_value",
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id", name="fk_point_value_campaign_id_campaign", ondelete="CASCADE"), primary_key=True),
        sa.Column("act", sa.String(20), primary_key=True),
        sa.Column("points", sa.Integer(), nullable=False),
    )  # fmt: skip
    op.create_table(
        "badge_told",
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_badge_told_person_id_person", ondelete="CASCADE"), primary_key=True),
        sa.Column("badge", sa.String(20), primary_key=True),
        sa.Column("level", sa.Integer(), primary_key=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
    )  # fmt: skip
    # Whoever writes a row in an application that does not know these columns: campaigns of before show no standing.
    op.add_column("campaign", sa.Column("has_standings", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("campaign", sa.Column("motivation_version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("person", sa.Column("motivation", sa.String(20), nullable=False, server_default="listed"))
    # Badges are told from here on: what was done before would be told to everyone at once.
    op.execute("INSERT INTO activity_cursor (reader, activity_id) SELECT 'badges', COALESCE(MAX(id), 0) FROM activity")


def downgrade() -> None:
    # Kinds that an older application does not know.
    op.execute("DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind = 'badge_reached')")
    op.execute("DELETE FROM notice WHERE kind = 'badge_reached'")
    op.execute("DELETE FROM notice_preference WHERE kind = 'badge_reached'")
    op.execute("DELETE FROM schedule WHERE kind = 'tell_badges'")
    op.execute("DELETE FROM job WHERE kind = 'tell_badges'")
    op.execute("DELETE FROM activity_cursor WHERE reader = 'badges'")
    op.drop_column("person", "motivation")
    op.drop_column("campaign", "motivation_version")
    op.drop_column("campaign", "has_standings")
    op.drop_table("badge_told")
    op.drop_table("point_value")
