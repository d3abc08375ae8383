"""what proposes nothing: answers without a proposal are leftovers of their own, and managers are told of groupings

Both are values of columns that are there. Only the way back has something to do: an older application does not know them.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    for table in ("placement", "proposed_placement"):
        op.execute(f"UPDATE {table} SET leftover = 'outlier' WHERE leftover IN ('nothing', 'agrees')")  # noqa: S608 -- our own names
    for table in ("notice", "notice_preference"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'ideas_grouped'")  # noqa: S608 -- our own names
