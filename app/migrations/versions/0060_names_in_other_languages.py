"""names of themes in the other languages of their ideas"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("theme", sa.Column("other_names", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("theme", "other_names")
