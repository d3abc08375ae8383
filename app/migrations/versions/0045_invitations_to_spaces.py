"""invitations to spaces: an invitation leads to a campaign or to a space"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("invitation") as batch:
        batch.alter_column("campaign_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("space_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_invitation_space_id_space", "space", ["space_id"], ["id"], ondelete="CASCADE")
        batch.create_unique_constraint("uq_invitation_space_id_email", ["space_id", "email"])
        batch.create_check_constraint(
            op.f("ck_invitation_campaign_or_space"), "(campaign_id IS NULL) <> (space_id IS NULL)"
        )
    op.create_index("ix_invitation_space_id", "invitation", ["space_id"])


def downgrade() -> None:
    # An older application takes each invitation for one to a campaign.
    op.execute("DELETE FROM message WHERE invitation_id IN (SELECT id FROM invitation WHERE space_id IS NOT NULL)")
    op.execute(
        "DELETE FROM invitation_use WHERE invitation_id IN (SELECT id FROM invitation WHERE space_id IS NOT NULL)"
    )
    op.execute("DELETE FROM invitation WHERE space_id IS NOT NULL")
    op.drop_index("ix_invitation_space_id", "invitation")
    with op.batch_alter_table("invitation") as batch:
        batch.drop_constraint(op.f("ck_invitation_campaign_or_space"), type_="check")
        batch.drop_constraint("uq_invitation_space_id_email", type_="unique")
        batch.drop_constraint("fk_invitation_space_id_space", type_="foreignkey")
        batch.drop_column("space_id")
        batch.alter_column("campaign_id", existing_type=sa.Integer(), nullable=False)
