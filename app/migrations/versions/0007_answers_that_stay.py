"""answers, actions and debriefs keep what was published; what is done of it is computed"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = ideas.base.UTCDateTime(timezone=True)
VERSION = sa.table(
    "version",
    *map(sa.column, ("object_kind", "object_id", "number", "reason", "by_id")),
    sa.column("content", sa.JSON),
    sa.column("at", INSTANT),
)
DECISION = sa.table(
    "decision",
    *map(sa.column, ("id", "theme_id", "status", "reason", "respondent_id", "recorded_by_id", "version")),
    sa.column("decided_on", sa.Date),
    sa.column("published_at", INSTANT),
)
DEBRIEF = sa.table(
    "debrief",
    *map(sa.column, ("campaign_id", "body", "published_by_id", "version")),
    sa.column("updated_at", INSTANT),
    sa.column("published_at", INSTANT),
)


def upgrade() -> None:
    op.add_column("decision", sa.Column("expected_on", sa.Date(), nullable=True))
    op.add_column("decision", sa.Column("published_at", INSTANT, nullable=True))
    op.add_column("decision", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("action") as batch_op:
        batch_op.add_column(sa.Column("published_at", INSTANT, nullable=True))
        batch_op.add_column(sa.Column("abandoned_at", INSTANT, nullable=True))
        batch_op.add_column(sa.Column("abandoned_reason", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.create_check_constraint(op.f("ck_action_done_or_abandoned"), "done_at IS NULL OR abandoned_at IS NULL")
    with op.batch_alter_table("debrief") as batch_op:
        batch_op.add_column(sa.Column("written_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_foreign_key(op.f("fk_debrief_written_by_id_person"), "person", ["written_by_id"], ["id"])
    op.drop_column("campaign", "followed_through_at")
    _publish()
    _keep_versions()


def downgrade() -> None:
    # An earlier version knows no promised answers and no abandoned actions: a theme has no answer again, an action is
    # open again. Restore the back-up where people have used them.
    op.execute(
        "DELETE FROM version WHERE object_kind = 'decision'"
        " AND object_id IN (SELECT id FROM decision WHERE status = 'pending')"
    )
    op.execute("DELETE FROM decision WHERE status = 'pending'")
    op.add_column("campaign", sa.Column("followed_through_at", INSTANT, nullable=True))
    op.execute(
        "UPDATE campaign SET followed_through_at = ("
        " SELECT CASE WHEN max(action.done_at) > campaign.debriefed_at THEN max(action.done_at)"
        " ELSE campaign.debriefed_at END"
        " FROM action JOIN decision ON decision.id = action.decision_id JOIN theme ON theme.id = decision.theme_id"
        " WHERE theme.campaign_id = campaign.id AND theme.retired_at IS NULL"
        " GROUP BY theme.campaign_id HAVING count(*) = count(action.done_at))"
        " WHERE debriefed_at IS NOT NULL"
    )
    with op.batch_alter_table("debrief") as batch_op:
        batch_op.drop_constraint(op.f("fk_debrief_written_by_id_person"), type_="foreignkey")
        batch_op.drop_column("version")
        batch_op.drop_column("written_by_id")
    with op.batch_alter_table("action") as batch_op:
        batch_op.drop_constraint(op.f("ck_action_done_or_abandoned"), type_="check")
        for name in ("abandoned_reason", "abandoned_at", "published_at"):
            batch_op.drop_column(name)
    for name in ("version", "published_at", "expected_on"):
        op.drop_column("decision", name)


def _publish() -> None:
    """Answers of published debriefs are published, also where their theme was merged away later, and their actions.

    One that was changed since is public since that change: what it was before is not known.
    """
    op.execute(
        "UPDATE decision SET published_at = ("
        " SELECT CASE WHEN decision.updated_at > campaign.debriefed_at THEN decision.updated_at"
        " ELSE campaign.debriefed_at END"
        " FROM theme JOIN campaign ON campaign.id = theme.campaign_id"
        " WHERE theme.id = decision.theme_id AND campaign.debriefed_at IS NOT NULL"
        " AND (theme.retired_at IS NULL OR theme.retired_at > campaign.debriefed_at))"
    )
    op.execute(
        "UPDATE action SET published_at = ("
        " SELECT CASE WHEN action.created_at > campaign.debriefed_at THEN action.created_at"
        " ELSE campaign.debriefed_at END"
        " FROM decision JOIN theme ON theme.id = decision.theme_id JOIN campaign ON campaign.id = theme.campaign_id"
        " WHERE decision.id = action.decision_id AND decision.published_at IS NOT NULL)"
    )


def _keep_versions() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(DECISION).where(DECISION.c.published_at.is_not(None))).all():
        content = {
            "status": row.status,
            "reason": row.reason,
            "respondent_id": row.respondent_id,
            "decided_on": row.decided_on.isoformat(),
            "expected_on": None,
            "published": True,
        }
        number = _keep(connection, "decision", row.id, content, at=row.published_at, by_id=row.recorded_by_id)
        connection.execute(sa.update(DECISION).where(DECISION.c.id == row.id).values(version=number))
    for row in connection.execute(sa.select(DEBRIEF).where(DEBRIEF.c.published_at.is_not(None))).all():
        at = max(row.published_at, row.updated_at)
        number = _keep(connection, "debrief", row.campaign_id, {"body": row.body}, at=at, by_id=row.published_by_id)
        connection.execute(sa.update(DEBRIEF).where(DEBRIEF.c.campaign_id == row.campaign_id).values(version=number))


def _keep(connection, kind, object_id, content, *, at, by_id) -> int:
    """Keep the content as the latest version, unless it is, and return its number.

    There are versions already where the database was downgraded and is upgraded again.
    """
    latest = connection.execute(
        sa.select(VERSION.c.number, VERSION.c.content)
        .where(VERSION.c.object_kind == kind, VERSION.c.object_id == object_id)
        .order_by(VERSION.c.number.desc())
        .limit(1)
    ).first()
    if latest is not None and latest.content == content:
        return latest.number
    number = latest.number + 1 if latest is not None else 1
    values = {"object_kind": kind, "object_id": object_id, "number": number, "reason": "", "at": at, "by_id": by_id}
    connection.execute(VERSION.insert().values(content=content, **values))
    return number
