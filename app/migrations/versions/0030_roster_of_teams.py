"""roster of teams: since when a role is held, and from when until when it gives its rights"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch, which would copy the table on SQLite.
    for name in ("added_at", "starts_at", "ends_at"):
        op.add_column("team_member", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("team_member", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    # SQLite gives the id of a deleted row again: the latest act is about the row that is there.
    op.execute(
        "UPDATE team_member SET added_at = (SELECT max(activity.at) FROM activity"
        " WHERE activity.object_kind = 'team_member' AND activity.verb = 'added'"
        " AND activity.object_id = team_member.id)"
    )


def downgrade() -> None:
    for name in ("version", "ends_at", "starts_at", "added_at"):
        op.drop_column("team_member", name)
