"""evidence of actions, with files"""

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=500), server_default=sa.text("''"), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.Column("removed_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_evidence_action_id_action", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name="fk_evidence_added_by_id_person"),
        sa.ForeignKeyConstraint(["removed_by_id"], ["person.id"], name="fk_evidence_removed_by_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
    )
    op.create_index("ix_evidence_action_id", "evidence", ["action_id"])
    op.create_index("ix_evidence_added_by_id", "evidence", ["added_by_id"])
    op.create_table(
        "evidence_file",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("small_id", sa.Integer(), nullable=True),
        sa.Column("alternative", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("removed_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name="fk_evidence_file_file_id_file", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name="fk_evidence_file_evidence_id_evidence", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["small_id"], ["file.id"], name="fk_evidence_file_small_id_file"),
        sa.PrimaryKeyConstraint("file_id", name="pk_evidence_file"),
        sa.UniqueConstraint("small_id", name="uq_evidence_file_small_id"),
    )
    op.create_index("ix_evidence_file_evidence_id", "evidence_file", ["evidence_id"])


def downgrade() -> None:
    """An earlier version knows no evidence. Its files are removed: there everyone who reads the campaign would read
    them, also those that were taken off.
    """
    op.drop_table("evidence_file")
    op.drop_table("evidence")
    op.execute("UPDATE file SET removed_at = created_at WHERE purpose = 'evidence' AND removed_at IS NULL")
    op.execute("UPDATE file SET purpose = 'attachment' WHERE purpose = 'evidence'")
