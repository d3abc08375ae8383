"""moderation: reports, reviews and sanctions; ideas and comments that are withheld, versions that only the team reads"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("object_kind", sa.String(20), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(20), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("span", sa.String(500), nullable=False),
        sa.Column("acted_by_id", sa.Integer(), nullable=True),
        sa.Column("acted_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_review_campaign_id_campaign", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name="fk_review_author_id_person"),
        sa.ForeignKeyConstraint(["assignee_id"], ["person.id"], name="fk_review_assignee_id_person"),
        sa.ForeignKeyConstraint(["acted_by_id"], ["person.id"], name="fk_review_acted_by_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.UniqueConstraint(
            "object_kind", "object_id", "campaign_id", name="uq_review_object_kind_object_id_campaign_id"
        ),
    )
    op.create_index("ix_review_campaign_id_is_open", "review", ["campaign_id", "is_open"])
    op.create_index("ix_review_author_id", "review", ["author_id"])
    op.create_index("ix_review_assignee_id", "review", ["assignee_id"])
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(20), nullable=True),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_report_review_id_review", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reporter_id"], ["person.id"], name="fk_report_reporter_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("review_id", "reporter_id", name="uq_report_review_id_reporter_id"),
    )
    op.create_index("ix_report_reporter_id", "report", ["reporter_id"])
    op.create_table(
        "sanction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("appealed_at", INSTANT, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_sanction_person_id_person", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_sanction_campaign_id_campaign", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["given_by_id"], ["person.id"], name="fk_sanction_given_by_id_person"),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name="fk_sanction_answered_by_id_person"),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["person.id"], name="fk_sanction_lifted_by_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_sanction"),
    )
    op.create_index("ix_sanction_person_id", "sanction", ["person_id"])
    op.create_index("ix_sanction_campaign_id", "sanction", ["campaign_id"])
    # Not as batches, which would copy the tables on SQLite.
    for table in ("idea", "comment"):
        op.add_column(table, sa.Column("withheld", sa.String(20), nullable=True))
        op.add_column(table, sa.Column("withheld_at", INSTANT, nullable=True))
    op.add_column("comment", sa.Column("changed_at", INSTANT, nullable=True))
    op.add_column("organisation", sa.Column("first_post_held", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("organisation", sa.Column("blocked_words", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("version", sa.Column("is_restricted", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """What is withheld is withdrawn: an earlier version of the application must not publish it."""
    for table in ("idea", "comment"):
        rows = sa.table(table, sa.column("withheld"), sa.column("withheld_at"), sa.column("withdrawn_at"))
        op.execute(
            rows.update()
            .where(rows.c.withheld.is_not(None), rows.c.withdrawn_at.is_(None))
            .values(withdrawn_at=rows.c.withheld_at)
        )
    versions = sa.table("version", sa.column("is_restricted"))
    op.execute(versions.delete().where(versions.c.is_restricted))
    op.drop_column("version", "is_restricted")
    op.drop_column("organisation", "blocked_words")
    op.drop_column("organisation", "first_post_held")
    op.drop_column("comment", "changed_at")
    for table in ("comment", "idea"):
        op.drop_column(table, "withheld_at")
        op.drop_column(table, "withheld")
    op.drop_table("sanction")
    op.drop_table("report")
    op.drop_table("review")
