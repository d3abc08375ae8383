"""answers to single ideas: each text is a row, and one of them is what everyone reads; authors of imported ideas who
agreed to be told what becomes of them
"""

import sqlalchemy as sa
from alembic import op

revision = "0093"
down_revision = "0092"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """An earlier version of the application knows no such table: it shows the answers to themes alone."""
    op.create_table(
        "idea_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("change_reason", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("is_current", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name="fk_idea_answer_idea_id_idea", ondelete="CASCADE"),
        *(
            sa.ForeignKeyConstraint([name], ["person.id"], name=f"fk_idea_answer_{name}_person")
            for name in ("respondent_id", "recorded_by_id", "approved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_idea_answer"),
        sa.UniqueConstraint("idea_id", "number", name="uq_idea_answer_idea_id_number"),
    )
    op.create_index(
        "uq_idea_answer_current",
        "idea_answer",
        ["idea_id"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.add_column("imported_address", sa.Column("agreed", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("message") as batch:
        batch.add_column(sa.Column("imported_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_message_imported_id_idea", "idea", ["imported_id"], ["id"], ondelete="CASCADE")
    op.create_index("ix_message_imported_id", "message", ["imported_id"])


def downgrade() -> None:
    """An earlier version would send a mail without person or text to nobody: such mails go. It takes each notice of a
    changed answer for one of a theme: those of answers to ideas go too.
    """
    op.execute("DELETE FROM message WHERE imported_id IS NOT NULL")
    op.execute("DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE object_kind = 'idea_answer')")
    op.execute("DELETE FROM notice WHERE object_kind = 'idea_answer'")
    op.drop_index("ix_message_imported_id", "message")
    with op.batch_alter_table("message") as batch:
        batch.drop_constraint("fk_message_imported_id_idea", type_="foreignkey")
        batch.drop_column("imported_id")
    op.drop_column("imported_address", "agreed")
    op.drop_index("uq_idea_answer_current", "idea_answer")
    op.drop_table("idea_answer")
