"""an index for the near-copies of a campaign, which lists of ideas fold; simple disagreements are leftovers of their own"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

NAME = "ix_placement_campaign_id_same_as"


def upgrade() -> None:
    op.create_index(NAME, "placement", ["campaign_id", "same_as"])
    op.drop_index("ix_placement_campaign_id", "placement")


def downgrade() -> None:
    for table in ("placement", "proposed_placement"):  # an older application does not know them
        op.execute(f"UPDATE {table} SET leftover = 'agrees' WHERE leftover = 'disagrees'")  # noqa: S608 -- our own names
    op.create_index("ix_placement_campaign_id", "placement", ["campaign_id"])
    op.drop_index(NAME, "placement")
