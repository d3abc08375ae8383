"""passages: an idea counts in each theme that it asks for, and a theme has a definition"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as batches, which would copy the tables on SQLite.
    op.add_column("theme", sa.Column("definition", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("proposed_placement", sa.Column("passages", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "passage",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("strength", sa.Double(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("strength BETWEEN 0 AND 1", name=op.f("ck_passage_strength")),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_passage_idea_id_idea"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_passage_theme_id_theme"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("idea_id", "theme_id", "start", name=op.f("pk_passage")),
    )
    op.create_index(op.f("ix_passage_theme_id"), "passage", ["theme_id"])


def downgrade() -> None:
    op.drop_table("passage")
    op.drop_column("proposed_placement", "passages")
    op.drop_column("theme", "definition")
