"""authors of imported ideas say that they are misplaced; the owner is told of late themes some days after"""

import sqlalchemy as sa
from alembic import op

revision = "0106"
down_revision = "0105"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("objection") as batch:
        batch.alter_column("person_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("email", sa.String(254), nullable=True))
    op.create_index("ix_objection_email", "objection", ["email"])
    op.add_column("theme_work", sa.Column("escalated_for", sa.Date(), nullable=True))
    op.execute("UPDATE theme_work SET escalated_for = reminded_for")  # the owner was told with the assignee


def downgrade() -> None:
    """An earlier version knows objections of members alone."""
    op.drop_column("theme_work", "escalated_for")
    op.execute("DELETE FROM objection WHERE person_id IS NULL")
    op.drop_index("ix_objection_email", "objection")
    with op.batch_alter_table("objection") as batch:
        batch.drop_column("email")
        batch.alter_column("person_id", existing_type=sa.Integer(), nullable=False)
