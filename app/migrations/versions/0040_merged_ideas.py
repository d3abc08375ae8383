"""merged ideas: which idea counts in which other one, who merged or proposed it, and how it ended"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0038"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
MERGED = sa.text("merged_into_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "idea_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("by_consent", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_idea_merge_campaign_id_campaign", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name="fk_idea_merge_idea_id_idea", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["into_id"], ["idea.id"], name="fk_idea_merge_into_id_idea", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name="fk_idea_merge_made_by_id_person"),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name="fk_idea_merge_changed_by_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_idea_merge"),
    )
    op.create_index("ix_idea_merge_campaign_id", "idea_merge", ["campaign_id"])
    op.create_index("ix_idea_merge_idea_id_state", "idea_merge", ["idea_id", "state"])
    op.create_index("ix_idea_merge_into_id_state", "idea_merge", ["into_id", "state"])
    # Not as a batch, which would copy the table on SQLite; in words, since Alembic adds no constraint there.
    op.execute(
        "ALTER TABLE idea ADD COLUMN merged_into_id INTEGER CONSTRAINT fk_idea_merged_into_id_idea REFERENCES idea (id)"
    )
    op.add_column("idea", sa.Column("merged_at", INSTANT, nullable=True))
    op.create_index("ix_idea_merged_into_id", "idea", ["merged_into_id"], sqlite_where=MERGED, postgresql_where=MERGED)


def downgrade() -> None:
    """Merged ideas stand alone again: nothing of theirs was moved. An earlier version knows no such notices."""
    new = "('idea_merged', 'moderation_waiting')"
    op.execute(f"DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind IN {new})")  # noqa: S608 -- our own names
    for table in ("notice", "notice_preference"):
        op.execute(f"DELETE FROM {table} WHERE kind IN {new}")  # noqa: S608 -- our own names
    op.drop_index("ix_idea_merged_into_id", "idea")
    op.drop_column("idea", "merged_at")
    op.drop_column("idea", "merged_into_id")
    op.drop_table("idea_merge")
