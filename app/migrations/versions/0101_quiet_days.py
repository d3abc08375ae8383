"""quiet days, holidays of a country, and hours that are learnt from whoever agreed"""

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0099"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_choice", sa.Column("country", sa.String(2), nullable=True))
    op.add_column("mail_choice", sa.Column("quiet_from", sa.Date(), nullable=True))
    op.add_column("mail_choice", sa.Column("quiet_until", sa.Date(), nullable=True))
    op.add_column("mail_choice", sa.Column("learns", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("mail_choice", sa.Column("learnt_hour", sa.Integer(), nullable=True))


def downgrade() -> None:
    for name in ("learnt_hour", "learns", "quiet_until", "quiet_from", "country"):
        op.drop_column("mail_choice", name)
