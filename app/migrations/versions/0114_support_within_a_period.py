"""support by idea and time on SQLite, for standings of a period"""

from alembic import op

revision = "0114"
down_revision = "0113"
branch_labels = None
depends_on = None

INDEX = "ix_vote_period_sqlite"


def upgrade() -> None:
    """PostgreSQL reads the whole table for them, and would keep those who support ideas waiting while it builds this."""
    if op.get_bind().dialect.name == "sqlite":
        op.create_index(INDEX, "vote", ["idea_id", "created_at", "person_id"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index(INDEX, "vote")
