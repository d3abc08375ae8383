"""identities apart from people, and campaign authors"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(254), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", ideas.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_identity_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_identity_kind_subject")),
    )
    op.create_index("ix_identity_person_id", "identity", ["person_id"])
    op.execute(
        "INSERT INTO identity (person_id, kind, subject, secret, created_at)"
        " SELECT id, 'password', email, password_hash, created_at FROM person ORDER BY id"
    )
    op.drop_column("person", "password_hash")
    op.add_column("person", sa.Column("may_open_campaigns", sa.Boolean(), server_default=sa.false(), nullable=False))
    # Whoever has opened a campaign could do so without asking.
    op.execute("UPDATE person SET may_open_campaigns = true WHERE id IN (SELECT owner_id FROM campaign)")


def downgrade() -> None:
    op.drop_column("person", "may_open_campaigns")
    # Without a password nobody gets in: "-" is the hash of none.
    op.add_column("person", sa.Column("password_hash", sa.Text(), server_default="-", nullable=False))
    op.execute(
        "UPDATE person SET password_hash = identity.secret FROM identity"
        " WHERE identity.person_id = person.id AND identity.kind = 'password'"
    )
    with op.batch_alter_table("person") as batch_op:
        batch_op.alter_column("password_hash", server_default=None)
    op.drop_table("identity")
