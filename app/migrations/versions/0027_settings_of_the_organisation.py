"""settings of the organisation: texts, languages, time zone, and the number of their version"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

NEW = ("footer", "welcome", "locales", "locale", "timezone", "version")


def upgrade() -> None:
    with op.batch_alter_table("organisation") as organisation:
        organisation.add_column(sa.Column("footer", sa.Text(), server_default=sa.text("''"), nullable=False))
        organisation.add_column(sa.Column("welcome", sa.Text(), server_default=sa.text("''"), nullable=False))
        organisation.add_column(sa.Column("locales", sa.JSON(), server_default="[]", nullable=False))
        organisation.add_column(sa.Column("locale", sa.String(length=5), nullable=True))
        organisation.add_column(sa.Column("timezone", sa.String(length=64), nullable=True))
        organisation.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("organisation") as organisation:
        for name in NEW:
            organisation.drop_column(name)
