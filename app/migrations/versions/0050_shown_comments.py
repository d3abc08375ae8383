"""an index of the comments that are shown, by which lists of ideas count them"""

from alembic import op

revision = "0050"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_comment_idea_id_shown", "comment", ["idea_id", "withdrawn_at", "withheld"])


def downgrade() -> None:
    op.drop_index("ix_comment_idea_id_shown", "comment")
