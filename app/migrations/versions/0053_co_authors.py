"""co-authors of ideas"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "co_author",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name="fk_co_author_idea_id_idea", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_co_author_person_id_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_co_author"),
        sa.UniqueConstraint("idea_id", "person_id", name="uq_co_author_idea_id_person_id"),
    )
    op.create_index("ix_co_author_person_id", "co_author", ["person_id"])


def downgrade() -> None:
    """An earlier version knows no such notices."""
    op.execute("DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind = 'co_authored')")
    for table in ("notice", "notice_preference"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'co_authored'")  # noqa: S608 -- our own names
    op.drop_index("ix_co_author_person_id", "co_author")
    op.drop_table("co_author")
