"""files taken off: a moderator takes a file off an idea"""

from alembic import op

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The new outcome needs no other column."""


def downgrade() -> None:
    """An earlier version knows no file that was taken off: the case is dealt with, as where words were changed."""
    for table in ("review", "report"):
        known = f"UPDATE {table} SET outcome = 'reworded' WHERE outcome = 'file_taken_off'"  # noqa: S608 -- our own names
        op.execute(known)
