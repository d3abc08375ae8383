"""versions of actions"""

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

INSTANT = ideas.base.UTCDateTime(timezone=True)
VERSION = sa.table(
    "version",
    *map(sa.column, ("object_kind", "object_id", "number", "reason", "by_id")),
    sa.column("content", sa.JSON),
    sa.column("at", INSTANT),
)
ACTION = sa.table(
    "action",
    *map(sa.column, ("id", "title", "impact", "owner_id", "abandoned_reason", "version")),
    sa.column("due_on", sa.Date),
    *(sa.column(name, INSTANT) for name in ("published_at", "done_at", "abandoned_at")),
)
ACTIVITY = sa.table(
    "activity",
    *map(sa.column, ("id", "actor_id", "verb", "object_kind", "object_id", "reason")),
    sa.column("at", INSTANT),
)


def upgrade() -> None:
    """What was published is the first version; when it was done, and why it was reopened, is in the activity log."""
    op.add_column("action", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    connection = op.get_bind()
    of_actions = ACTIVITY.c.object_kind == "action"
    ends = ACTIVITY.c.verb.in_(["completed", "restarted", "abandoned"])
    acts: dict[int, list] = {}
    for act in connection.execute(sa.select(ACTIVITY).where(of_actions, ends).order_by(ACTIVITY.c.id)).all():
        acts.setdefault(act.object_id, []).append(act)
    numbers = sa.select(VERSION.c.object_id, sa.func.max(VERSION.c.number)).where(VERSION.c.object_kind == "action")
    kept = dict(connection.execute(numbers.group_by(VERSION.c.object_id)).all())
    for row in connection.execute(sa.select(ACTION).where(ACTION.c.published_at.is_not(None))).all():
        number = kept.get(row.id, 0)  # there are some already where the database was downgraded and is upgraded again
        steps = _steps(row, acts.get(row.id, [])) if not number else _since(connection, row)
        for at, by_id, reason, content in steps:
            number += 1
            values = {"object_kind": "action", "object_id": row.id, "number": number, "reason": reason, "at": at}
            connection.execute(VERSION.insert().values(content=content, by_id=by_id, **values))
        connection.execute(sa.update(ACTION).where(ACTION.c.id == row.id).values(version=number))


def downgrade() -> None:
    """An earlier version knows no notices of changed actions. The versions stay: it reads none of them."""
    op.execute("DELETE FROM message WHERE notice_id IN (SELECT id FROM notice WHERE kind = 'action_changed')")
    for table in ("notice", "notice_preference"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'action_changed'")  # noqa: S608 -- our own names
    op.drop_column("action", "version")


def _steps(row, acts) -> list[tuple]:
    """When the action was published, done, reopened and abandoned: the instant, who, why, and what it said then."""
    done_at = None
    for act in acts:
        if act.at <= row.published_at and act.verb != "abandoned":
            done_at = act.at if act.verb == "completed" else None
    if not acts and row.done_at is not None and row.done_at <= row.published_at:
        done_at = row.done_at
    steps = [(row.published_at, None, "", _content(row, done_at, None))]
    for act in acts:
        if act.at > row.published_at and act.verb != "abandoned":
            done_at = act.at if act.verb == "completed" else None
            steps.append((act.at, act.actor_id, act.reason, _content(row, done_at, None)))
    if (row.done_at is None) != (done_at is None):  # it was done before there was a log
        done_at = row.done_at
        steps.append((row.done_at or row.published_at, None, "", _content(row, done_at, None)))
    if row.abandoned_at is not None:
        by_id = next((act.actor_id for act in reversed(acts) if act.verb == "abandoned"), None)
        steps.append((row.abandoned_at, by_id, row.abandoned_reason, _content(row, done_at, row.abandoned_at)))
    return steps


def _since(connection, row) -> list[tuple]:
    """What became of the action while an earlier version ran: nothing, or how it is now."""
    of_row = (VERSION.c.object_kind == "action") & (VERSION.c.object_id == row.id)
    latest = sa.select(VERSION.c.content).where(of_row).order_by(VERSION.c.number.desc()).limit(1)
    content = _content(row, row.done_at, row.abandoned_at)
    if connection.execute(latest).scalar() == content:
        return []
    return [(row.abandoned_at or row.done_at or row.published_at, None, row.abandoned_reason, content)]


def _content(row, done_at, abandoned_at) -> dict:
    return {
        "title": row.title,
        "impact": row.impact,
        "owner_id": row.owner_id,
        "due_on": row.due_on.isoformat(),
        "done_at": done_at and done_at.isoformat(),
        "abandoned_at": abandoned_at and abandoned_at.isoformat(),
    }
