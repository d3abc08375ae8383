"""keys of apps for codes that outlive the key of the site"""

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("second_factor", sa.Column("sealed", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Codes of an app whose key was sealed fit no more then: a recovery code does, or `admin remove-code`."""
    op.drop_column("second_factor", "sealed")
