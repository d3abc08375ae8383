"""near-copies: the idea that one says the same as, as the latest run found it"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = ("placement", "proposed_placement")


def upgrade() -> None:
    for table in TABLES:  # not as batches, which would copy the tables on SQLite
        op.add_column(table, sa.Column("same_as", sa.Integer(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "same_as")
