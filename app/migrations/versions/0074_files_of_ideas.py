"""photos and documents of ideas"""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idea_file",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=True),
        sa.Column("field_id", sa.Integer(), nullable=True),
        sa.Column("small_id", sa.Integer(), nullable=True),
        sa.Column("alternative", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name="fk_idea_file_file_id_file", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name="fk_idea_file_idea_id_idea", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["field_id"], ["form_field.id"], name="fk_idea_file_field_id_form_field", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["small_id"], ["file.id"], name="fk_idea_file_small_id_file"),
        sa.PrimaryKeyConstraint("file_id", name="pk_idea_file"),
        sa.UniqueConstraint("small_id", name="uq_idea_file_small_id"),
    )
    op.create_index("ix_idea_file_idea_id", "idea_file", ["idea_id"])
    op.create_index("ix_idea_file_field_id", "idea_file", ["field_id"])


def downgrade() -> None:
    """An earlier version knows no files of an idea: there they would be files of the campaign, which everyone reads.

    So they are removed, and so are the fields that ask for one. The names that versions of ideas keep are texts.
    """
    op.drop_table("idea_file")
    op.execute("UPDATE file SET removed_at = created_at WHERE purpose = 'idea' AND removed_at IS NULL")
    op.execute("UPDATE file SET purpose = 'attachment' WHERE purpose = 'idea'")
    op.execute("DELETE FROM form_field WHERE kind = 'file'")
    op.execute("DELETE FROM limit_count WHERE act IN ('write_for', 'send_file')")
