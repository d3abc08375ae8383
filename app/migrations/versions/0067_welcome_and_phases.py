"""members who welcome newcomers; phases of campaigns"""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("phases", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("person", sa.Column("welcomes", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "buddy",
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_buddy_person_id_person", ondelete="CASCADE"), primary_key=True),
        sa.Column("buddy_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_buddy_buddy_id_person", ondelete="CASCADE"), nullable=False),
        sa.Column("idea_id", sa.Integer(), sa.ForeignKey("idea.id", name="fk_buddy_idea_id_idea", ondelete="CASCADE"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )  # fmt: skip
    op.create_index("ix_buddy_buddy_id", "buddy", ["buddy_id"])
    op.create_index("ix_buddy_idea_id", "buddy", ["idea_id"])


def downgrade() -> None:
    op.execute("DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind = 'buddy')")
    op.execute("DELETE FROM notice WHERE kind = 'buddy'")
    op.execute("DELETE FROM notice_preference WHERE kind = 'buddy'")
    op.drop_table("buddy")
    op.drop_column("person", "welcomes")
    op.drop_column("campaign", "phases")
