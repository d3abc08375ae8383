"""questions of ideas: an idea from a survey says which of its questions it answers"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch, which would copy the table on SQLite.
    op.add_column("idea", sa.Column("question", sa.String(200), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    # An earlier version knows no question: it becomes the title where there is none.
    op.execute("UPDATE idea SET title = substr(question, 1, 120) WHERE title = '' AND question <> ''")
    op.drop_column("idea", "question")
