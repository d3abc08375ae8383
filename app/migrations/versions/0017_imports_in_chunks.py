"""imports in chunks: what is shown of the file, its columns, and how far the import is"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("idea_import", sa.Column("preview", sa.JSON(), nullable=True))
    op.add_column("idea_import", sa.Column("columns", sa.JSON(), nullable=True))
    op.add_column("idea_import", sa.Column("started_at", ideas.base.UTCDateTime(timezone=True), nullable=True))
    op.add_column("idea_import", sa.Column("done_rows", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("idea_import") as table:
        table.alter_column("done_rows", server_default=None)


def downgrade() -> None:
    # The earlier version does not know jobs of this kind. An import that has not begun can be started there again.
    op.execute("DELETE FROM job WHERE kind = 'import_ideas'")
    with op.batch_alter_table("idea_import") as table:
        for column in ("done_rows", "started_at", "columns", "preview"):
            table.drop_column(column)
