"""applications of the organisation that tell of answers, and links of theirs that were used"""

import sqlalchemy as sa
from alembic import op

revision = "0095"
down_revision = "0094"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "host",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("origin", sa.String(255), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("secret_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_host"),
        sa.UniqueConstraint("origin", name="uq_host_origin"),
    )
    op.create_table(
        "host_entry",
        sa.Column("nonce", sa.String(43), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="fk_host_entry_host_id_host", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_host_entry_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("nonce", name="pk_host_entry"),
    )
    op.create_index("ix_host_entry_host_id", "host_entry", ["host_id"])
    op.create_index("ix_host_entry_person_id", "host_entry", ["person_id"])


def downgrade() -> None:
    op.drop_table("host_entry")
    op.drop_table("host")
