"""volunteers: members who offer to help run campaigns"""

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Which levels may volunteer is kept in the settings of levels, under a name that an earlier version passes over."""
    op.add_column("person", sa.Column("volunteers", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("person", "volunteers")
