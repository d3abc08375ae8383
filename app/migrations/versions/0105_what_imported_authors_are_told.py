"""mails to authors of imported ideas name the act that they tell of"""

import sqlalchemy as sa
from alembic import op

revision = "0105"
down_revision = "0103"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("message") as batch:
        batch.add_column(sa.Column("activity_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_message_activity_id_activity", "activity", ["activity_id"], ["id"])


def downgrade() -> None:
    """An earlier version would tell them of the debrief once more."""
    op.execute("DELETE FROM message WHERE activity_id IS NOT NULL")
    with op.batch_alter_table("message") as batch:
        batch.drop_constraint("fk_message_activity_id_activity", type_="foreignkey")
        batch.drop_column("activity_id")
