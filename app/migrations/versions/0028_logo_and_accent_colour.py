"""the logo of the organisation, and its accent colour in both appearances"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisation") as organisation:
        organisation.add_column(sa.Column("logo_id", sa.Integer(), nullable=True))
        organisation.add_column(sa.Column("accent", sa.String(length=7), nullable=True))
        organisation.add_column(sa.Column("accent_dark", sa.String(length=7), nullable=True))
        organisation.create_foreign_key(op.f("fk_organisation_logo_id_file"), "file", ["logo_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("organisation") as organisation:
        organisation.drop_constraint(op.f("fk_organisation_logo_id_file"), type_="foreignkey")
        organisation.drop_column("accent_dark")
        organisation.drop_column("accent")
        organisation.drop_column("logo_id")
    # Earlier versions know no such file: its bytes are swept a day later.
    op.execute("DELETE FROM file WHERE purpose = 'logo'")
