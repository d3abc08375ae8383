"""workshops of spaces, and who comes"""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workshop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=500), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("announced_by_id", sa.Integer(), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_workshop_space_id_space", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["announced_by_id"], ["person.id"], name="fk_workshop_announced_by_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_workshop"),
    )
    op.create_index("ix_workshop_space_id_starts_at", "workshop", ["space_id", "starts_at"])
    op.create_index("ix_workshop_announced_by_id", "workshop", ["announced_by_id"])
    op.create_table(
        "workshop_answer",
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("comes", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name="fk_workshop_answer_workshop_id_workshop", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_workshop_answer_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workshop_id", "person_id", name="pk_workshop_answer"),
    )
    op.create_index("ix_workshop_answer_person_id", "workshop_answer", ["person_id"])


def downgrade() -> None:
    """An earlier version does not know this kind of notice."""
    op.execute("DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind = 'workshop')")
    op.execute("DELETE FROM notice WHERE kind = 'workshop'")
    op.execute("DELETE FROM notice_preference WHERE kind = 'workshop'")
    op.drop_table("workshop_answer")
    op.drop_table("workshop")
