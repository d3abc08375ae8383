"""replies to comments, questions to the team of a campaign, mentions, and comments of the month"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
REPLIES = sa.text("reply_to_id IS NOT NULL")
QUESTIONS = sa.text("is_question")
NEW_KINDS = "('comment_reply', 'question_asked', 'mentioned', 'comment_pinned')"


def upgrade() -> None:
    # Not as a batch, which would copy the table on SQLite; in words, since Alembic adds no constraint there.
    op.execute(
        "ALTER TABLE comment ADD COLUMN reply_to_id INTEGER CONSTRAINT fk_comment_reply_to_id_comment"
        " REFERENCES comment (id)"
    )
    op.add_column("comment", sa.Column("is_question", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("comment", sa.Column("by_team", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_comment_reply_to_id", "comment", ["reply_to_id"], sqlite_where=REPLIES, postgresql_where=REPLIES
    )
    op.create_index(
        "ix_comment_is_question", "comment", ["idea_id"], sqlite_where=QUESTIONS, postgresql_where=QUESTIONS
    )
    op.create_table(
        "mention",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name="fk_mention_comment_id_comment", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_mention_person_id_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("comment_id", "person_id", name="pk_mention"),
    )
    op.create_index("ix_mention_person_id", "mention", ["person_id"])
    op.create_table(
        "pinned_comment",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("pinned_by_id", sa.Integer(), nullable=False),
        sa.Column("pinned_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_pinned_comment_campaign_id_campaign", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name="fk_pinned_comment_comment_id_comment", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["pinned_by_id"], ["person.id"], name="fk_pinned_comment_pinned_by_id_person"),
        sa.PrimaryKeyConstraint("campaign_id", "month", name="pk_pinned_comment"),
    )
    op.create_index("ix_pinned_comment_comment_id", "pinned_comment", ["comment_id"])


def downgrade() -> None:
    """Replies stand as comments. An earlier version knows no such notices."""
    op.execute(f"DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind IN {NEW_KINDS})")  # noqa: S608 -- our own names
    for table in ("notice", "notice_preference"):
        op.execute(f"DELETE FROM {table} WHERE kind IN {NEW_KINDS}")  # noqa: S608 -- our own names
    op.drop_index("ix_pinned_comment_comment_id", "pinned_comment")
    op.drop_table("pinned_comment")
    op.drop_index("ix_mention_person_id", "mention")
    op.drop_table("mention")
    op.drop_index("ix_comment_is_question", "comment")
    op.drop_index("ix_comment_reply_to_id", "comment")
    # By a batch: a later change of the table has written the foreign key beside the columns, where SQLite drops none.
    with op.batch_alter_table("comment") as batch:
        for name in ("by_team", "is_question", "reply_to_id"):
            batch.drop_column(name)
