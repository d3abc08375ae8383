"""periods of retention: how many days sign-ins, jobs, mails and drafts are kept"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

DAYS = {"keep_sign_ins": "30", "keep_jobs": "90", "keep_messages": "365", "keep_drafts": "365"}


def upgrade() -> None:
    with op.batch_alter_table("organisation") as organisation:
        for name, days in DAYS.items():
            organisation.add_column(sa.Column(name, sa.Integer(), server_default=days, nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("organisation") as organisation:
        for name in DAYS:
            organisation.drop_column(name)
