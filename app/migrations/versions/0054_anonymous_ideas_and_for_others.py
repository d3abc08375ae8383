"""ideas that are sent without the name of their author, and ideas that the team writes for others"""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("allows_anonymous", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("idea", sa.Column("is_anonymous", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "anonymous_author",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name="fk_anonymous_author_idea_id_idea", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_anonymous_author_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("idea_id", name="pk_anonymous_author"),
    )
    # One statement on SQLite too: a batch would copy the table of ideas with what refers to it.
    op.execute(
        "ALTER TABLE idea ADD COLUMN written_by_id INTEGER CONSTRAINT fk_idea_written_by_id_person REFERENCES person (id)"
    )
    op.create_index("ix_idea_written_by_id", "idea", ["written_by_id"])
    op.create_index("ix_anonymous_author_person_id", "anonymous_author", ["person_id"])


def downgrade() -> None:
    """An earlier version shows such an idea as one whose author was not given: who wrote it is told to nobody."""
    op.drop_index("ix_idea_written_by_id", "idea")
    op.drop_column("idea", "written_by_id")
    op.drop_index("ix_anonymous_author_person_id", "anonymous_author")
    op.drop_table("anonymous_author")
    op.drop_column("idea", "is_anonymous")
    op.drop_column("campaign", "allows_anonymous")
