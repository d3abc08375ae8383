"""comments on debriefs: a comment is on an idea or on a published debrief, whose comments may be closed"""

import sqlalchemy as sa
from alembic import op

revision = "0092"
down_revision = "0091"
branch_labels = None
depends_on = None

ON_DEBRIEFS = sa.text("debrief_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("comment") as batch:
        batch.alter_column("idea_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("debrief_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_comment_debrief_id_campaign", "campaign", ["debrief_id"], ["id"], ondelete="CASCADE"
        )
        batch.create_check_constraint(op.f("ck_comment_idea_or_debrief"), "(idea_id IS NULL) <> (debrief_id IS NULL)")
    op.create_index(
        "ix_comment_debrief_id", "comment", ["debrief_id"], sqlite_where=ON_DEBRIEFS, postgresql_where=ON_DEBRIEFS
    )
    op.create_table(
        "closed_talk",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("closed_by_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_closed_talk_campaign_id_campaign", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name="fk_closed_talk_closed_by_id_person"),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_closed_talk"),
    )


def downgrade() -> None:
    """An earlier version takes each comment for one on an idea: those on debriefs, and what points to them, go."""
    op.drop_table("closed_talk")
    gone = "SELECT id FROM comment WHERE debrief_id IS NOT NULL"
    reviews = f"SELECT id FROM review WHERE object_kind = 'comment' AND object_id IN ({gone})"  # noqa: S608 -- our own names
    reports = f"SELECT id FROM report WHERE review_id IN ({reviews})"  # noqa: S608
    objects = {"comment": gone, "review": reviews, "report": reports}
    told = " OR ".join(f"(object_kind = '{kind}' AND object_id IN ({ids}))" for kind, ids in objects.items())
    op.execute(f"DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE {told})")  # noqa: S608
    op.execute(f"DELETE FROM notice WHERE {told}")  # noqa: S608
    op.execute(f"DELETE FROM report WHERE review_id IN ({reviews})")  # noqa: S608
    op.execute(f"DELETE FROM review WHERE object_kind = 'comment' AND object_id IN ({gone})")  # noqa: S608
    op.execute(f"DELETE FROM mention WHERE comment_id IN ({gone})")  # noqa: S608
    op.execute(f"DELETE FROM version WHERE object_kind = 'comment' AND object_id IN ({gone})")  # noqa: S608
    op.execute("UPDATE comment SET reply_to_id = NULL WHERE debrief_id IS NOT NULL")
    op.execute("DELETE FROM comment WHERE debrief_id IS NOT NULL")
    op.drop_index("ix_comment_debrief_id", "comment")
    with op.batch_alter_table("comment") as batch:
        batch.drop_constraint(op.f("ck_comment_idea_or_debrief"), type_="check")
        batch.drop_constraint("fk_comment_debrief_id_campaign", type_="foreignkey")
        batch.drop_column("debrief_id")
        batch.alter_column("idea_id", existing_type=sa.Integer(), nullable=False)
