"""answers that a second person approves"""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("answers_reviewed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "answer_approval",
        sa.Column("decision_id", sa.Integer(), sa.ForeignKey("decision.id", name="fk_answer_approval_decision_id_decision", ondelete="CASCADE"), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_answer_approval_approved_by_id_person"), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
    )  # fmt: skip
    op.create_table(
        "answer_proposal",
        sa.Column("theme_id", sa.Integer(), sa.ForeignKey("theme.id", name="fk_answer_proposal_theme_id_theme", ondelete="CASCADE"), primary_key=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_answer_proposal_proposed_by_id_person"), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("answer_proposal")
    op.drop_table("answer_approval")
    op.drop_column("campaign", "answers_reviewed")
