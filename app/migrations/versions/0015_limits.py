"""limits: how often each account, or an address without one, did something; comments are sent once"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "limit_count",
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("started_at", ideas.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("act", "subject", "seconds", name=op.f("pk_limit_count")),
    )
    op.create_index("ix_limit_count_started_at", "limit_count", ["started_at"])
    op.add_column("comment", sa.Column("form_key", sa.String(80), nullable=True))
    op.create_index("uq_comment_author_id_form_key", "comment", ["author_id", "form_key"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_comment_author_id_form_key", "comment")
    op.drop_column("comment", "form_key")
    op.drop_table("limit_count")
