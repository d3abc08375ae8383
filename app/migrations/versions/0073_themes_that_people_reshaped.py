"""themes that people moved ideas into or out of"""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Which themes earlier edits changed is only in their large states: it may be any theme of their campaign."""
    op.add_column("theme", sa.Column("reshaped_by_people", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        "UPDATE theme SET reshaped_by_people = true WHERE campaign_id IN"
        " (SELECT campaign_id FROM theme_edit WHERE kind IN ('merge', 'split', 'gather', 'move', 'forbid'))"
    )


def downgrade() -> None:
    op.drop_column("theme", "reshaped_by_people")
