"""digests: what each one tells, and how far they are made"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

_FREQUENCY = sa.Enum("weekly", "daily", "none", name="frequency", native_enum=False, length=20)


def upgrade() -> None:
    op.add_column("message", sa.Column("digest", sa.JSON(), nullable=True))
    op.create_table(
        "digest_run",
        sa.Column("frequency", _FREQUENCY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_person_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", ideas.base.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("frequency", "day", name=op.f("pk_digest_run")),
    )


def downgrade() -> None:
    op.execute("DELETE FROM schedule WHERE kind = 'send_digests'")
    op.execute("DELETE FROM job WHERE kind = 'send_digests'")
    op.drop_table("digest_run")
    op.execute("DELETE FROM message WHERE digest IS NOT NULL")
    op.drop_column("message", "digest")
