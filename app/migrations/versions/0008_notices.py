"""notices and their preferences; mail whose text is made when it is sent; no more jobs that write to contributors

A debrief whose people were not told yet, because the job for it waited, ran or failed, is recorded as published in the
activity log: from there they are told as of any debrief. A mail that the job wrote already is not written again.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KIND = "notify_contributors"
NO_HASH = "0" * 64

MOMENT = ideas.base.UTCDateTime(timezone=True)
activity = sa.table(
    "activity",
    sa.column("id"),
    sa.column("at", MOMENT),
    *(sa.column(name) for name in ("actor_id", "verb", "object_kind", "object_id", "campaign_id", "reason", "hash")),
)
cursor = sa.table("activity_cursor", sa.column("reader"), sa.column("activity_id"))
debrief = sa.table("debrief", sa.column("campaign_id"), sa.column("published_at", MOMENT), sa.column("published_by_id"))
job = sa.table(
    "job",
    *(sa.column(name) for name in ("kind", "campaign_id", "key", "status", "attempts", "fence", "stage", "progress")),
    sa.column("error"),
    sa.column("created_at", MOMENT),
)


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("object_kind", sa.String(30), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("not_before", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("key", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_notice_activity_id_activity")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_notice_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_index("ix_notice_person_id_read_at", "notice", ["person_id", "read_at"])
    op.create_index("ix_notice_activity_id", "notice", ["activity_id"])
    op.create_index("ix_notice_campaign_id", "notice", ["campaign_id"])
    op.create_table(
        "notice_preference",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notice_preference_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_notice_preference")),
    )
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column("notice_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("html", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.create_foreign_key(
            batch_op.f("fk_message_notice_id_notice"), "notice", ["notice_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_index("ix_message_notice_id", ["notice_id"])
    _record_untold_debriefs()
    op.execute(job.delete().where(job.c.kind == KIND))


def downgrade() -> None:
    # A mail without text can't be sent by the version before: its people are written to by the job below.
    op.execute(sa.text("DELETE FROM message WHERE body = '' AND notice_id IS NOT NULL"))
    _queue_untold_debriefs()
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_index("ix_message_notice_id")
        batch_op.drop_constraint(batch_op.f("fk_message_notice_id_notice"), type_="foreignkey")
        batch_op.drop_column("html")
        batch_op.drop_column("notice_id")
    op.drop_table("notice_preference")
    op.drop_table("notice")
    op.execute(cursor.delete().where(cursor.c.reader == "notices"))


def _record_untold_debriefs() -> None:
    """Record the publication of each debrief whose job has not told its people."""
    connection = op.get_bind()
    campaigns = sa.select(job.c.campaign_id).where(job.c.kind == KIND)
    untold = connection.execute(
        sa.select(debrief.c.campaign_id, debrief.c.published_at, debrief.c.published_by_id)
        .where(
            debrief.c.published_at.is_not(None),
            debrief.c.campaign_id.in_(campaigns.where(job.c.status.in_(("queued", "running", "failed")))),
            debrief.c.campaign_id.not_in(campaigns.where(job.c.status == "done")),
        )
        .order_by(debrief.c.campaign_id)
    ).all()
    before = connection.scalar(sa.select(activity.c.hash).order_by(activity.c.id.desc()).limit(1)) or NO_HASH
    for campaign_id, published_at, published_by_id in untold:
        before = _hash(before, campaign_id, published_at, published_by_id)
        connection.execute(
            activity.insert().values(
                at=published_at,
                actor_id=published_by_id,
                verb="published",
                object_kind="debrief",
                object_id=campaign_id,
                campaign_id=campaign_id,
                reason="",
                hash=before,
            )
        )


def _hash(before: str, campaign_id: int, at: datetime, actor_id: int | None) -> str:
    """The hash of a row of the log, as the log computes it."""
    facts: list[Any] = [before, at.isoformat(timespec="microseconds"), actor_id, "published", "debrief"]
    facts += [campaign_id, campaign_id, "", None, None]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _queue_untold_debriefs() -> None:
    """Queue the job of each debrief that the reader of the log has not come to yet."""
    connection = op.get_bind()
    read = connection.scalar(sa.select(cursor.c.activity_id).where(cursor.c.reader == "notices")) or 0
    untold = sa.select(activity.c.campaign_id, activity.c.at).where(
        activity.c.id > read, activity.c.object_kind == "debrief", activity.c.verb == "published"
    )
    for campaign_id, at in connection.execute(untold.order_by(activity.c.id)).all():
        connection.execute(
            job.insert().values(
                kind=KIND,
                campaign_id=campaign_id,
                key=f"{KIND}:{campaign_id}",
                status="queued",
                created_at=at,
                attempts=0,
                fence=0,
                stage="",
                progress=0.0,
                error="",
            )
        )
