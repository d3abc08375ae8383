"""invitations to campaigns: to an address or by a link; mails to people who may have no account"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("role", sa.String(20), nullable=True),
        sa.Column("role_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("role_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locale", sa.String(5), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("times_sent", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_invitation_campaign_id_campaign", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name="fk_invitation_created_by_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("campaign_id", "email", name="uq_invitation_campaign_id_email"),
    )
    op.create_index("ix_invitation_campaign_id", "invitation", ["campaign_id"])
    op.create_table(
        "invitation_use",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name="fk_invitation_use_invitation_id_invitation", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_invitation_use_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("invitation_id", "person_id", name="pk_invitation_use"),
    )
    op.create_index("ix_invitation_use_person_id", "invitation_use", ["person_id"])
    op.create_table(
        "unwanted_invitation",
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name="pk_unwanted_invitation"),
    )
    with op.batch_alter_table("message") as batch:
        batch.alter_column("person_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("invitation_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_message_invitation_id_invitation", "invitation", ["invitation_id"], ["id"], ondelete="CASCADE"
        )
    op.create_index("ix_message_invitation_id", "message", ["invitation_id"])


def downgrade() -> None:
    op.execute("DELETE FROM message WHERE invitation_id IS NOT NULL")
    op.drop_index("ix_message_invitation_id", "message")
    with op.batch_alter_table("message") as batch:
        batch.drop_constraint("fk_message_invitation_id_invitation", type_="foreignkey")
        batch.drop_column("invitation_id")
        batch.alter_column("person_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("unwanted_invitation")
    op.drop_table("invitation_use")
    op.drop_table("invitation")
