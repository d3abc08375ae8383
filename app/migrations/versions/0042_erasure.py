"""erasure of a person: its requests, what the log keeps of them, and the waiting time"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_erasure_person_id_person"), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_erasure_asked_by_id_person"), nullable=False),
        sa.Column("contents", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True)),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("counts", sa.JSON()),
    )  # fmt: skip
    op.create_index("ix_erasure_person_id", "erasure", ["person_id"])
    op.add_column("person", sa.Column("erased_at", sa.DateTime(timezone=True)))
    op.add_column("activity", sa.Column("is_redacted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("organisation", sa.Column("erasure_days", sa.Integer(), nullable=False, server_default="7"))


def downgrade() -> None:
    op.drop_column("organisation", "erasure_days")
    op.drop_column("activity", "is_redacted")
    op.drop_column("person", "erased_at")
    op.drop_index("ix_erasure_person_id", table_name="erasure")
    op.drop_table("erasure")
