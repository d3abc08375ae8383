"""reworded texts: comments count their texts, as ideas do"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comment", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    """An earlier version knows no rewording: what was reworded is restored to its queue as changed."""
    for table in ("review", "report"):
        op.execute(f"UPDATE {table} SET outcome = 'changed' WHERE outcome = 'reworded'")  # noqa: S608 -- our own names
    op.drop_column("comment", "version")
