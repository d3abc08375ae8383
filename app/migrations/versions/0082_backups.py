"""back-ups that were made or failed"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", ideas.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=1000), nullable=False),
        sa.Column("scheduled", sa.Boolean(), nullable=False),
        sa.Column("is_encrypted", sa.Boolean(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("removed_at", ideas.base.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup")),
    )
    op.create_index(op.f("ix_backup_made_at"), "backup", ["made_at"])


def downgrade() -> None:
    op.execute("DELETE FROM schedule WHERE kind = 'back_up'")
    op.execute("DELETE FROM job WHERE kind = 'back_up'")
    op.drop_index(op.f("ix_backup_made_at"), table_name="backup")
    op.drop_table("backup")
