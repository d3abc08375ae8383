"""addresses that mail does not reach"""

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0083"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "undeliverable_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["noted_by_id"], ["person.id"], name="fk_undeliverable_address_noted_by_id_person"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_undeliverable_address_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_undeliverable_address"),
        sa.UniqueConstraint("address", name="uq_undeliverable_address_address"),
    )
    op.create_index("ix_undeliverable_address_person_id", "undeliverable_address", ["person_id"])


def downgrade() -> None:
    op.drop_table("undeliverable_address")
