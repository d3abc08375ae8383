"""addresses of imported ideas: kept apart until their owners claim the ideas"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imported_address",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name="fk_imported_address_idea_id_idea", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("idea_id", name="pk_imported_address"),
    )
    op.create_index("ix_imported_address_email", "imported_address", ["email"])


def downgrade() -> None:
    op.drop_table("imported_address")
