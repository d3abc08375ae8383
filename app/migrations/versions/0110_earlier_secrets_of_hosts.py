"""the earlier secret of an application is accepted for a day"""

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0106"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("host", sa.Column("old_salt", sa.String(64), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    op.drop_column("host", "old_salt")
