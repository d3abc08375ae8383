"""imports in chunks: what is shown of the file, and how far the import is"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("idea_import", sa.Column("preview", sa.JSON(), nullable=True))
    op.create_table(
        "import_progress",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("started_at", ideas.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("done_rows", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["idea_import.id"], name=op.f("fk_import_progress_import_id_idea_import"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_import_progress")),
    )


def downgrade() -> None:
    # The earlier version does not know jobs of this kind. A file whose import goes on can be imported there again:
    # the ideas that it has added are recognised.
    op.execute("DELETE FROM job WHERE kind = 'import_ideas'")
    op.drop_table("import_progress")
    op.drop_column("idea_import", "preview")
