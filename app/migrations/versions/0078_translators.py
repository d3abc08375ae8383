"""the translator that a member opens ideas in"""

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("translator", sa.String(20), server_default="none", nullable=False))


def downgrade() -> None:
    op.drop_column("person", "translator")
