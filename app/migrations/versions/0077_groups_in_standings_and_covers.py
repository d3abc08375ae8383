"""groups in the standings of a campaign, and its cover"""

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch, which would copy the table on SQLite.
    op.execute(
        "ALTER TABLE campaign ADD COLUMN standing_attribute_id INTEGER"
        " CONSTRAINT fk_campaign_standing_attribute_id_attribute REFERENCES attribute (id)"
    )
    op.execute(
        "ALTER TABLE campaign ADD COLUMN cover_id INTEGER CONSTRAINT fk_campaign_cover_id_file REFERENCES file (id)"
    )
    op.add_column("campaign", sa.Column("cover_alternative", sa.String(250), server_default="", nullable=False))


def downgrade() -> None:
    # An earlier version knows no covers: their files stay in the folder of uploads until it is swept.
    op.execute("UPDATE campaign SET cover_id = NULL")
    op.execute("DELETE FROM file WHERE purpose = 'cover'")
    op.drop_column("campaign", "cover_alternative")
    op.drop_column("campaign", "cover_id")
    op.drop_column("campaign", "standing_attribute_id")
